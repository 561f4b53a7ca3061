"""Sums over inverted lists: what the values of one query add up to, touching only who shows them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from scipy import sparse

from consilience.model.arrays import Floats, Ints

_SHORT = 2_000
"""Up to so many places in all, rows are gathered together: there each call costs more than what it adds."""


def _adding() -> Callable[..., Any] | None:
    """SciPy's loop that adds a column to a vector in place. A private name: where it is missing, rows are copied."""
    try:
        found: Callable[..., Any] = import_module("scipy.sparse._sparsetools").csc_matvec
    except (ImportError, AttributeError):
        return None
    return found


_ADD = _adding()


def weighted_sum(values: Ints, amounts: Floats, lists: sparse.csr_matrix) -> Floats:
    """For one query, the sum over its values of amount times entry, one number for each column of `lists`.

    `values` are rows of `lists` and `amounts` what the query shows of each.

    >>> weighted_sum(np.array([0, 2]), np.array([1.0, 2.0]), sparse.csr_matrix([[1.0, 0], [5, 5], [0, 3]])).tolist()
    [1.0, 6.0]
    """
    starts, ends = lists.indptr[values], lists.indptr[values + 1]
    counts = ends - starts
    if counts.sum() <= _SHORT:
        at = _entries(values, counts, lists)
        sums = np.bincount(lists.indices[at], lists.data[at] * np.repeat(amounts, counts), minlength=lists.shape[1])
        return np.asarray(sums, dtype=np.float64)
    if _ADD is None:
        return np.asarray(lists[values].T @ amounts)
    return _one_by_one(starts, ends, amounts, lists)


def _one_by_one(starts: Ints, ends: Ints, amounts: Floats, lists: sparse.csr_matrix) -> Floats:
    """The sum with each row added where it lies: long rows are read once and not copied."""
    assert _ADD is not None
    found, count = np.zeros(lists.shape[1]), lists.shape[1]
    places, data, amounts = lists.indices, lists.data, np.ascontiguousarray(amounts)
    spans = np.zeros((len(starts), 2), dtype=places.dtype)
    spans[:, 1] = ends - starts
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        _ADD(count, 1, spans[number], places[start:end], data[start:end], amounts[number : number + 1], found)
    return found


def column_entries(values: Ints, column: int, lists: sparse.csr_matrix) -> Floats:
    """The entry that each of these rows of `lists` has in one column, 0 where it has none.

    >>> column_entries(np.array([2, 0]), 1, sparse.csr_matrix([[1, 0], [5, 5], [0, 3]])).tolist()
    [3.0, 0.0]
    """
    return column_blocks(values, np.array([column]), np.array([column + 1]), lists)[:, 0]


def column_blocks(values: Ints, firsts: Ints, lasts: Ints, lists: sparse.csr_matrix) -> Floats:
    """These rows of `lists` over some stretches of its columns, from each first up to before its last, side by side.

    The columns of a row are in order, so that a stretch is found by halving and nobody else's entries are read.

    >>> lists = sparse.csr_matrix([[1, 0], [5, 6], [0, 3]])
    >>> column_blocks(np.array([1, 0]), np.array([0]), np.array([2]), lists).tolist()
    [[5.0, 6.0], [1.0, 0.0]]
    """
    before = np.cumsum(lasts - firsts) - (lasts - firsts)
    found = np.zeros((len(values), int((lasts - firsts).sum())))
    if not found.size:
        return found
    starts, ends = lists.indptr[values][:, None], lists.indptr[values + 1][:, None]
    low, high = (
        _where(np.broadcast_to(each, (len(values), len(each))), starts, ends, lists) for each in (firsts, lasts)
    )
    counts = (high - low).ravel()
    at = np.arange(int(counts.sum())) + np.repeat(low.ravel() - (np.cumsum(counts) - counts), counts)
    line, stretch = np.divmod(np.repeat(np.arange(counts.size), counts), len(firsts))
    found[line, before[stretch] + lists.indices[at] - firsts[stretch]] = lists.data[at]
    return found


def _where(wanted: Ints, starts: Ints, ends: Ints, lists: sparse.csr_matrix) -> Ints:
    """The place in each row (between its start and its end) of the first column that is not below the wanted one."""
    low, high = np.broadcast_to(starts, wanted.shape).copy(), np.broadcast_to(ends, wanted.shape).copy()
    last = max(len(lists.indices) - 1, 0)
    while (open_ := low < high).any():
        middle = (low + high) // 2
        below = open_ & (lists.indices[np.minimum(middle, last)] < wanted)
        low = np.where(below, middle + 1, low)
        high = np.where(open_ & ~below, middle, high)
    return low


def _entries(values: Ints, counts: Ints, lists: sparse.csr_matrix) -> Ints:
    """The places of the entries of these rows, one row after the other."""
    before = np.cumsum(counts) - counts
    return np.asarray(np.arange(int(counts.sum())) + np.repeat(lists.indptr[values] - before, counts))
