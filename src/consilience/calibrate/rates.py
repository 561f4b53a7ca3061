"""Agreement rates of kinds, fitted on reports whose subjects are known.

The reports of each subject are dealt by turns to two sides, as if two publishers had named it apart. The rate of a kind
is how often one side shows a value of the other because it is the same subject: how often it does at all, less how
often other subjects do. Subjects count alike, however many reports they have, since a few have most. A kind of few
subjects is drawn to its rate in the vocabulary, which counts like so many subjects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum

from consilience.attribute.activity import Activity
from consilience.vocab import Vocabulary

DRAWN_BY = 20
"""A kind's rate in the vocabulary counts like so many subjects."""

LEAST_SUBJECTS = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of *same operator* of a kind: as it ships, as the reports show it, and fitted between the two.

    `subjects` is how many have two reports or more that show the kind.
    """

    kind: str
    subjects: int
    shipped: float
    observed: float
    rate: float


def fitted_rates(known: Sequence[Activity], vocabulary: Vocabulary) -> list[Rate]:
    """The rates of the kinds that enough subjects show twice, in the order of their names.

    Kinds that say nothing of the operator in the vocabulary, and those whose meaning is their key role, are left out:
    reports cannot tell a new reason from a habit of reporters.
    """
    place = vocabulary.place["operator", "same"]
    found = []
    for kind, reports in sorted(_values_by_kind(known).items()):
        row = vocabulary.kinds.get(kind)
        twice = sum(count > 1 for count in Counter(subject for subject, _ in reports).values())
        if row is None or row.form != "trait" or row.by_key_role or not row.rates[place] or twice < LEAST_SUBJECTS:
            continue
        shipped, observed = row.rates[place], _observed(reports)
        rate = (DRAWN_BY * shipped + twice * observed) / (DRAWN_BY + twice)
        found.append(Rate(kind, twice, shipped, observed, rate))
    return found


def _values_by_kind(known: Sequence[Activity]) -> dict[str, list[tuple[str, frozenset[str]]]]:
    """For each kind the reports that show it, by day: the subject, and the values of the kind."""
    by_kind: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for each in sorted(known, key=lambda each: (each.day, each)):
        shown: dict[str, set[str]] = {}
        for kind, value in each.traits:
            shown.setdefault(kind, set()).add(value)
        for kind, values in shown.items():
            by_kind.setdefault(kind, []).append((each.subject, frozenset(values)))
    return by_kind


def _dealt(reports: Iterable[tuple[str, frozenset[str]]]) -> dict[str, tuple[set[str], set[str]]]:
    """The values of each subject on two sides, to which its reports are dealt by turns."""
    sides: dict[str, tuple[set[str], set[str]]] = {}
    turns: Counter[str] = Counter()
    for subject, values in reports:
        sides.setdefault(subject, (set(), set()))[turns[subject] % 2].update(values)
        turns[subject] += 1
    return sides


def _observed(reports: Iterable[tuple[str, frozenset[str]]]) -> float:
    """How much oftener a value comes again on the other side of its subject than at others; 0 when not oftener."""
    sides = _dealt(reports)
    holders = Counter(value for left, right in sides.values() for value in left | right)
    again, elsewhere = [], []
    for left, right in sides.values():
        both = left & right
        if left and right and len(sides) > 1:
            again.append((len(both) / len(left) + len(both) / len(right)) / 2)
            whole = left | right
            elsewhere.append(sum(holders[value] - 1 for value in whole) / len(whole) / (len(sides) - 1))
    if not again:
        return 0.0
    same, different = fsum(again) / len(again), fsum(elsewhere) / len(again)
    return max(0.0, (same - different) / (1 - different)) if different < 1 else 0.0
