"""Activities as feature counts: how often each secondary trait occurs in each, one sparse matrix a kind.

`FeatureCounts` one activity · `ReportFeatures` all reports of a case · `QueryFeatures` queries over its values.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from consilience.attribute.activity import Activity, sort_key
from consilience.model.arrays import Floats, Ints
from consilience.vocab import Vocabulary
from consilience.weigh.commonplace import commonplace
from consilience.weigh.secondary import SECONDARY, by_kind, mixture


@dataclass(frozen=True, slots=True)
class FeatureCounts:
    """One activity: `counts` of each secondary trait by kind, and what was `left_out` as (kind, value, reason).

    The counts are in the order of the activity's sorted traits, so that columns are the same on any machine.
    """

    activity: Activity
    counts: Mapping[str, Mapping[str, int]]
    left_out: tuple[tuple[str, str, str], ...]


def feature_counts(activity: Activity, vocabulary: Vocabulary) -> FeatureCounts:
    """The secondary traits of an activity, those that everybody shows left out with the reason."""
    counts: dict[str, dict[str, int]] = {}
    left_out: dict[tuple[str, str], str] = {}
    compared = []
    for kind, value in activity.traits:
        if reason := commonplace(kind, value, vocabulary):
            left_out[kind, value] = reason
            continue
        compared.append((kind, value))
        for name, derived in by_kind(kind, value).items():
            if name == "host:registered" and (reason := commonplace(name, derived[0], vocabulary)):
                left_out[name, derived[0]] = reason
                continue
            if derived:
                occurrences = counts.setdefault(name, {})
                for each in derived:
                    occurrences[each] = occurrences.get(each, 0) + 1
    for name, each in mixture(compared):
        counts.setdefault(name, {})[each] = 1
    return FeatureCounts(activity, counts, tuple((*key, reason) for key, reason in sorted(left_out.items())))


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """One kind: the `values` in the order of their first report with their `places`, and reports by values.

    The matrix holds 1 + ln(occurrences): a report of a thousand names does not say a thousand times as much.
    """

    values: tuple[str, ...]
    places: Mapping[str, int]
    shown: sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class ReportFeatures:
    """The reports of a case, sorted; `owner` is the place of each report's subject in `subjects` (sorted)."""

    activities: tuple[Activity, ...]
    subjects: tuple[str, ...]
    owner: Ints
    days: Ints
    kinds: Mapping[str, FeatureMatrix]

    @classmethod
    def of(cls, reports: Iterable[FeatureCounts]) -> ReportFeatures:
        """The features of reports, put in the order of their activities."""
        return cls.from_sorted(sorted(reports, key=lambda each: sort_key(each.activity)))

    @classmethod
    def from_sorted(cls, reports: Iterable[FeatureCounts]) -> ReportFeatures:
        """The features of reports that come in the order of their activities; each is let go as soon as it is read."""
        builders = {kind: _MatrixBuilder() for kind in SECONDARY}
        activities: list[Activity] = []
        for each in reports:
            for kind, found in each.counts.items():
                builders[kind].add(len(activities), found)
            activities.append(each.activity)
        return cls.over(activities, {kind: builders[kind].matrix(len(activities)) for kind in SECONDARY})

    @classmethod
    def over(cls, activities: Sequence[Activity], kinds: Mapping[str, FeatureMatrix]) -> ReportFeatures:
        """Sorted activities with the matrix of each kind."""
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
    def chosen(
        cls, activities: Sequence[Activity], kinds: Mapping[str, FeatureMatrix], rows: Sequence[int]
    ) -> ReportFeatures:
        """Some rows of these matrices, which are these sorted activities, as if nothing else had been read."""
        places = np.array(rows, dtype=np.int64)
        if np.array_equal(places, np.arange(next(iter(kinds.values())).shown.shape[0])):
            return cls.over(activities, kinds)
        kinds = {kind: _in_order_of_appearance(column.values, column.shown[places]) for kind, column in kinds.items()}
        return cls.over(activities, kinds)

    def without(self, origin: str) -> ReportFeatures:
        """The case without what one source says."""
        rows = [place for place, each in enumerate(self.activities) if each.origin != origin]
        return self.chosen([self.activities[place] for place in rows], self.kinds, rows)

    def extended(self, more: ReportFeatures) -> ReportFeatures:
        """The case with more reports, as if all had been read together."""
        both = (*self.activities, *more.activities)
        keys = [sort_key(each) for each in both]
        order = sorted(range(len(both)), key=keys.__getitem__)
        kinds = {kind: _merged(column, more.kinds[kind], order) for kind, column in self.kinds.items()}
        return self.over([both[place] for place in order], kinds)

    @property
    def report_counts(self) -> Floats:
        """The number of reports of each subject."""
        return np.bincount(self.owner, minlength=len(self.subjects)).astype(float)

    def members(self) -> sparse.csr_matrix:
        """Subjects by reports, 1 where a report is a subject's."""
        ones, count = np.ones(len(self.activities)), len(self.activities)
        return sparse.csr_matrix((ones, (self.owner, np.arange(count))), (len(self.subjects), count))


@dataclass(slots=True)
class _MatrixBuilder:
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

    def matrix(self, count: int) -> FeatureMatrix:
        starts = np.zeros(count + 1, dtype=np.int64)
        starts[np.array(self.reports, dtype=np.int64) + 1] = self.sizes
        data, columns = 1 + np.log(np.array(self.counts)), np.array(self.columns, dtype=np.int32)
        shown = sparse.csr_matrix((data, columns, np.cumsum(starts)), (count, len(self.places)))
        return FeatureMatrix(tuple(self.places), self.places, shown)


def _merged(one: FeatureMatrix, other: FeatureMatrix, order: Sequence[int]) -> FeatureMatrix:
    """Two matrices of one kind over all their values, the reports of both in this order."""
    places = dict(one.places)
    moved = np.array([places.setdefault(value, len(places)) for value in other.values], dtype=np.int32)
    shape = (other.shown.shape[0], len(places))
    widened = sparse.csr_matrix((other.shown.data, moved[other.shown.indices], other.shown.indptr), shape)
    mine = sparse.csr_matrix((one.shown.data, one.shown.indices, one.shown.indptr), (one.shown.shape[0], len(places)))
    return _in_order_of_appearance(
        tuple(places), sparse.vstack([mine, widened], format="csr")[np.array(order, dtype=np.int64)]
    )


def _in_order_of_appearance(values: Sequence[str], shown: sparse.csr_matrix) -> FeatureMatrix:
    """A matrix whose values stand in the order in which the reports show them; those of no report are left out."""
    first = np.full(len(values), len(shown.indices), dtype=np.int64)
    first[shown.indices[::-1]] = np.arange(len(shown.indices))[::-1]
    used = np.flatnonzero(first < len(shown.indices))
    order = used[np.argsort(first[used])]
    place = np.zeros(len(values), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    shown_values = tuple(map(values.__getitem__, order.tolist()))
    renumbered = sparse.csr_matrix(
        (shown.data, place[shown.indices], shown.indptr), (shown.shape[0], len(shown_values))
    )
    return FeatureMatrix(shown_values, {value: number for number, value in enumerate(shown_values)}, renumbered)


@dataclass(frozen=True, slots=True)
class QueryVectors:
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
class QueryFeatures:
    """Queries over the values of a case."""

    queries: tuple[FeatureCounts, ...]
    days: Ints
    kinds: Mapping[str, QueryVectors]

    @classmethod
    def of(cls, queries: Sequence[FeatureCounts], case: ReportFeatures) -> QueryFeatures:
        """Queries over the values of a case, in the order given."""
        days = np.array([each.activity.day for each in queries], dtype=np.int64)
        return cls(tuple(queries), days, {kind: _vectors(kind, queries, column) for kind, column in case.kinds.items()})


def _vectors(kind: str, queries: Sequence[FeatureCounts], column: FeatureMatrix) -> QueryVectors:
    columns: list[int] = []
    counts: list[int] = []
    starts = [0]
    unseen = np.zeros((2, len(queries)))
    for number, each in enumerate(queries):
        unseen_counts, seen = [], []
        for value, count in each.counts.get(kind, {}).items():
            place = column.places.get(value)
            if place is None:
                unseen_counts.append(count)
            else:
                seen.append((place, count))
        seen.sort()
        columns += [place for place, _ in seen]
        counts += [count for _, count in seen]
        starts.append(len(columns))
        if unseen_counts:
            sizes = 1 + np.log(unseen_counts)
            unseen[:, number] = sizes.sum(), (sizes**2).sum()
    places, amounts = np.array(columns, dtype=np.int64), 1 + np.log(np.array(counts, dtype=np.float64))
    return QueryVectors(places, amounts, np.array(starts, dtype=np.int64), len(column.values), unseen[0], unseen[1])
