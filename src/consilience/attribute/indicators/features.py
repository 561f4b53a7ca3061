"""Activities as columns: how often each secondary trait occurs in each, one sparse matrix a kind.

`Bag` one activity · `Columns` all reports of a case · `Rows` queries over the columns of a case.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from consilience.attribute.activity import Activity, in_order
from consilience.model.arrays import Floats, Ints
from consilience.vocab import Vocabulary
from consilience.weigh.commonplace import commonplace
from consilience.weigh.secondary import SECONDARY, by_kind, mixture


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
    counts: dict[str, dict[str, int]] = {}
    left: dict[tuple[str, str], str] = {}
    kept = []
    for kind, value in activity.traits:
        if reason := commonplace(kind, value, vocabulary):
            left[kind, value] = reason
            continue
        kept.append((kind, value))
        for name, derived in by_kind(kind, value).items():
            if name == "host:registered" and (reason := commonplace(name, derived[0], vocabulary)):
                left[name, derived[0]] = reason
                continue
            if derived:
                held = counts.setdefault(name, {})
                for each in derived:
                    held[each] = held.get(each, 0) + 1
    for name, each in mixture(kept):
        counts.setdefault(name, {})[each] = 1
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
    """The reports of a case, sorted; `owner` is the place of each report's subject in `subjects` (sorted)."""

    activities: tuple[Activity, ...]
    subjects: tuple[str, ...]
    owner: Ints
    days: Ints
    kinds: Mapping[str, Column]

    @classmethod
    def of(cls, bags: Iterable[Bag]) -> Columns:
        """Bags as columns, in the order of their activities, whatever order they come in."""
        return cls.in_order(sorted(bags, key=lambda each: in_order(each.activity)))

    @classmethod
    def in_order(cls, bags: Iterable[Bag]) -> Columns:
        """Bags that come in the order of their activities as columns; none is kept longer than it is read."""
        growing = {kind: _Growing() for kind in SECONDARY}
        activities: list[Activity] = []
        for each in bags:
            for kind, found in each.counts.items():
                growing[kind].add(len(activities), found)
            activities.append(each.activity)
        return cls.over(activities, {kind: growing[kind].column(len(activities)) for kind in SECONDARY})

    @classmethod
    def over(cls, activities: Sequence[Activity], kinds: Mapping[str, Column]) -> Columns:
        """Sorted activities with the columns of each kind."""
        subjects = tuple(sorted({each.subject for each in activities}))
        place = {subject: number for number, subject in enumerate(subjects)}
        return cls(
            activities=tuple(activities),
            subjects=subjects,
            owner=np.array([place[each.subject] for each in activities], dtype=np.int64),
            days=np.array([each.day for each in activities], dtype=np.int64),
            kinds=kinds,
        )

    @classmethod
    def chosen(cls, activities: Sequence[Activity], kinds: Mapping[str, Column], rows: Sequence[int]) -> Columns:
        """Some rows of columns, which are these sorted activities, as if nothing else had been read."""
        places = np.array(rows, dtype=np.int64)
        if np.array_equal(places, np.arange(next(iter(kinds.values())).shown.shape[0])):
            return cls.over(activities, kinds)
        left = {kind: _first_come(column.values, column.shown[places]) for kind, column in kinds.items()}
        return cls.over(activities, left)

    def without(self, origin: str) -> Columns:
        """The case without what one source says."""
        left = [place for place, each in enumerate(self.activities) if each.origin != origin]
        return self.chosen([self.activities[place] for place in left], self.kinds, left)

    def grown(self, more: Columns) -> Columns:
        """The case with more reports, as if all had been read together."""
        both = (*self.activities, *more.activities)
        keys = [in_order(each) for each in both]
        order = sorted(range(len(both)), key=keys.__getitem__)
        kinds = {kind: _together(column, more.kinds[kind], order) for kind, column in self.kinds.items()}
        return self.over([both[place] for place in order], kinds)

    @property
    def reports(self) -> Floats:
        """The number of reports of each subject."""
        return np.bincount(self.owner, minlength=len(self.subjects)).astype(float)

    def members(self) -> sparse.csr_matrix:
        """Subjects by reports, 1 where a report is a subject's."""
        ones, count = np.ones(len(self.activities)), len(self.activities)
        return sparse.csr_matrix((ones, (self.owner, np.arange(count))), (len(self.subjects), count))


@dataclass(slots=True)
class _Growing:
    """One kind while reports are read: `sizes` how many values each of `reports` has, one after the other."""

    places: dict[str, int] = field(default_factory=dict)
    columns: array[int] = field(default_factory=lambda: array("i"))
    counts: array[int] = field(default_factory=lambda: array("i"))
    reports: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))

    def add(self, report: int, found: Mapping[str, int]) -> None:
        place = self.places.setdefault
        self.columns.extend([place(value, len(self.places)) for value in found])
        self.counts.extend(found.values())
        self.reports.append(report)
        self.sizes.append(len(found))

    def column(self, reports: int) -> Column:
        starts = np.zeros(reports + 1, dtype=np.int64)
        starts[np.array(self.reports, dtype=np.int64) + 1] = self.sizes
        data, columns = 1 + np.log(np.array(self.counts)), np.array(self.columns, dtype=np.int32)
        shown = sparse.csr_matrix((data, columns, np.cumsum(starts)), (reports, len(self.places)))
        return Column(tuple(self.places), self.places, shown)


def _together(one: Column, other: Column, order: Sequence[int]) -> Column:
    """Two columns of one kind over all their values, the reports of both in this order."""
    places = dict(one.places)
    moved = np.array([places.setdefault(value, len(places)) for value in other.values], dtype=np.int32)
    shape = (other.shown.shape[0], len(places))
    widened = sparse.csr_matrix((other.shown.data, moved[other.shown.indices], other.shown.indptr), shape)
    mine = sparse.csr_matrix((one.shown.data, one.shown.indices, one.shown.indptr), (one.shown.shape[0], len(places)))
    return _first_come(tuple(places), sparse.vstack([mine, widened], format="csr")[np.array(order, dtype=np.int64)])


def _first_come(values: Sequence[str], shown: sparse.csr_matrix) -> Column:
    """A column whose values are put in the order in which the reports come to them; those of no report are left out."""
    first = np.full(len(values), len(shown.indices), dtype=np.int64)
    first[shown.indices[::-1]] = np.arange(len(shown.indices))[::-1]
    used = np.flatnonzero(first < len(shown.indices))
    order = used[np.argsort(first[used])]
    place = np.zeros(len(values), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    kept = tuple(map(values.__getitem__, order.tolist()))
    renumbered = sparse.csr_matrix((shown.data, place[shown.indices], shown.indptr), (shown.shape[0], len(kept)))
    return Column(kept, dict(zip(kept, range(len(kept)), strict=True)), renumbered)


@dataclass(frozen=True, slots=True)
class Row:
    """Queries in one kind, over so many values (`width`) of the case.

    `places` of the values that somebody has shown and their `amounts`, one query after the other, each from its place
    in `starts`, the places of a query in order; of values nobody has shown, their number and sums.
    """

    places: Ints
    amounts: Floats
    starts: Ints
    width: int
    unseen: Floats
    unseen_squares: Floats

    @property
    def shown(self) -> sparse.csr_matrix:
        """Queries by values: the same as a matrix, for many queries at once."""
        return sparse.csr_matrix((self.amounts, self.places, self.starts), (len(self.unseen), self.width))

    @property
    def total(self) -> Floats:
        """The size of each query, values nobody has shown included."""
        lines = np.repeat(np.arange(len(self.unseen)), np.diff(self.starts))
        return np.bincount(lines, self.amounts, minlength=len(self.unseen)) + self.unseen


@dataclass(frozen=True, slots=True)
class Rows:
    """Queries over the columns of a case."""

    bags: tuple[Bag, ...]
    days: Ints
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
        strange, seen = [], []
        for value, count in each.counts.get(kind, {}).items():
            place = column.places.get(value)
            if place is None:
                strange.append(count)
            else:
                seen.append((place, count))
        seen.sort()
        columns += [place for place, _ in seen]
        counts += [count for _, count in seen]
        starts.append(len(columns))
        if strange:
            grown = 1 + np.log(strange)
            unseen[:, number] = grown.sum(), (grown**2).sum()
    places, amounts = np.array(columns, dtype=np.int64), 1 + np.log(np.array(counts, dtype=np.float64))
    return Row(places, amounts, np.array(starts, dtype=np.int64), len(column.values), unseen[0], unseen[1])
