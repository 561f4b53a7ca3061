"""What tells subjects apart: one linear function for each subject over all secondary traits at once.

A ridge regression of subject on traits (rows of unit length, rarer values counting more), in which every subject
counts alike however many reports it has. Its value for a query is a sum over the query's values, so each value of the
query has a weight of its own here too. Solved in its dual over the newest reports, whose number is bounded, in single
precision where its rounding is small beside the ridge: that takes half the time, and on maltrail's reports moves no
value of a function by a ten-thousandth, where values reach two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, sparse

from consilience.attribute.indicators.features import QueryFeatures, ReportFeatures
from consilience.attribute.indicators.nearest import row_sums, scaled_columns
from consilience.attribute.indicators.postings import weighted_sum
from consilience.attribute.indicators.recognition import recognition_rates
from consilience.model.arrays import Floats, Ints
from consilience.weigh.secondary import SECONDARY

MOST_REPORTS = 5_000
MOST_CELLS = 5_000_000
_RIDGE = 0.3
_COMMON = 100
"""Values of more reports than this are multiplied densely."""


@dataclass(frozen=True, slots=True)
class RidgeDiscriminant:
    """A ridge regression of subjects on values, in its dual form.

    `inverted` holds all values by reports, `coefficients` reports by `classes`, the subjects that have a function of
    their own: in a large case not all have a report among the newest. `rarity` is of values, by kind in order,
    `unseen_weight` the rarity of a value nobody has shown; `recognition` the rate at which each subject was recognised
    so far (`recognition_rates`).
    """

    inverted: sparse.csr_matrix
    coefficients: Floats
    classes: Ints
    subjects: int
    rarity: Floats
    unseen_weight: float
    recognition: Floats

    names = ("discriminant",)

    @classmethod
    def of(cls, case: ReportFeatures) -> RidgeDiscriminant:
        """The functions that tell the subjects of a case apart."""
        chosen = newest(case.owner, case.days, min(MOST_REPORTS, max(1, MOST_CELLS // max(len(case.subjects), 1))))
        shown = sparse.hstack([case.kinds[kind].shown for kind in SECONDARY], format="csr")
        count = shown.shape[0]
        holders = np.bincount(shown.indices, minlength=shown.shape[1])
        rarity = np.log((1 + count) / (1 + holders)) + 1
        rows = (shown[chosen] @ sparse.diags(rarity)).tocsr()
        lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        reports = (sparse.diags(1 / np.maximum(lengths, 1e-12)) @ rows).tocsr()
        classes, label = np.unique(case.owner[chosen], return_inverse=True)
        ridge = _ridge(label, len(classes))
        similarity, unseen_weight = _similarities(reports.astype(_precision(ridge))), float(np.log(1 + count) + 1)
        origins = [case.activities[place].origin for place in chosen.tolist()]
        subjects = len(case.subjects)
        rates = recognition_rates(similarity, case.owner[chosen], case.days[chosen], origins, subjects)
        coefficients = _solved(similarity, ridge, label, len(classes))
        return cls(reports.T.tocsr(), coefficients, classes, subjects, rarity, unseen_weight, rates)

    def terms(self, rows: QueryFeatures) -> Floats:
        """Queries by subjects by one name."""
        query = self._query(rows)
        if len(rows.queries) == 1:
            likeness = weighted_sum(query.indices, query.data, self.inverted)[None, :]
        else:
            likeness = (query @ self.inverted).toarray()
        found = np.zeros((len(rows.queries), self.subjects))
        found[:, self.classes] = likeness @ self.coefficients
        return found[:, :, None]

    def evidence(self, rows: QueryFeatures, subjects: Ints) -> Floats:
        """Queries by these subjects."""
        line = np.minimum(np.searchsorted(self.classes, subjects), len(self.classes) - 1)
        coefficients = np.where(self.classes[line] == subjects, self.coefficients[:, line], 0.0)
        return np.asarray((self._query(rows) @ self.inverted).toarray() @ coefficients)

    def _query(self, rows: QueryFeatures) -> sparse.csr_matrix:
        shown = scaled_columns(_all_kinds(rows), self.rarity)
        unseen = sum(rows.kinds[kind].unseen_squares for kind in SECONDARY) * self.unseen_weight**2
        lengths = np.sqrt(row_sums(shown, shown.data**2) + unseen)
        shown.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(shown.indptr))
        return shown

    def items(self, rows: QueryFeatures, subject: int) -> tuple[Ints, Floats]:
        """Of one query: the places of its values over all kinds in order, and what each weighs for a subject."""
        query, line = self._query(rows), int(np.searchsorted(self.classes, subject))
        if line == len(self.classes) or self.classes[line] != subject:
            return query.indices, np.zeros(len(query.indices))
        per_value = np.asarray(self.inverted[query.indices] @ self.coefficients[:, line]).ravel()
        return query.indices, query.data * per_value


def _all_kinds(rows: QueryFeatures) -> sparse.csr_matrix:
    """Queries by the values of all kinds one after the other."""
    parts = [rows.kinds[kind] for kind in SECONDARY]
    if len(rows.queries) > 1:
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
    position = np.empty(len(owner), dtype=np.int64)
    position[order] = np.arange(len(owner)) - firsts
    return np.sort(np.lexsort((np.arange(len(owner)), position))[:most])


def _similarities(reports: sparse.csr_matrix) -> Floats:
    """The similarity of reports, reports by reports: what many show is multiplied densely."""
    holders = np.bincount(reports.indices, minlength=reports.shape[1])
    common = reports[:, np.flatnonzero(holders > _COMMON)].toarray()
    rest = reports[:, np.flatnonzero(holders <= _COMMON)]
    found = np.asarray(common @ common.T)
    products = (rest @ rest.T).tocoo()
    found[products.row, products.col] += products.data
    return found


def _ridge(owner: Ints, subjects: int) -> Floats:
    """What is added to each report's similarity to itself: every subject counts alike, however many reports it has."""
    count = 1 / np.bincount(owner, minlength=subjects).astype(float)[owner]
    return np.asarray(_RIDGE * count.mean() / count)


def _precision(ridge: Floats) -> type[np.floating[Any]]:
    """Single precision where what rounding can do to so many reports is a tenth of the least ridge at most."""
    return np.float32 if ridge.min() >= 10 * len(ridge) * np.finfo(np.float32).eps else np.float64


def _solved(similarity: Floats, ridge: Floats, owner: Ints, subjects: int) -> Floats:
    """The coefficients, reports by subjects; `similarity` is used up."""
    wanted = np.zeros((len(owner), subjects), dtype=similarity.dtype)
    wanted[np.arange(len(owner)), owner] = 1
    similarity[np.diag_indices(len(owner))] += ridge
    # Turned over, which changes nothing in it, the matrix lies as the library wants it and is not copied.
    root = linalg.cho_factor(similarity.T, lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(linalg.cho_solve(root, wanted, overwrite_b=True, check_finite=False), dtype=float)
