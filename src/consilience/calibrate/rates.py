"""Agreement rates of kinds, fitted on reports whose subjects are known.

The rate of a kind is how often a second report of a subject shows a value of the first because it is the same subject:
how often it shows it at all, less how often reports of others do. Each value counts for its kind by the pairs of a
report that shows it with another that shows the kind. A kind of few subjects is drawn to its rate in the vocabulary, by
as much as so many subjects would weigh; reports of one publisher repeat each other, so subjects count and not pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    by_kind: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for each in known:
        shown: dict[str, set[str]] = {}
        for kind, value in each.traits:
            shown.setdefault(kind, set()).add(value)
        for kind, values in shown.items():
            by_kind.setdefault(kind, []).append((each.subject, frozenset(values)))
    found = []
    for kind, reports in sorted(by_kind.items()):
        row = vocabulary.kinds.get(kind)
        twice = sum(count > 1 for count in Counter(subject for subject, _ in reports).values())
        if row is None or row.form != "trait" or row.by_key_role or not row.rates[place] or twice < LEAST_SUBJECTS:
            continue
        shipped, observed = row.rates[place], _observed(reports)
        rate = (DRAWN_BY * shipped + twice * observed) / (DRAWN_BY + twice)
        found.append(Rate(kind, twice, shipped, observed, rate))
    return found


def _observed(reports: Iterable[tuple[str, frozenset[str]]]) -> float:
    """How much oftener a value comes again in reports of its subject than in those of others; 0 when not oftener."""
    rows = list(reports)
    of_subject = Counter(subject for subject, _ in rows)
    holders: Counter[tuple[str, str]] = Counter()
    everywhere: Counter[str] = Counter()
    for subject, values in rows:
        holders.update((subject, value) for value in values)
        everywhere.update(values)
    again = mine = elsewhere = others = 0
    for (subject, value), count in holders.items():
        again += count * (count - 1)
        mine += count * (of_subject[subject] - 1)
        elsewhere += count * (everywhere[value] - count)
        others += count * (len(rows) - of_subject[subject])
    if not mine or not others:
        return 0.0
    same, different = again / mine, elsewhere / others
    return max(0.0, (same - different) / (1 - different)) if different < 1 else 0.0
