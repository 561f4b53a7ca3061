"""The nearest: how close the closest earlier report of each subject is in each kind, and the rarest thing shared.

`nearest kind (g)`: the likeness of the best report of g and half that of its second best, each fading with its age.
Likeness is the product of what both show, rarer values counting more, over both lengths; one report counts once, so
that correlated values do not vote twice. `rarest family (g)`: the surprise (ln of subjects per holder) of the rarest
value of the query that g has shown, once for words, for paths and for networks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from consilience.attribute.indicators.features import QueryFeatures, QueryVectors, ReportFeatures
from consilience.attribute.indicators.postings import column_blocks, column_entries, weighted_sum
from consilience.model.arrays import Floats, Ints

NEAR = (
    *("host", "host:suffix", "host:label", "host:segment", "host:shape", "host:depth", "host:3-gram", "host:ends"),
    *("address", "address:24", "address:16", "port", "path:file", "path:extension", "path:token", "path:shape"),
    *("path:4-gram", "mix"),
)
RAREST: Mapping[str, tuple[str, ...]] = {
    "words": ("host", "host:registered", "host:label", "host:segment"),
    "paths": ("path", "path:folder", "path:file", "path:token", "path:query"),
    "networks": ("address", "address:24", "address:16", "port"),
}
YEAR = 365.25
_FADING_YEARS = 3.0
LENGTH = 3.0
_RARITY_POWER = 0.75
SECOND = 0.5
_FEW = 0.25
_POSITIONS = 16


@dataclass(frozen=True, slots=True)
class KindIndex:
    """One kind: the `weights` of values (0 for those nearly all subjects show), `inverted` values by the reports that
    show them over the length of each report, and values by subjects that hold them."""

    weights: Floats
    unseen_weight: float
    inverted: sparse.csr_matrix
    surprise: Floats
    holders: sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class ReportsByPosition:
    """The reports of all subjects in turns: the first of each, the second of each who has one, and so on.

    `subjects` are in the order of how many reports they have, most first, so that a turn is of the first few of them;
    what comes after the last turn is `rest`, of the first of `subjects`, each from its place in `starts`.
    """

    subjects: Ints
    by_position: tuple[Ints, ...]
    rest: Ints
    starts: Ints

    @classmethod
    def of(cls, starts: Ints, reports: int) -> ReportsByPosition:
        """The turns of reports that are sorted by subject, each subject from its place in `starts`."""
        sizes = np.diff(np.append(starts, reports))
        subjects = np.argsort(-sizes, kind="stable")
        by_position = [starts[subjects[: int((sizes > position).sum())]] + position for position in range(_POSITIONS)]
        more = np.maximum(sizes[subjects] - _POSITIONS, 0)
        more = more[more > 0]
        ends = np.cumsum(more)
        rest = np.arange(int(more.sum())) + np.repeat(starts[subjects[: len(more)]] + _POSITIONS - (ends - more), more)
        return cls(subjects, tuple(position for position in by_position if len(position)), rest, ends - more)

    def best_two(self, likeness: Floats) -> Floats:
        """The best of the reports of each of `subjects` and half of the second best, of reports from 0 upwards."""
        best, second = np.zeros(len(self.subjects)), np.zeros(len(self.subjects))
        for position in self.by_position:
            _update_best_two(best, second, likeness[position])
        if len(self.rest):
            values = likeness[self.rest]
            firsts = np.maximum.reduceat(values, self.starts)
            owner = np.repeat(np.arange(len(firsts)), np.diff(np.append(self.starts, len(values))))
            at = np.flatnonzero(values == firsts[owner])
            values[at[np.diff(owner[at], prepend=-1) != 0]] = 0
            _update_best_two(best, second, firsts)
            _update_best_two(best, second, np.maximum.reduceat(values, self.starts))
        return np.asarray(best + SECOND * second)


def _update_best_two(best: Floats, second: Floats, values: Floats) -> None:
    """Let one more value of each of the first few subjects count."""
    first, next_ = best[: len(values)], second[: len(values)]
    np.maximum(next_, np.minimum(first, values), out=next_)
    np.maximum(first, values, out=first)


@dataclass(frozen=True, slots=True)
class NearestReports:
    """The reports of a case, ready for being compared one by one."""

    kinds: Mapping[str, KindIndex]
    owner: Ints
    days: Ints
    starts: Ints
    by_position: ReportsByPosition

    names = (*(f"nearest {kind}" for kind in NEAR), *(f"rarest {family}" for family in RAREST))
    wanted = tuple(dict.fromkeys((*NEAR, *(kind for kinds in RAREST.values() for kind in kinds))))

    @classmethod
    def of(cls, case: ReportFeatures) -> NearestReports:
        """The reports of a case; they are sorted by subject, as `ReportFeatures` keeps them."""
        members = case.members()
        return cls.over({kind: _near(case.kinds[kind].shown, members) for kind in cls.wanted}, case)

    @classmethod
    def over(cls, kinds: Mapping[str, KindIndex], case: ReportFeatures) -> NearestReports:
        """The reports of a case, each kind derived before."""
        starts = np.searchsorted(case.owner, np.arange(len(case.subjects)))
        return cls(kinds, case.owner, case.days, starts, ReportsByPosition.of(starts, len(case.owner)))

    def terms(self, rows: QueryFeatures, wanted: Collection[str] = names) -> Floats:
        """Queries by subjects by names; the nearest are 0 where not wanted, the rarest are always given."""
        fading = self.fading(rows.days)
        found = np.zeros((len(rows.queries), len(self.starts), len(self.names)))
        for place, kind in enumerate(NEAR):
            near = self.kinds[kind]
            if self.names[place] in wanted and len(rows.kinds[kind].places):
                likeness = _likeness(scaled_query(rows.kinds[kind], near), near)
                likeness *= fading
                found[:, :, place] = self._best_two(likeness)
        for place, kinds in enumerate(RAREST.values(), len(NEAR)):
            for kind in kinds:
                if len(rows.kinds[kind].places):
                    rarest = self._rarest(rows.kinds[kind], self.kinds[kind])
                    found[:, :, place] = np.maximum(found[:, :, place], rarest)
        return found

    def fading(self, days: Ints) -> Floats:
        """Queries of these days by reports: the part of a likeness that is left of each report by its age."""
        return np.asarray(np.exp(-np.maximum(days[:, None] - self.days[None, :], 0) / (YEAR * _FADING_YEARS)))

    def _best_two(self, likeness: Floats) -> Floats:
        """The best of each subject's reports and half the second best, which is as good where two are best.

        Where one query touches few reports, the subjects of the others have 0 without being looked at.
        """
        if len(likeness) == 1 and np.count_nonzero(likeness) < _FEW * likeness.shape[1]:
            touched = np.flatnonzero(likeness[0])
            subjects, starts = np.unique(self.owner[touched], return_index=True)
            found = np.zeros((1, len(self.starts)))
            if len(touched):
                found[0, subjects] = best_two_in_stretches(likeness[:, touched], starts)[0]
            return found
        return best_two_in_stretches(likeness, self.starts)

    @staticmethod
    def _rarest(row: QueryVectors, near: KindIndex) -> Floats:
        found = np.zeros((len(row.unseen), near.holders.shape[1]))
        for line in range(len(row.unseen)):
            values = row.places[row.starts[line] : row.starts[line + 1]]
            for value in values[np.argsort(near.surprise[values], kind="stable")].tolist():
                held = near.holders.indices[near.holders.indptr[value] : near.holders.indptr[value + 1]]
                found[line, held] = near.surprise[value]
        return found

    def closest(self, rows: QueryFeatures, subject: int, kind: str) -> Iterator[tuple[int, float, Floats]]:
        """Of one query: the best and second best report of a subject, what each adds, and the part of each value.

        The parts are in the order of the query's values of the kind and sum to what the report adds.
        """
        near = self.kinds[kind]
        first = self.starts[subject]
        last = self.starts[subject + 1] if subject + 1 < len(self.starts) else len(self.owner)
        amounts = scaled_amounts(rows.kinds[kind], near)
        fading = np.exp(-np.maximum(rows.days[0] - self.days[first:last], 0) / (YEAR * _FADING_YEARS))
        shown = column_blocks(rows.kinds[kind].places, np.array([first]), np.array([last]), near.inverted)
        likeness = amounts @ shown * fading
        for part, place in zip((1.0, SECOND), np.argsort(-likeness, kind="stable")[:2].tolist(), strict=False):
            yield int(first + place), float(part * likeness[place]), part * fading[place] * amounts * shown[:, place]

    def rarest(self, rows: QueryFeatures, subject: int, family: str) -> tuple[str, int, float]:
        """Of one query: kind and place of the rarest value that a subject has shown, and its surprise (0 if none)."""
        best = ("", -1, 0.0)
        for kind in RAREST[family]:
            near, values = self.kinds[kind], rows.kinds[kind].places
            held = column_entries(values, subject, near.holders)
            surprise = near.surprise[values] * held
            if len(surprise) and surprise.max() > best[2]:
                place = int(surprise.argmax())
                best = (kind, int(values[place]), float(surprise[place]))
        return best


def _near(shown: sparse.csr_matrix, members: sparse.csr_matrix) -> KindIndex:
    subjects = members.shape[0]
    # SciPy's `shown > 0` would put the entries of `shown` itself in another order, and a case that grows from it
    # would add up in another order than one that is read whole.
    ones = sparse.csr_matrix((np.ones(len(shown.data)), shown.indices, shown.indptr), shown.shape)
    holders = ((members @ ones) > 0).astype(float).T.tocsr()
    counts = np.asarray(holders.sum(axis=1)).ravel()
    surprise = np.maximum(np.log((subjects + 1) / (counts + 0.5)), 0)
    unseen_weight = float(np.log((subjects + 1) / 0.5)) ** _RARITY_POWER
    weights = surprise**_RARITY_POWER
    scaled = scaled_columns(shown, weights)
    lengths = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    scaled = (sparse.diags(1 / (lengths + LENGTH)) @ scaled).tocsr()
    return KindIndex(weights, unseen_weight, scaled.T.tocsr(), surprise, holders)


def _likeness(query: sparse.csr_matrix, near: KindIndex) -> Floats:
    """Queries by reports, before fading."""
    if query.shape[0] == 1:
        return weighted_sum(query.indices, query.data, near.inverted)[None, :]
    return np.asarray((query @ near.inverted).toarray())


def best_two_in_stretches(likeness: Floats, starts: Ints) -> Floats:
    """The best and half of the second best of each stretch from one start to the next; `likeness` is used up."""
    best = np.maximum.reduceat(likeness, starts, axis=1)
    is_best = likeness == np.repeat(best, np.diff(np.append(starts, likeness.shape[1])), axis=1)
    ties = np.add.reduceat(is_best, starts, axis=1, dtype=np.int32)
    likeness[is_best] = 0
    second = np.maximum.reduceat(likeness, starts, axis=1)
    return np.asarray(best + SECOND * np.where(ties > 1, best, second))


def scaled_query(row: QueryVectors, near: KindIndex) -> sparse.csr_matrix:
    """Queries by values, rarer values counting more, over the length of each query."""
    scaled = scaled_columns(row.shown, near.weights)
    squares = row_sums(scaled, scaled.data**2) + row.unseen_squares * near.unseen_weight**2
    scaled.data /= np.repeat(np.sqrt(squares) + LENGTH, np.diff(scaled.indptr))
    return scaled


def scaled_amounts(row: QueryVectors, near: KindIndex) -> Floats:
    """What `scaled_query` holds for the values of one query, in their order."""
    amounts = row.amounts * near.weights[row.places]
    squares = float((amounts**2).sum()) + float(row.unseen_squares[0]) * near.unseen_weight**2
    return np.asarray(amounts / (np.sqrt(squares) + LENGTH), dtype=np.float64)


def scaled_columns(rows: sparse.csr_matrix, weights: Floats) -> sparse.csr_matrix:
    """Rows with each column multiplied by its weight."""
    return sparse.csr_matrix((rows.data * weights[rows.indices], rows.indices, rows.indptr), rows.shape)


def row_sums(rows: sparse.csr_matrix, values: Floats) -> Floats:
    """The sum over each row of one value for each entry."""
    lines = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    return np.asarray(np.bincount(lines, values, minlength=rows.shape[0]), dtype=np.float64)
