"""Two subjects, a position on each axis, and a level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from consilience.model.evidence import Evidence

UNDETERMINED = "undetermined"
SAME_PROBABILITY = 0.005


def leading_of(probabilities: Mapping[str, float]) -> str:
    """The most probable hypothesis, the first of equals."""
    return max(probabilities, key=lambda hypothesis: probabilities[hypothesis])


def unmoved(probabilities: Mapping[str, float], prior: Mapping[str, float]) -> bool:
    """Whether the most probable hypothesis is as probable as before the evidence, to half a per cent."""
    leading = leading_of(probabilities)
    return abs(probabilities[leading] - prior.get(leading, 0.0)) < SAME_PROBABILITY


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisView:
    """Where a pair stands on one axis.

    `position` is a hypothesis or *undetermined*; `probabilities` sum to 1; `totals` and `prior` are the counted
    millidecibans and the prior probability of each hypothesis; `because` names the rule that gave the position.
    """

    axis: str
    position: str
    probabilities: Mapping[str, float]
    prior: Mapping[str, float]
    totals: Mapping[str, int]
    because: str

    @property
    def leading(self) -> str:
        """The most probable hypothesis, the vocabulary's order deciding ties."""
        return leading_of(self.probabilities)

    @property
    def settled(self) -> bool:
        """True when the axis has a position."""
        return self.position != UNDETERMINED

    @property
    def untouched(self) -> bool:
        """True when the evidence left the most probable hypothesis where it was before, to a per cent."""
        return unmoved(self.probabilities, self.prior)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Two subjects, a position on each axis, a level with the axis that carries it, and the evidence."""

    a: str
    b: str
    as_of: str
    axes: Mapping[str, AxisView]
    level: str
    level_because: str
    carried_by: str
    evidence: tuple[Evidence, ...]

    def axis(self, name: str) -> AxisView:
        """The view of one axis."""
        return self.axes[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The judgement of a named analyst on a pair, kept beside that of the program and never in its place."""

    a: str
    b: str
    level: str
    because: str
    by: str
    recorded: str
    id: str


def judgement_records(judgements: Iterable[Judgement]) -> list[dict[str, str]]:
    """Judgements, oldest first, as JSON; `superseded_by` is the next one of the same analyst on the same pair."""
    records = [{**asdict(judgement), "superseded_by": ""} for judgement in judgements]
    newest: dict[tuple[str, str, str], dict[str, str]] = {}
    for record in records:
        first, second = sorted((record["a"], record["b"]))
        whose = (record["by"].casefold(), first, second)
        if whose in newest:
            newest[whose]["superseded_by"] = record["id"]
        newest[whose] = record
    return records
