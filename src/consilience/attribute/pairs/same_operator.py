"""Two reports that share software: the same operator, or a shared tool."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consilience.attribute.activity import Activity
from consilience.attribute.engine import Reason
from consilience.attribute.pairs.comparison import comparison_of
from consilience.attribute.pairs.items import ITEMS, findings
from consilience.attribute.pairs.model import LEAST_TO_SAY, PairModel, Weights
from consilience.attribute.pairs.reports import SOFTWARE, Reports, reports_of, values_of
from consilience.model.names import family
from consilience.model.observation import Observation
from consilience.model.subject import TOOL_TYPES
from consilience.model.units import DECIBANS

PLACES = 6


@dataclass(frozen=True, slots=True)
class SameOperatorAnswer:
    """How likely two reports that share software are of one operator; the weights of the reasons sum to the odds.

    `reasons` begin with the baseline, what a pair that shares software weighs before anything is known of it; the
    others follow, strongest first. Below `LEAST_TO_SAY` the answer is not *same operator*, whatever it is.
    """

    probability: float
    reasons: tuple[Reason, ...]

    @property
    def same(self) -> bool:
        """Whether *same operator* may be said."""
        return self.probability >= LEAST_TO_SAY


@dataclass(frozen=True, slots=True)
class ReportPairs:
    """Reports, prepared to be asked about pairs; see `prepare`."""

    reports: Reports
    model: PairModel
    techniques: Mapping[str, frozenset[str]]

    def same_operator(self, a: Activity, b: Activity) -> SameOperatorAnswer:
        """How likely two reports are of one operator, given that they share software.

        Other reports count as third parties unless they are of a subject or a document of the pair. Where both
        sides name no subject, the operator may be among the third parties, and the weights for that case are used.

        Raises:
            ValueError: the two share no software, which is another question.
        """
        if not any(kind == SOFTWARE for kind, _ in values_of(a) & values_of(b)):
            raise ValueError(f"{a.origin} and {b.origin} share no software; the model knows pairs that do")
        found = findings(comparison_of(self.reports, a, b, self.techniques))
        weights = self.weights(a, b)
        values = [each.value for each in found]
        reasons = [
            Reason(name, each.values, term * DECIBANS, each.why)
            for (name, _, _), each, term in zip(ITEMS, found, weights.terms(values), strict=True)
        ]
        reasons.sort(key=lambda reason: (-abs(reason.weight), reason.kind))
        start = Reason("baseline", (), weights.baseline * DECIBANS, "what two reports that share software weigh alone")
        return SameOperatorAnswer(_probability(weights.log_odds(values)), (start, *reasons))

    def weights(self, a: Activity, b: Activity) -> Weights:
        """The weights for a pair: those of known operators where neither side names a subject."""
        return self.model.apart if a.subject or b.subject else self.model.known


def prepare(
    activities: Iterable[Activity], model: PairModel, techniques: Mapping[str, frozenset[str]] | None = None
) -> ReportPairs:
    """The reports of clusters (not of tools), ready to be asked about pairs.

    `techniques` are those of each family, whoever uses it (see `techniques_of_tools`): what the shared software
    accounts for is not a second agreement.
    """
    return ReportPairs(reports_of(activities), model, techniques or {})


def techniques_of_tools(observations: Iterable[Observation]) -> dict[str, frozenset[str]]:
    """The techniques of each family by its plain name, from what is said of malware and tools themselves."""
    found: dict[str, set[str]] = {}
    for seen in observations:
        if seen.present and seen.subject.type in TOOL_TYPES and seen.trait.kind == "attack-pattern":
            found.setdefault(family(seen.subject.name), set()).add(seen.trait.value)
    return {name: frozenset(values) for name, values in sorted(found.items())}


def _probability(log_odds: float) -> float:
    return round(1 / (1 + math.exp(-max(-500.0, min(500.0, log_odds)))), PLACES)
