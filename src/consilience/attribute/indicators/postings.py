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
    starts = lists.indptr[values]
    counts = lists.indptr[values + 1] - starts
    whole = int(counts.sum())
    if whole > _LONG:
        return np.asarray(lists[values].T @ amounts)
    at = np.arange(whole) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
    sums = np.bincount(lists.indices[at], lists.data[at] * np.repeat(amounts, counts), minlength=lists.shape[1])
    return np.asarray(sums, dtype=np.float64)
