"""What tells subjects apart: one regularised line for each subject over all secondary traits at once.

A ridge regression of subject on traits (rows of unit length, rarer values counting more), in which every subject
counts alike however many reports it has. Its value for a query is a sum over the query's values, so each value of the
query has a weight of its own here too. Solved in its dual over the newest reports, whose number is bounded, in single
precision where its rounding is small beside what keeps the lines stiff: that takes half the time, and on maltrail's
reports moves no line by a ten-thousandth, where lines reach two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, sparse

from consilience.attribute.indicators.features import Columns, Rows
from consilience.attribute.indicators.nearest import sums, times
from consilience.attribute.indicators.postings import pulled
from consilience.attribute.indicators.recognition import recognised
from consilience.model.arrays import Floats, Ints
from consilience.weigh.secondary import SECONDARY

MOST_REPORTS = 5_000
MOST_CELLS = 5_000_000
_STIFFNESS = 0.3
_COMMON = 100
"""Values of more reports than this are multiplied densely."""


@dataclass(frozen=True, slots=True)
class Telling:
    """`turned` holds all values by reports, `lines` reports by those subjects that have a line of their own: in a
    large case not all have a report among the newest. `rarity` is of values, by kind in order; `recognised` how well
    subjects were recognised so far, as the function of that name says."""

    turned: sparse.csr_matrix
    lines: Floats
    lined: Ints
    subjects: int
    rarity: Floats
    stranger: float
    recognised: Floats

    names = ("telling",)

    @classmethod
    def of(cls, case: Columns) -> Telling:
        """The lines between the subjects of a case."""
        chosen = newest(case.owner, case.days, min(MOST_REPORTS, max(1, MOST_CELLS // max(len(case.subjects), 1))))
        shown = sparse.hstack([case.kinds[kind].shown for kind in SECONDARY], format="csr")
        count = shown.shape[0]
        holders = np.bincount(shown.indices, minlength=shown.shape[1])
        rarity = np.log((1 + count) / (1 + holders)) + 1
        rows = (shown[chosen] @ sparse.diags(rarity)).tocsr()
        lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        reports = (sparse.diags(1 / np.maximum(lengths, 1e-12)) @ rows).tocsr()
        lined, line = np.unique(case.owner[chosen], return_inverse=True)
        stiff = _stiffness(line, len(lined))
        alike, stranger = _products(reports.astype(_precision(stiff))), float(np.log(1 + count) + 1)
        origins = [case.activities[place].origin for place in chosen.tolist()]
        subjects = len(case.subjects)
        rates = recognised(alike, case.owner[chosen], case.days[chosen], origins, subjects)
        lines = _solved(alike, stiff, line, len(lined))
        return cls(reports.T.tocsr(), lines, lined, subjects, rarity, stranger, rates)

    def terms(self, rows: Rows) -> Floats:
        """Queries by subjects by one name."""
        query = self._query(rows)
        if len(rows.bags) == 1:
            likeness = pulled(query.indices, query.data, self.turned)[None, :]
        else:
            likeness = (query @ self.turned).toarray()
        found = np.zeros((len(rows.bags), self.subjects))
        found[:, self.lined] = likeness @ self.lines
        return found[:, :, None]

    def of_few(self, rows: Rows, subjects: Ints) -> Floats:
        """Queries by these subjects."""
        line = np.minimum(np.searchsorted(self.lined, subjects), len(self.lined) - 1)
        lines = np.where(self.lined[line] == subjects, self.lines[:, line], 0.0)
        return np.asarray((self._query(rows) @ self.turned).toarray() @ lines)

    def _query(self, rows: Rows) -> sparse.csr_matrix:
        shown = times(_all_kinds(rows), self.rarity)
        strange = sum(rows.kinds[kind].unseen_squares for kind in SECONDARY) * self.stranger**2
        lengths = np.sqrt(sums(shown, shown.data**2) + strange)
        shown.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(shown.indptr))
        return shown

    def items(self, rows: Rows, subject: int) -> tuple[Ints, Floats]:
        """Of one query: the places of its values over all kinds in order, and what each weighs for a subject."""
        query, line = self._query(rows), int(np.searchsorted(self.lined, subject))
        if line == len(self.lined) or self.lined[line] != subject:
            return query.indices, np.zeros(len(query.indices))
        per_value = np.asarray(self.turned[query.indices] @ self.lines[:, line]).ravel()
        return query.indices, query.data * per_value


def _all_kinds(rows: Rows) -> sparse.csr_matrix:
    """Queries by the values of all kinds one after the other."""
    parts = [rows.kinds[kind] for kind in SECONDARY]
    if len(rows.bags) > 1:
        return sparse.hstack([part.shown for part in parts], format="csr")
    starts = np.cumsum([0, *(part.width for part in parts)])
    indices = np.concatenate([part.places + start for part, start in zip(parts, starts[:-1], strict=True)])
    data = np.concatenate([part.amounts for part in parts])
    return sparse.csr_matrix((data, indices, np.array([0, len(indices)])), (1, int(starts[-1])))


def newest(owner: Ints, days: Ints, most: int) -> Ints:
    """The places of at most so many reports: the newest of every subject first, then the second newest, and so on.

    >>> newest(np.array([0, 0, 0, 1]), np.array([1, 3, 2, 9]), 3).tolist()
    [1, 2, 3]
    """
    order = np.lexsort((np.arange(len(owner)), -days, owner))
    firsts = np.searchsorted(owner[order], owner[order])
    turn = np.empty(len(owner), dtype=np.int64)
    turn[order] = np.arange(len(owner)) - firsts
    return np.sort(np.lexsort((np.arange(len(owner)), turn))[:most])


def _products(reports: sparse.csr_matrix) -> Floats:
    """How like reports are, reports by reports: what many show is multiplied densely."""
    holders = np.bincount(reports.indices, minlength=reports.shape[1])
    common = reports[:, np.flatnonzero(holders > _COMMON)].toarray()
    rest = reports[:, np.flatnonzero(holders <= _COMMON)]
    found = np.asarray(common @ common.T)
    products = (rest @ rest.T).tocoo()
    found[products.row, products.col] += products.data
    return found


def _stiffness(owner: Ints, subjects: int) -> Floats:
    """What is added to each report's likeness to itself: every subject counts alike, however many reports it has."""
    count = 1 / np.bincount(owner, minlength=subjects).astype(float)[owner]
    return np.asarray(_STIFFNESS * count.mean() / count)


def _precision(stiff: Floats) -> type[np.floating[Any]]:
    """Single precision where what rounding can do to so many reports is a tenth of the least stiffness at most."""
    return np.float32 if stiff.min() >= 10 * len(stiff) * np.finfo(np.float32).eps else np.float64


def _solved(alike: Floats, stiff: Floats, owner: Ints, subjects: int) -> Floats:
    """The lines, reports by subjects; `alike` is used up."""
    wanted = np.zeros((len(owner), subjects), dtype=alike.dtype)
    wanted[np.arange(len(owner)), owner] = 1
    alike[np.diag_indices(len(owner))] += stiff
    # Turned over, which changes nothing in it, the matrix lies as the library wants it and is not copied.
    halves = linalg.cho_factor(alike.T, lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(linalg.cho_solve(halves, wanted, overwrite_b=True, check_finite=False), dtype=float)
