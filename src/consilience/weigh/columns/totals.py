"""Discounts and sums per pair, for rows of shared values: trait groups and the budget of cheap traits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from consilience.vocab import Vocabulary
from consilience.weigh.columns.table import FactTable
from consilience.weigh.columns.weights import Rows


def totals(rows: Rows, table: FactTable, pairs: int, vocabulary: Vocabulary) -> NDArray[np.float64]:
    """The decibans each pair's shared values add up to on every slot, one row per pair.

    The cap on what one origin may say is not applied: it only lowers, so this is never below the plain total of the
    same items, and equal to it wherever no origin reaches its cap.
    """
    groups = sorted({vocabulary.kinds[kind].group for kind, _ in table.traits})
    group_of = np.array([groups.index(vocabulary.kinds[kind].group) for kind, _ in table.traits], dtype=np.int64)
    cheap_of = np.array([vocabulary.kinds[kind].forging == "cheap" for kind, _ in table.traits], dtype=bool)
    out = np.zeros((pairs, len(vocabulary.slots)))
    if not len(rows.pair):
        return out
    group, cheap = group_of[rows.trait], cheap_of[rows.trait]
    for axis, (start, stop) in vocabulary.ranges.items():
        part = rows.vector[:, start:stop] * _discount(rows, group, start, stop, vocabulary)[:, None]
        planted = np.zeros((pairs, stop - start))
        np.add.at(planted, rows.pair[cheap], part[cheap])
        largest = np.abs(planted).max(axis=1)
        budget = vocabulary.counting["cheap"]["budgets"][axis]
        shrink = np.where(largest > budget, budget / np.maximum(largest, 1e-300), 1.0)
        np.add.at(out[:, start:stop], rows.pair[~cheap], part[~cheap])
        out[:, start:stop] += planted * shrink[:, None]
    return out


def _discount(
    rows: Rows, group: NDArray[np.int64], start: int, stop: int, vocabulary: Vocabulary
) -> NDArray[np.float64]:
    """The strongest of a group on this axis in full, then 1/2, 1/4; equal ones in the order of their traits."""
    strength = np.abs(rows.vector[:, start:stop]).max(axis=1)
    order = np.lexsort((rows.trait, -strength, group, rows.pair))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(rows.pair[order]) != 0) | (np.diff(group[order]) != 0)
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    factor = np.empty(len(order))
    factor[order] = float(vocabulary.counting["groups"]["decay"]) ** (np.arange(len(order)) - first)
    return factor
