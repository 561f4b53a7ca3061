"""One activity to known clusters, with a probability each and one for none of these.

`activity` what one source reports at one time, the unit that is compared · `known` the activities of a case ·
`engine` what an engine gives · `reports` and `indicators` the engines · `open_set` log-odds to probabilities ·
`shipped` the fitted models · `attributor` all of it as one answer.
"""

from __future__ import annotations

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
    names = resolved_names(snapshot.observations)
    model = reports_model()
    reports = prepare_reports(known, tool_activities(snapshot, vocabulary), model, names)
    return Attributor([Rater(reports, model.open_set)])


__all__ = ["Attributor", "Rater", "asked", "attributor", "known_activities", "tool_activities"]
