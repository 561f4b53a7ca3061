"""The arithmetic that comparisons of facts share: rates to vectors, grades to floors, gaps to decay, caps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consilience.model.observation import Observation
from consilience.model.when import Span
from consilience.vocab import Kind, Vocabulary
from consilience.weigh import formula
from consilience.weigh.dossier import Dossier
from consilience.weigh.facts import Fact
from consilience.weigh.origins import GRADES


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the rates of a kind meet in one comparison; see `vector`."""

    share: float
    floor: float
    supply_floor: float
    ramp: float = 1.0
    kept: float = 1.0
    rented_gap: bool = False
    cap_operator: int | None = None


def vector(kind: Kind, rates: Sequence[float], terms: Terms, vocabulary: Vocabulary) -> tuple[float, ...]:
    """The decibans of an agreement for each slot, ramped, decayed and capped.

    `kept` multiplies every rate (decay with time). With a gap on rented things *same operator* decays a second time,
    though not below *coordinated*: the next tenant may be a partner or a common service.
    """
    place = vocabulary.place
    decayed = [rate * terms.ramp * terms.kept for rate in rates]
    if terms.rented_gap:
        same, together = place["operator", "same"], place["operator", "coordinated"]
        decayed[same] = max(decayed[same] * terms.kept, min(decayed[same], decayed[together]))
    supply = range(*vocabulary.ranges["supply"])
    weights = [
        formula.agreement(rate, terms.share, terms.supply_floor if index in supply else terms.floor)
        for index, rate in enumerate(decayed)
    ]
    return capped(weights, kind, vocabulary, terms.cap_operator)


def capped(
    weights: list[float], kind: Kind, vocabulary: Vocabulary, cap_operator: int | None = None
) -> tuple[float, ...]:
    """The weights under the caps of their kind, each axis for itself."""
    shrink = formula.scaled if vocabulary.counting["item_cap"] == "scale" else formula.clipped
    for axis, (start, stop) in vocabulary.ranges.items():
        cap = kind.cap_other if axis != "operator" else kind.cap_operator if cap_operator is None else cap_operator
        weights[start:stop] = shrink(weights[start:stop], cap / 1000)
    return tuple(weights)


def worst_grade(dossier: Dossier, *sides: Iterable[Observation]) -> str:
    """The larger risk of the two sides: of the best grade on each, the worse."""
    return max((dossier.origins.best_grade(side) for side in sides), key=GRADES.index)


def floors(kind: Kind, dossier: Dossier, grade: str, public: bool = False, voided: bool = False) -> tuple[float, float]:
    """The floor on all axes but supply, and the one on supply, which a published value does not raise."""
    rules = dossier.vocabulary.counting
    source = rules["grades"]["floors"][grade]
    if voided:
        return (rules["voided"]["floor"],) * 2
    return max(kind.floor_public if public else kind.floor, source), max(kind.floor, source)


def common_origin(dossier: Dossier, left: Iterable[Observation], right: Iterable[Observation]) -> str:
    """The origin an agreement falls to: of the first to state each side, one that states both, else the two together.

    Who states both sides later than two others only compiles them: the two stay apart.
    """
    first, second = (dossier.origins.first(rows) for rows in (left, right))
    if first[0] in second:
        return first[0]
    return second[0] if second[0] in first else " + ".join(sorted((first[0], second[0])))


def gap_days(left: Fact, right: Fact) -> int | None:
    """Days between the nearest showings of the two sides; None when a side states no date."""
    return _gap(left.spans(), right.spans())


def _gap(left: Sequence[Span], right: Sequence[Span]) -> int | None:
    if not left or not right:
        return None
    return min(first.gap(second) for first in left for second in right)


def negative_vector(rates: Sequence[float], coverage: float, vocabulary: Vocabulary) -> tuple[float, ...]:
    """The decibans of having looked with this coverage and not found, for each slot."""
    lowest = vocabulary.counting["negatives"]["floor"]
    return tuple(formula.stated_negative(rate, coverage, lowest) if rate else 0.0 for rate in rates)


def coverage(scope: str, vocabulary: Vocabulary) -> float:
    """How much of what there was to see a stated scope covers."""
    levels = vocabulary.counting["negatives"]["coverage"]
    words = scope.casefold()
    if not words:
        return float(levels["none"])
    exhaustive = "exhaustive" in words or "all known" in words
    return float(levels["all"] if exhaustive else levels["named"])
