"""The items of the log-odds that two reports which share software are of one operator: one small function each.

Each gives a value and why, and is the same for both orders of the reports. Third parties are reports and subjects
that are neither side's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from consilience.attribute.pairs.comparison import LEAST_VALUES, SHARPNESS, Comparison
from consilience.model.arrays import Flags, Floats, Ints

HALVING = 0.5
MOST_EXCLUSIVE = math.log(150)  # a wider corpus must not turn one shared family into one operator
MOST_HOLDERS = 1
SEVERAL = 2
LEAST_POPULATION = 50  # among fewer third parties most software is nobody else's
COMPANY = 12.0
UNDATED_YEARS = 2.5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one item finds: its value (a pure number, 0 when there is nothing), the traits it rests on, and why."""

    value: float
    values: tuple[str, ...]
    why: str


def exclusive_software(pair: Comparison) -> Finding:
    """Shared malware weighs by how few third parties have it: the rarest in full, the next by half, and so on."""
    places = [place for place in pair.families if pair.malware[place]]
    weights = [min(MOST_EXCLUSIVE, float(pair.exclusive[place])) for place in places]
    value = sum(weight * HALVING**rank for rank, weight in enumerate(weights))
    named = ", ".join(f"{pair.names[place][1]} ({int(pair.by_subjects[place])})" for place in places)
    why = f"shared malware, with the number of third parties that have it: {named}" if named else "no shared malware"
    return Finding(value, pair.named(places), why)


def exclusive_set(pair: Comparison) -> Finding:
    """Several families of shared malware are on one third party at most, each of them."""
    places = [place for place in pair.families if pair.malware[place] and pair.by_subjects[place] <= MOST_HOLDERS]
    named = ", ".join(pair.named(places))
    population = len(np.unique(pair.reports.subject[pair.third.others]))
    if population < LEAST_POPULATION:
        return Finding(0.0, (), f"{population} third parties are too few to say that a set is anybody's alone")
    if len(places) < SEVERAL:
        return Finding(0.0, (), "no set of malware that is theirs alone" + (f", only {named}" if named else ""))
    return Finding(1.0, pair.named(places), f"each with at most one third party: {named}")


def held_together(pair: Comparison) -> Finding:
    """The whole set of shared software is on these third parties as well."""
    sets = [set(pair.holders(place).tolist()) for place in pair.families]
    count = len(set.intersection(*sets)) if sets else 0
    return Finding(-math.log1p(count), pair.named(pair.families), f"{count} third parties have all the shared software")


def nearest_report(pair: Comparison) -> Finding:
    """Third-party reports that are as near to one side, in software and techniques, as the other side is."""
    return _nearer(pair, np.ones(len(pair.names), dtype=np.bool_), "software and techniques")


def nearest_software(pair: Comparison) -> Finding:
    """Third-party reports that are as near to one side, in software alone, as the other side is."""
    return _nearer(pair, pair.software, "software")


def _nearer(pair: Comparison, among: Flags, what: str) -> Finding:
    similarity = pair.whole if bool(among.all()) else pair.similarity(among)
    sizes = np.bincount(pair.reports.report, minlength=len(pair.reports.activities))
    counted = pair.third.others & (sizes >= LEAST_VALUES)
    bar = similarity.between - 1e-9
    counts = sorted(int((side[counted] >= bar).sum()) for side in (similarity.left, similarity.right))
    value = -sum(math.log1p(count) for count in counts)
    return Finding(value, (), f"as near in {what} as the two are: {counts[0]} and {counts[1]} third-party reports")


def unshared_software(pair: Comparison) -> Finding:
    """Each side shows software that the other does not."""
    sides = [pair.unshared(side) for side in (pair.left, pair.right)]
    counts = sorted(len(side) for side in sides)
    why = f"{counts[0]} and {counts[1]} families on one side only"
    return Finding(math.log1p(counts[0]), tuple(sorted({*pair.named(sides[0]), *pair.named(sides[1])})), why)


def points_alike(pair: Comparison) -> Finding:
    """The software each side has alone leads to one and the same third party."""
    left, right = (_led_to(pair, pair.unshared(side)) for side in (pair.left, pair.right))
    both = np.minimum(left, right)
    value = min(1.0, float(both.max(initial=0.0)))
    return Finding(value, _subjects(pair, both), "unshared software of both leads to" + _to(pair, both))


def points_apart(pair: Comparison) -> Finding:
    """The software each side has alone leads to different third parties."""
    left, right = (_led_to(pair, pair.unshared(side)) for side in (pair.left, pair.right))
    common = min(1.0, float(np.minimum(left, right).max(initial=0.0)))
    value = max(0.0, min(1.0, float(left.max(initial=0.0)), float(right.max(initial=0.0))) - common)
    first, second = sorted((_to(pair, left), _to(pair, right)))
    why = f"unshared software leads one side to{first}, the other to{second}" if value else "nothing leads apart"
    return Finding(value, (), why)


def _led_to(pair: Comparison, places: Ints) -> Floats:
    """How strongly some families lead to each third party: each by one over the square of its holders."""
    strength = np.zeros(len(pair.reports.subjects))
    for place in places:
        holders = pair.holders(int(place))
        if len(holders):
            strength[holders] += float(len(holders)) ** -2
    return strength


def _subjects(pair: Comparison, strength: Floats) -> tuple[str, ...]:
    names = list(pair.reports.subjects)
    return (names[int(strength.argmax())],) if strength.max(initial=0.0) > 0 else ()


def _to(pair: Comparison, strength: Floats) -> str:
    found = _subjects(pair, strength)
    return f" {found[0]}" if found else " nobody"


def same_company(pair: Comparison) -> Finding:
    """The third parties nearest to one side are the ones nearest to the other."""
    similarity = pair.whole
    others = pair.third.others
    near = np.zeros((2, len(pair.reports.subjects)))
    for row, side in enumerate((similarity.left, similarity.right)):
        np.maximum.at(near[row], pair.reports.subject[others], side[others])
    present = np.unique(pair.reports.subject[others])
    if not len(present):
        return Finding(0.0, (), "no third parties")
    odds = np.exp(COMPANY * near[:, present])
    odds /= odds.sum(axis=1, keepdims=True)
    joint = odds[0] * odds[1]
    best = list(pair.reports.subjects)[int(present[int(joint.argmax())])]
    value = math.log(len(present) * float(joint.sum()))
    return Finding(value, (best,), f"of all third parties {best} is nearest to the two together")


def years_apart(pair: Comparison) -> Finding:
    """The longer between the two reports, the likelier a tool has changed hands."""
    if pair.years is None:
        return Finding(math.log1p(UNDATED_YEARS), (), f"a date is missing: counted as {UNDATED_YEARS} years apart")
    return Finding(math.log1p(pair.years), (), f"{pair.years:.1f} years apart")


def rare_techniques(pair: Comparison) -> Finding:
    """Shared techniques that the shared software does not account for, by their rarity and both sides' length."""
    methods = pair.shared & ~pair.software & ~pair.explained
    lengths = [float(pair.rare[side & ~pair.software].sum()) for side in (pair.left, pair.right)]
    value = float((pair.rare[methods] ** SHARPNESS).sum()) / math.sqrt((1 + lengths[0]) * (1 + lengths[1]))
    places = np.flatnonzero(methods)
    explained = int((pair.shared & ~pair.software & pair.explained).sum())
    why = f"{len(places)} shared techniques of their own, {explained} more that the shared software accounts for"
    return Finding(value, pair.named(places), why)


ITEMS: tuple[tuple[str, int, Callable[[Comparison], Finding]], ...] = (
    ("exclusive-software", 1, exclusive_software),
    ("exclusive-set", 1, exclusive_set),
    ("held-together", 1, held_together),
    ("nearest-report", 1, nearest_report),
    ("nearest-software", 1, nearest_software),
    ("unshared-software", -1, unshared_software),
    ("points-alike", 1, points_alike),
    ("points-apart", -1, points_apart),
    ("same-company", 1, same_company),
    ("years-apart", -1, years_apart),
    ("rare-techniques", 1, rare_techniques),
)


def findings(pair: Comparison) -> tuple[Finding, ...]:
    """What every item finds, in the order of `ITEMS`."""
    return tuple(find(pair) for _, _, find in ITEMS)
