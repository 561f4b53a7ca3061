"""Fits what the items of a pair of reports weigh, and what a fit that never saw its subjects says of a pair.

Ridge logistic regression on the items as they stand (`consilience.attribute.pairs.items`), each held to its known
direction. A pair is two reports of at least three values that share software; *same* means one subject.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.pairs import ITEMS, ReportPairs, Weights
from consilience.attribute.pairs.comparison import comparison_of
from consilience.attribute.pairs.items import findings
from consilience.attribute.pairs.reports import SOFTWARE, values_of
from consilience.attribute.shipped import FORMAT
from consilience.calibrate.logit import logistic
from consilience.model.arrays import Flags, Floats
from consilience.model.json import Json, JsonObject

LEAST_VALUES = 3
RIDGE = 2.0
TRIM = 0.001
FOLDS = 20
SEED = 1
DIRECTIONS = tuple(sign for _, sign, _ in ITEMS)


@dataclass(frozen=True, slots=True)
class SharingPairs:
    """The pairs of reports that share software: `left[i]` with `right[i]`, `same[i]` when they are of one subject."""

    left: tuple[Activity, ...]
    right: tuple[Activity, ...]
    same: Flags

    def values(self, pairs: ReportPairs, known: bool) -> Floats:
        """The values of every item (columns) for every pair (rows).

        `known` leaves out only the two documents, so that other reports of the same operator are third parties under
        their subject's name; otherwise nothing of either subject counts.
        """
        rows = [
            [each.value for each in findings(comparison_of(pairs.reports, *sides, pairs.techniques))]
            for sides in self.asked(known)
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, len(ITEMS))

    def asked(self, known: bool) -> Iterator[tuple[Activity, Activity]]:
        """The two sides of every pair as they are asked about: without their subjects' names when `known`."""
        for a, b in zip(self.left, self.right, strict=True):
            yield (replace(a, subject=""), replace(b, subject="")) if known else (a, b)


def sharing_pairs(activities: Iterable[Activity]) -> SharingPairs:
    """The pairs of reports of at least `LEAST_VALUES` values that share software, in the order of the reports."""
    units = sorted(each for each in activities if len(values_of(each)) >= LEAST_VALUES)
    families = [_software(each) for each in units]
    found = [
        (first, second)
        for first in range(len(units))
        for second in range(first + 1, len(units))
        if families[first] & families[second]
    ]
    return SharingPairs(
        left=tuple(units[first] for first, _ in found),
        right=tuple(units[second] for _, second in found),
        same=np.array([units[first].subject == units[second].subject for first, second in found], dtype=np.bool_),
    )


def _software(report: Activity) -> set[str]:
    """The names of the software that a report shows."""
    return {name for kind, name in values_of(report) if kind == SOFTWARE}


def fitted(values: Floats, same: Flags, ridge: float = RIDGE, directions: Sequence[int] = DIRECTIONS) -> Weights:
    """The weights that fit these pairs best under the ridge; an item that would take the wrong direction weighs 0.

    The ridge acts on standardised items. `low` and `high` cut a thousandth at each end, so that one odd pair
    neither fits nor is weighed beyond the rest.
    """
    low, high = np.quantile(values, (TRIM, 1 - TRIM), axis=0)
    clipped = np.clip(values, low, high)
    centre, spread = clipped.mean(axis=0), clipped.std(axis=0)
    varied = spread > 1e-9
    scale = np.where(varied, spread, 1.0)
    design = np.column_stack([np.ones(len(clipped)), (clipped - centre) / scale])
    free = np.append(True, varied)
    while True:
        found = np.zeros(len(free))
        found[free] = logistic(design[:, free], same, ridge)
        wrong = free & np.append(False, np.array(directions) * found[1:] < 0)
        if not wrong.any():
            break
        free &= ~wrong
    weight = found[1:] / scale
    return Weights(
        baseline=float(found[0] - weight @ centre),
        weight=tuple(map(float, weight)),
        low=tuple(map(float, low)),
        high=tuple(map(float, high)),
    )


def log_odds(weights: Weights, values: Floats) -> Floats:
    """The log-odds of one operator for each row of values."""
    clipped = np.clip(values, weights.low, weights.high)
    return np.asarray(weights.baseline + clipped @ np.array(weights.weight), dtype=np.float64)


def held_out(
    pairs: SharingPairs,
    values: Floats,
    folds: int = FOLDS,
    ridge: float = RIDGE,
    directions: Sequence[int] = DIRECTIONS,
    seed: int = SEED,
    tested: Floats | None = None,
) -> Floats:
    """The log-odds of every pair under weights that were fitted without any pair of either of its subjects.

    Leaving out subjects thins pairs of different subjects more than pairs of one; the baseline is put back by the
    part of subjects that were left. `tested` are the values to answer where they are not those of the fit.
    """
    tested = values if tested is None else tested
    fold = folds_of([*(each.subject for each in pairs.left), *(each.subject for each in pairs.right)], folds, seed)
    first = np.array([fold[each.subject] for each in pairs.left])
    second = np.array([fold[each.subject] for each in pairs.right])
    out = np.zeros(len(values))
    for low in range(folds):
        for high in range(low, folds):
            asked = ((first == low) & (second == high)) | ((first == high) & (second == low))
            if not asked.any():
                continue
            seen = ~np.isin(first, (low, high)) & ~np.isin(second, (low, high))
            left = 1 - (1 if low == high else 2) / folds
            weights = fitted(values[seen], pairs.same[seen], ridge, directions)
            out[asked] = log_odds(weights, tested[asked]) + math.log(left)
    return out


def folds_of(subjects: Iterable[str], folds: int = FOLDS, seed: int = SEED) -> dict[str, int]:
    """A fold for each subject, as even as can be, the same for the same subjects."""
    names = sorted(set(subjects))
    order = np.random.default_rng(seed).permutation(len(names))
    return {names[int(place)]: rank % folds for rank, place in enumerate(order)}


def document(apart: Weights, known: Weights, provenance: Mapping[str, Json]) -> JsonObject:
    """The fitted weights as the package ships them, with where they come from."""
    return {
        "format": FORMAT,
        "model": pair_record(apart, known),
        "provenance": dict(provenance),
    }


def pair_record(apart: Weights, known: Weights) -> JsonObject:
    """The fitted weights as plain values, for a model file."""
    return {"apart": _table(apart), "known": _table(known)}


def _table(weights: Weights) -> JsonObject:
    columns: Sequence[Sequence[float]] = (weights.weight, weights.low, weights.high)
    return {
        "baseline": round(weights.baseline, 6),
        "items": [
            {"name": name, "weight": round(weight, 6), "low": round(low, 6), "high": round(high, 6)}
            for (name, _, _), weight, low, high in zip(ITEMS, *columns, strict=True)
        ],
    }
