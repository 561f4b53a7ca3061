"""Activities as columns: how often each secondary trait occurs in each, one sparse matrix a kind.

`Bag` one activity · `Columns` all reports of a case · `Rows` queries over the columns of a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from consilience.attribute.activity import Activity
from consilience.vocab import Vocabulary
from consilience.weigh.commonplace import commonplace
from consilience.weigh.secondary import SECONDARY, mixture, secondary

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bag:
    """One activity: `counts` of each secondary trait by kind, and what was `left` out as (kind, value, reason).

    The counts are in the order of the activity's sorted traits, so that columns are the same on any machine.
    """

    activity: Activity
    counts: Mapping[str, Mapping[str, int]]
    left: tuple[tuple[str, str, str], ...]


def bag(activity: Activity, vocabulary: Vocabulary) -> Bag:
    """The secondary traits of an activity, those that everybody shows left out with the reason."""
    counts: dict[str, Counter[str]] = {}
    left: dict[tuple[str, str], str] = {}
    kept = []
    for kind, value in activity.traits:
        if reason := commonplace(kind, value, vocabulary):
            left[kind, value] = reason
            continue
        kept.append((kind, value))
        for name, derived in secondary(kind, value):
            if name == "host:registered" and (reason := commonplace(name, derived, vocabulary)):
                left[name, derived] = reason
            else:
                counts.setdefault(name, Counter())[derived] += 1
    for name, derived in mixture(kept):
        counts.setdefault(name, Counter())[derived] += 1
    return Bag(activity, counts, tuple((*key, reason) for key, reason in sorted(left.items())))


@dataclass(frozen=True, slots=True)
class Column:
    """One kind: the `values` in the order of their first report with their `places`, and reports by values.

    The matrix holds 1 + ln(occurrences): a report of a thousand names is not a thousand times as telling.
    """

    values: tuple[str, ...]
    places: Mapping[str, int]
    shown: sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class Columns:
    """The reports of a case; `owner` is the place of each report's subject in `subjects` (sorted)."""

    bags: tuple[Bag, ...]
    subjects: tuple[str, ...]
    owner: Places
    days: Places
    kinds: Mapping[str, Column]

    @classmethod
    def of(cls, bags: Iterable[Bag]) -> Columns:
        """Bags as columns, in the order of their activities, whatever order they come in."""
        ordered = tuple(sorted(bags, key=lambda each: each.activity))
        subjects = tuple(sorted({each.activity.subject for each in ordered}))
        place = {subject: number for number, subject in enumerate(subjects)}
        return cls(
            bags=ordered,
            subjects=subjects,
            owner=np.array([place[each.activity.subject] for each in ordered], dtype=np.int64),
            days=np.array([each.activity.day for each in ordered], dtype=np.int64),
            kinds={kind: _column(kind, ordered) for kind in SECONDARY},
        )

    @property
    def reports(self) -> Floats:
        """The number of reports of each subject."""
        return np.bincount(self.owner, minlength=len(self.subjects)).astype(float)

    def members(self) -> sparse.csr_matrix:
        """Subjects by reports, 1 where a report is a subject's."""
        ones = np.ones(len(self.bags))
        return sparse.csr_matrix((ones, (self.owner, np.arange(len(self.bags)))), (len(self.subjects), len(self.bags)))


def _column(kind: str, bags: Sequence[Bag]) -> Column:
    places: dict[str, int] = {}
    columns: list[int] = []
    counts: list[int] = []
    starts = [0]
    for each in bags:
        found = each.counts.get(kind)
        if found:
            columns.extend([places.setdefault(value, len(places)) for value in found])
            counts.extend(found.values())
        starts.append(len(columns))
    shown = sparse.csr_matrix((1 + np.log(np.array(counts)), columns, starts), (len(bags), len(places)))
    return Column(tuple(places), places, shown)


@dataclass(frozen=True, slots=True)
class Row:
    """Queries in one kind: `shown` over the values of the case; of values nobody has shown, their number and sums."""

    shown: sparse.csr_matrix
    unseen: Floats
    unseen_squares: Floats

    @property
    def total(self) -> Floats:
        """The size of each query, values nobody has shown included."""
        lines = np.repeat(np.arange(len(self.unseen)), np.diff(self.shown.indptr))
        return np.bincount(lines, self.shown.data, minlength=len(self.unseen)) + self.unseen


@dataclass(frozen=True, slots=True)
class Rows:
    """Queries over the columns of a case."""

    bags: tuple[Bag, ...]
    days: Places
    kinds: Mapping[str, Row]

    @classmethod
    def of(cls, bags: Sequence[Bag], case: Columns) -> Rows:
        """Bags as rows over the values of a case, in the order given."""
        days = np.array([each.activity.day for each in bags], dtype=np.int64)
        return cls(tuple(bags), days, {kind: _row(kind, bags, column) for kind, column in case.kinds.items()})


def _row(kind: str, bags: Sequence[Bag], column: Column) -> Row:
    columns: list[int] = []
    counts: list[int] = []
    starts = [0]
    unseen = np.zeros((2, len(bags)))
    for number, each in enumerate(bags):
        strange = []
        for value, count in each.counts.get(kind, {}).items():
            place = column.places.get(value)
            if place is None:
                strange.append(count)
            else:
                columns.append(place)
                counts.append(count)
        if strange:
            grown = 1 + np.log(strange)
            unseen[:, number] = grown.sum(), (grown**2).sum()
        starts.append(len(columns))
    shown = sparse.csr_matrix((1 + np.log(np.array(counts)), columns, starts), (len(bags), len(column.values)))
    shown.sort_indices()
    return Row(shown, unseen[0], unseen[1])
