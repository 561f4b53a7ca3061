"""Which observations of a query are cited for a subject, and what each of them changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from consilience.attribute.known import QueryActivity
from consilience.model.arrays import Floats
from consilience.model.attribution import Ranked, Reason, RunnerUp
from consilience.model.units import DECIBANS

Holders = Mapping[tuple[str, str], frozenset[str]]
_MANY = 10**9


@dataclass(frozen=True, slots=True)
class Removal:
    """An observation of a query, and by how much the log-odds of the first subjects fall without it.

    `change` is in natural logarithms and in the order of the ranking.
    """

    kind: str
    value: str
    traits: frozenset[tuple[str, str]]
    change: Floats


def citations(query: QueryActivity, best: str, holders: Holders, most: int) -> list[int]:
    """The places of the observations worth citing: what the best subject shows, the rarest first, then the others."""
    ranked = sorted(
        range(len(query.observed)), key=lambda place: (_order(query.observed[place][2], best, holders), place)
    )
    return ranked[:most]


def _order(traits: frozenset[tuple[str, str]], best: str, holders: Holders) -> tuple[bool, int]:
    shown = [holders[trait] for trait in traits if trait in holders]
    own = [len(each) for each in shown if best in each]
    return (not own, min(own or map(len, shown), default=_MANY))


def cited_reasons(removed: Sequence[Removal], rank: int, subject: str, holders: Holders) -> tuple[Reason, ...]:
    """The cited observations for one subject, those that change its weight most first."""
    found = [_reason(each, float(each.change[rank]), subject, holders) for each in removed]
    return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.kind, reason.values)))


def _reason(each: Removal, change: float, subject: str, holders: Holders) -> Reason:
    shown = [holders[trait] for trait in sorted(each.traits) if trait in holders]
    rarest = min(shown, key=len, default=frozenset())
    others = len(rarest - {subject})
    if not rarest:
        why = "no known subject shows it itself"
    elif subject in rarest:
        shared = (
            "and no other known subject does"
            if not others
            else "as does 1 other"
            if others == 1
            else f"as do {others} others"
        )
        why = f"{subject} shows it, {shared}"
    else:
        why = f"{subject} is not known to show it; {'1 other does' if others == 1 else f'{others} others do'}"
    return Reason(each.kind, (each.value,), change * DECIBANS, why)


def runner_up(ranking: Sequence[Ranked], removed: Sequence[Removal], holders: Holders) -> RunnerUp | None:
    """The second of a ranking, and the cited observation without which it would be nearest to the first."""
    if len(ranking) < 2:
        return None
    first, second = ranking[:2]
    separates = None
    if removed:
        gaps = [float(each.change[0] - each.change[1]) for each in removed]
        place = int(np.argmax(gaps))
        if gaps[place] > 0:
            separates = _reason(removed[place], gaps[place], first.subject, holders)
    return RunnerUp(second.subject, second.probability, first.weight - second.weight, separates)
