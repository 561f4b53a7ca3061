"""One activity to known clusters, with a probability each and one for none of these.

`activity` what one source reports at one time, the unit that is compared · `known` the activities of a case ·
`engine` what an engine gives · `reports`, `indicators` and `exact` the engines · `open_set` log-odds to probabilities ·
`shipped` the fitted models · `fitted` all of them as one file · `citations` what each observation changes ·
`imitation` whether what is known of the first could have been planted · `attributor` all of it as one answer ·
`pairs` two reports that share software.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from consilience.attribute.activity import Activity
from consilience.attribute.attributor import Attributor, CalibratedEngine
from consilience.attribute.exact import ExactEngine, exact_probabilities
from consilience.attribute.fitted import Models, models_from, shipped_models
from consilience.attribute.indicators.loading import Cache, engine_from
from consilience.attribute.indicators.open_set import two_stage_probabilities
from consilience.attribute.known import known_activities, query_activity, tool_activities
from consilience.attribute.open_set import softmax_probabilities
from consilience.attribute.reports import prepare as prepare_reports
from consilience.model.names import resolved_names
from consilience.model.snapshot import Snapshot
from consilience.vocab import Vocabulary
from consilience.weigh.commonplace import commonplace


def attributor(
    snapshot: Snapshot, vocabulary: Vocabulary, among: str, models: Models | None = None, cache: Cache | None = None
) -> Attributor:
    """The attributor over the subjects of a type, prepared once for everything a snapshot knows of them.

    It answers with the shipped models where no others are given, and starts sooner where a cache knows the case.
    """
    known = known_activities(snapshot, vocabulary, among)
    tools = tool_activities(snapshot, vocabulary)
    return attributor_over(known, tools, resolved_names(snapshot.observations), vocabulary, models, cache)


def attributor_over(
    known: Sequence[Activity],
    tools: Sequence[Activity],
    names: Mapping[str, str],
    vocabulary: Vocabulary,
    models: Models | None = None,
    cache: Cache | None = None,
) -> Attributor:
    """The attributor over these activities of known subjects, and of tools; `names` resolves numbers of tools."""
    models = models or shipped_models()
    reports = prepare_reports(known, tools, models.reports, names)
    indicators = engine_from(known, vocabulary, models.indicators, cache)
    exact = ExactEngine.of(known, vocabulary)
    return Attributor(
        [
            CalibratedEngine(reports, partial(softmax_probabilities, rule=reports.model.open_set)),
            CalibratedEngine(indicators, partial(two_stage_probabilities, rule=indicators.model.open_set)),
            CalibratedEngine(exact, exact_probabilities),
        ],
        exact.holders,
        partial(commonplace, vocabulary=vocabulary),
    )


__all__ = [
    "Attributor",
    "CalibratedEngine",
    "Models",
    "attributor",
    "attributor_over",
    "known_activities",
    "models_from",
    "query_activity",
    "shipped_models",
    "tool_activities",
]
