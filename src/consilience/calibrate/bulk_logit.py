"""Two small fits: weights of terms that may not be negative, and a logistic curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from consilience.attribute.indicators.open_set import Curve

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_STEPS = 60
_HALVINGS = 12
_SWEEPS = 200
_SETTLED = 1e-6


def conditional_logit(
    terms: Sequence[Floats], right: Sequence[Places], counts: Sequence[Floats], ridge: float
) -> Floats:
    """The non-negative weight of each term under which the right candidates are likeliest.

    `terms` holds, for each set of queries with the same candidates, queries by candidates by terms; `right` the place
    of the right candidate and `counts` how much each query counts. Terms are scaled to unit spread before the ridge,
    and the weights are given back on the scale of the terms. Projected Newton steps from a small positive start.
    """
    spread = _spread(terms)
    scaled = [each / spread.astype(each.dtype) for each in terms]
    whole = sum(float(each.sum()) for each in counts)
    shares = [each * (sum(len(some) for some in counts) / whole) for each in counts]
    found = np.where(spread > _SETTLED, 0.1, 0.0)
    loss, slope, curve = _bends(scaled, right, shares, found, ridge)
    for _ in range(_STEPS):
        step = _descent(found, slope, curve) - found
        for halving in range(_HALVINGS):
            tried = np.maximum(found + step * 0.5**halving, 0)
            after = _loss(scaled, right, shares, tried, ridge)
            if after <= loss:
                break
        else:
            break
        gained, found = loss - after, tried
        loss, slope, curve = _bends(scaled, right, shares, found, ridge)
        if gained < _SETTLED * max(1.0, loss):
            break
    return found / spread


def _spread(terms: Sequence[Floats]) -> Floats:
    count = sum(each.shape[0] * each.shape[1] for each in terms)
    sums = sum(each.sum(axis=(0, 1), dtype=np.float64) for each in terms)
    squares = sum((each.astype(np.float64) ** 2).sum(axis=(0, 1)) for each in terms)
    spread: Floats = np.sqrt(np.maximum(squares / count - (sums / count) ** 2, 0))
    return np.where(spread > _SETTLED, spread, 1.0)


def _shares(terms: Floats, weights: Floats) -> Floats:
    odds = (terms @ weights.astype(terms.dtype)).astype(np.float64)
    odds -= odds.max(axis=1, keepdims=True)
    shares = np.exp(odds)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _loss(
    terms: Sequence[Floats], right: Sequence[Places], counts: Sequence[Floats], weights: Floats, ridge: float
) -> float:
    loss = ridge * float(weights @ weights)
    for each, place, count in zip(terms, right, counts, strict=True):
        chosen = _shares(each, weights)[np.arange(len(place)), place]
        loss -= float(count @ np.log(np.maximum(chosen, 1e-300)))
    return loss


def _bends(
    terms: Sequence[Floats], right: Sequence[Places], counts: Sequence[Floats], weights: Floats, ridge: float
) -> tuple[float, Floats, Floats]:
    """The loss with its first and second derivatives."""
    size = len(weights)
    slope, curve = 2 * ridge * weights, 2 * ridge * np.eye(size)
    for each, place, count in zip(terms, right, counts, strict=True):
        shares = _shares(each, weights)
        mean = np.einsum("qg,qgf->qf", shares, each)
        slope = slope + count @ (mean - each[np.arange(len(place)), place])
        flat = each.reshape(-1, size)
        pull = (shares * count[:, None]).reshape(-1, 1).astype(each.dtype)
        curve = curve + (flat * pull).T @ flat - (mean * count[:, None]).T @ mean
    return _loss(terms, right, counts, weights, ridge), slope, curve


def _descent(start: Floats, slope: Floats, curve: Floats) -> Floats:
    """Where the quadratic of these derivatives is least with no weight below 0, by turns over the weights."""
    found = start.copy()
    pull = slope.copy()
    for _ in range(_SWEEPS):
        moved = 0.0
        for place in range(len(found)):
            better = max(0.0, found[place] - pull[place] / curve[place, place])
            change = better - found[place]
            if change:
                pull += change * curve[:, place]
                found[place] = better
                moved = max(moved, abs(change))
        if moved < _SETTLED:
            break
    return found


def logistic_curve(
    rows: Sequence[Mapping[str, float]],
    yes: Sequence[bool],
    counts: Sequence[float],
    names: Sequence[str],
    ridge: float,
) -> Curve:
    """The logistic curve under which the answers are likeliest; slopes on unit spread are drawn to 0 by `ridge`."""
    shown = np.array([[row[name] for name in names] for row in rows])
    means, scales = shown.mean(axis=0), np.maximum(shown.std(axis=0), _SETTLED)
    scaled = np.column_stack([(shown - means) / scales, np.ones(len(shown))])
    wanted, count = np.array(yes, dtype=float), np.array(counts)
    hold = np.diag([2 * ridge] * len(names) + [_SETTLED])
    found = np.zeros(len(names) + 1)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ found, -30, 30)))
        slope = scaled.T @ (count * (chance - wanted)) + hold @ found
        curve = (scaled * (count * chance * (1 - chance))[:, None]).T @ scaled + hold
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < _SETTLED:
            break
    return Curve(
        tuple(names), tuple(means.tolist()), tuple(scales.tolist()), tuple(found[:-1].tolist()), float(found[-1])
    )
