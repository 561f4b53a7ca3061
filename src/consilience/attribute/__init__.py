"""One activity to known clusters, with a probability each and one for none of these.

`activity` what one source reports at one time, the unit that is compared · `known` the activities of a case ·
`engine` what an engine gives · `reports` and `indicators` the engines · `open_set` log-odds to probabilities ·
`shipped` the fitted models · `attributor` all of it as one answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consilience.attribute.activity import Activity
from consilience.attribute.attributor import Attributor, Rater
from consilience.attribute.known import asked, known_activities, tool_activities
from consilience.attribute.reports import prepare as prepare_reports
from consilience.attribute.shipped import reports_model
from consilience.model.names import resolved_names
from consilience.model.snapshot import Snapshot
from consilience.vocab import Vocabulary


def attributor(snapshot: Snapshot, vocabulary: Vocabulary, among: str) -> Attributor:
    """The attributor over the subjects of a type, prepared once for everything a snapshot knows of them."""
    known = known_activities(snapshot, vocabulary, among)
    return attributor_over(known, tool_activities(snapshot, vocabulary), resolved_names(snapshot.observations))


def attributor_over(known: Sequence[Activity], tools: Sequence[Activity], names: Mapping[str, str]) -> Attributor:
    """The attributor over these activities of known subjects, and of tools; `names` resolves numbers of tools."""
    model = reports_model()
    return Attributor([Rater(prepare_reports(known, tools, model, names), model.open_set)])


__all__ = [
    "Attributor",
    "Rater",
    "asked",
    "attributor",
    "attributor_over",
    "known_activities",
    "tool_activities",
]
