"""The same fact must not vote twice: discounts within groups, budgets and caps, in decibans.

Order of the steps: trait groups, the budget of cheap traits, the cap of an origin; testimony by its own rules. Where
a sum exceeds its cap the whole vector is scaled, which keeps what separates the hypotheses; clipping would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consilience.vocab import Vocabulary
from consilience.weigh.item import CLAIM, CONTRAST, NEGATIVE, Item


def shares(items: Sequence[Item], vocabulary: Vocabulary) -> list[list[float]]:
    """What each item adds to each slot after everything that depends on each other was discounted, in decibans."""
    counted = [[0.0] * len(vocabulary.slots) for _ in items]
    facts = [place for place, item in enumerate(items) if item.sign != CLAIM]
    claims = [place for place, item in enumerate(items) if item.sign == CLAIM]
    for axis, slots in vocabulary.ranges.items():
        _discount_groups(items, facts, slots, counted, vocabulary.counting["groups"]["decay"])
        cheap = [place for place in facts if items[place].forging == "cheap" and items[place].sign != NEGATIVE]
        _limit(counted, cheap, slots, vocabulary.counting["cheap"]["budgets"][axis])
        cap = vocabulary.counting["origins"]["operator" if axis == "operator" else "other"]
        for places in _by_origin(items, facts):
            _limit(counted, places, slots, cap)
        _limit_testimony(items, claims, slots, counted, vocabulary.counting["claims"])
    return counted


def _discount_groups(
    items: Sequence[Item], places: Iterable[int], slots: tuple[int, int], counted: list[list[float]], decay: float
) -> None:
    """The strongest of a group in full, then 1/2, 1/4: traits made by one act are one fact.

    Positive, negative and contrasting items are apart; strength is the largest weight on the axis, so all hypotheses
    of the axis share one order.
    """
    start, stop = slots
    groups: dict[tuple[str, str], list[int]] = {}
    for place in places:
        item = items[place]
        sign = item.sign if item.sign in (NEGATIVE, CONTRAST) else "positive"
        groups.setdefault((item.group, sign), []).append(place)
    for members in groups.values():
        members.sort(key=lambda place: (-max(map(abs, items[place].vector[start:stop])), items[place].key))
        for rank, place in enumerate(members):
            factor = decay**rank
            for slot in range(start, stop):
                counted[place][slot] = factor * items[place].vector[slot]


def _limit(counted: list[list[float]], places: Sequence[int], slots: tuple[int, int], cap: float) -> None:
    """Scale what some items add together on an axis so that no hypothesis gets more than the cap."""
    start, stop = slots
    sums = [sum(counted[place][slot] for place in places) for slot in range(start, stop)]
    largest = max((abs(value) for value in sums), default=0.0)
    if largest > cap:
        for place in places:
            for slot in range(start, stop):
                counted[place][slot] *= cap / largest


def _by_origin(items: Sequence[Item], places: Iterable[int]) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for place in places:
        for origin in items[place].origin.split(" + "):
            found.setdefault(origin, []).append(place)
    return [found[origin] for origin in sorted(found)]


def _limit_testimony(
    items: Sequence[Item],
    places: Sequence[int],
    slots: tuple[int, int],
    counted: list[list[float]],
    rules: Mapping[str, Any],
) -> None:
    """Opinions: one origin so much, hearsay together so much, all together so much."""
    for place in places:
        counted[place][slots[0] : slots[1]] = items[place].vector[slots[0] : slots[1]]
    for members in _by_origin(items, places):
        _limit(counted, members, slots, rules["one_origin"])
    _limit(counted, [place for place in places if items[place].hearsay], slots, rules["hearsay"])
    _limit(counted, places, slots, rules["all_together"])
