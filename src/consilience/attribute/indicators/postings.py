"""Sums over inverted lists: what the values of one query add up to, touching only who shows them."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from consilience.attribute.indicators.bags import Floats, Places

_LONG = 20_000
"""From so many places on, rows are copied out whole: below, making a matrix costs more than it saves."""


def pulled(values: Places, amounts: Floats, lists: sparse.csr_matrix) -> Floats:
    """For one query, the sum over its values of amount times entry, one number for each column of `lists`.

    `values` are rows of `lists` and `amounts` what the query shows of each.

    >>> pulled(np.array([0, 2]), np.array([1.0, 2.0]), sparse.csr_matrix([[1, 0], [5, 5], [0, 3]])).tolist()
    [1.0, 6.0]
    """
    counts = lists.indptr[values + 1] - lists.indptr[values]
    if counts.sum() > _LONG:
        return np.asarray(lists[values].T @ amounts)
    at = _entries(values, counts, lists)
    sums = np.bincount(lists.indices[at], lists.data[at] * np.repeat(amounts, counts), minlength=lists.shape[1])
    return np.asarray(sums, dtype=np.float64)


def of_one(values: Places, column: int, lists: sparse.csr_matrix) -> Floats:
    """The entry that each of these rows of `lists` has in one column, 0 where it has none.

    >>> of_one(np.array([2, 0]), 1, sparse.csr_matrix([[1, 0], [5, 5], [0, 3]])).tolist()
    [3.0, 0.0]
    """
    counts = lists.indptr[values + 1] - lists.indptr[values]
    at = _entries(values, counts, lists)
    mine = np.flatnonzero(lists.indices[at] == column)
    found = np.zeros(len(values))
    found[np.searchsorted(np.cumsum(counts), mine, side="right")] = lists.data[at[mine]]
    return found


def _entries(values: Places, counts: Places, lists: sparse.csr_matrix) -> Places:
    """The places of the entries of these rows, one row after the other."""
    before = np.cumsum(counts) - counts
    return np.asarray(np.arange(int(counts.sum())) + np.repeat(lists.indptr[values] - before, counts))
