"""Conditional logit: the weights under which the right candidates of many choices are the likeliest.

`fitted_weights` choices between different candidates · `conditional_logit` many choices between the same candidates ·
`logistic` yes or no, which is a choice between a row and one of zeros · `logistic_curve` the same by named features.
All have one solver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from consilience.attribute.indicators.open_set import Curve
from consilience.model.arrays import Flags, Floats, Ints

_STEPS = 200
_HALVINGS = 40
_CLOSE = 1e-10
_SINGLE_PRECISION = 1e-6
"""The part of the loss by which terms in single precision can tell two sets of weights apart."""

_START = 0.1
_NO_SPREAD = 1e-6
_ALMOST_FREE = 1e-6
"""The ridge on an intercept: it is not drawn anywhere, and still has a value where all answers are the same."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidates as rows of features, the place of the right one, and how much the choice counts."""

    candidates: Floats
    right: int
    counts: float = 1.0


@dataclass(frozen=True, slots=True)
class _Batch:
    """Choices of equally many candidates: `candidates` is choices by candidates by features."""

    candidates: Floats
    right: Ints
    counts: Floats

    def probabilities(self, weights: Floats) -> Floats:
        """The probability of each candidate, choices by candidates."""
        log_odds = (self.candidates @ weights.astype(self.candidates.dtype)).astype(np.float64)
        odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class _Ridge:
    """What is added to the loss: half of `strength` times the squared distance from `towards`, for each weight."""

    strength: Floats
    towards: Floats


def fitted_weights(
    choices: Sequence[Choice], ridge: float, never_negative: Sequence[bool], towards: Sequence[float] | None = None
) -> Floats:
    """The weights of the features that make the right candidates likeliest, those marked never below 0.

    `ridge` draws each weight towards `towards` (0 when not given), in units of the spread of its feature among the
    candidates, so that the scale of a feature does not matter. The same choices give the same weights.
    """
    spread = np.sqrt(np.mean([each.candidates.var(axis=0) for each in choices], axis=0))
    scale = np.where(spread > 0, spread, 1.0)
    aim = (np.zeros(len(scale)) if towards is None else np.array(towards, dtype=float)) * scale
    by_size: dict[int, list[Choice]] = {}
    for each in choices:
        by_size.setdefault(len(each.candidates), []).append(each)
    batches = [
        _Batch(
            np.stack([each.candidates for each in same]) / scale,
            np.array([each.right for each in same], dtype=np.int64),
            np.array([each.counts for each in same]),
        )
        for same in by_size.values()
    ]
    return _least(batches, _Ridge(np.full(len(scale), ridge), aim), np.array(never_negative)) / scale


def conditional_logit(terms: Sequence[Floats], right: Sequence[Ints], counts: Sequence[Floats], ridge: float) -> Floats:
    """The non-negative weight of each term under which the right candidates are likeliest.

    `terms` holds, for each set of queries with the same candidates, queries by candidates by terms; `right` the place
    of the right candidate and `counts` how much each query counts. Terms are scaled to unit spread before the ridge,
    and the weights are given back on the scale of the terms.
    """
    spread = _spread(terms)
    mean = sum(float(each.sum()) for each in counts) / sum(len(each) for each in counts)
    batches = [
        _Batch(each / spread.astype(each.dtype), place, count / mean)
        for each, place, count in zip(terms, right, counts, strict=True)
    ]
    size = len(spread)
    drawn = _Ridge(np.full(size, 2 * ridge), np.zeros(size))
    start = np.where(spread > _NO_SPREAD, _START, 0.0)
    return _least(batches, drawn, np.ones(size, dtype=np.bool_), start, _SINGLE_PRECISION) / spread


def logistic(rows: Floats, yes: Flags, ridge: float) -> Floats:
    """The weights of the columns under which the answers are likeliest; the first column is the intercept."""
    size = rows.shape[1]
    pairs = np.stack([rows, np.zeros_like(rows)], axis=1)
    strength = np.append(_ALMOST_FREE, np.full(size - 1, ridge))
    batch = _Batch(pairs, np.where(yes, 0, 1), np.ones(len(rows)))
    return _least([batch], _Ridge(strength, np.zeros(size)), np.zeros(size, dtype=np.bool_))


def logistic_curve(
    rows: Sequence[Mapping[str, float]], yes: Sequence[bool], names: Sequence[str], ridge: float
) -> Curve:
    """The logistic curve under which the answers are likeliest; slopes on unit spread are drawn to 0 by `ridge`."""
    shown = np.array([[row[name] for name in names] for row in rows])
    means, scales = shown.mean(axis=0), np.maximum(shown.std(axis=0), _NO_SPREAD)
    scaled = np.column_stack([np.ones(len(shown)), (shown - means) / scales])
    offset, *slopes = logistic(scaled, np.array(yes, dtype=np.bool_), 2 * ridge).tolist()
    return Curve(tuple(names), tuple(means.tolist()), tuple(scales.tolist()), tuple(slopes), offset)


def _spread(terms: Sequence[Floats]) -> Floats:
    count = sum(each.shape[0] * each.shape[1] for each in terms)
    sums = sum(each.sum(axis=(0, 1), dtype=np.float64) for each in terms)
    squares = sum((each.astype(np.float64) ** 2).sum(axis=(0, 1)) for each in terms)
    spread: Floats = np.sqrt(np.maximum(squares / count - (sums / count) ** 2, 0))
    return np.where(spread > _NO_SPREAD, spread, 1.0)


def _least(
    batches: Sequence[_Batch], ridge: _Ridge, never_negative: Flags, start: Floats | None = None, close: float = _CLOSE
) -> Floats:
    """The weights of least loss, found by Newton steps within the bounds until one gains less than a part of the loss.

    Each step goes to the least value of the quadratic that has the derivatives of the loss (a least-squares problem
    with bounds), and is halved until the loss falls.
    """
    lowest = np.where(never_negative, 0.0, -np.inf)
    weights = np.maximum(ridge.towards if start is None else start, lowest)
    loss = _loss(batches, ridge, weights)
    for _ in range(_STEPS):
        slope, curve = _derivatives(batches, ridge, weights)
        root = linalg.cholesky(curve)
        target = root @ weights - linalg.solve_triangular(root, slope, trans="T")
        least = optimize.lsq_linear(root, target, (lowest, np.inf), method="bvls", tol=1e-14).x
        for halving in range(_HALVINGS):
            tried = weights * (1 - 0.5**halving) + least * 0.5**halving
            lower = _loss(batches, ridge, tried)
            if lower < loss:
                break
        else:
            break
        gained, weights, loss = loss - lower, tried, lower
        if gained < close * max(1.0, loss):
            break
    return weights


def _loss(batches: Sequence[_Batch], ridge: _Ridge, weights: Floats) -> float:
    """The negative log-likelihood with the ridge."""
    loss = float(ridge.strength @ (weights - ridge.towards) ** 2) / 2
    for batch in batches:
        chosen = batch.probabilities(weights)[np.arange(len(batch.right)), batch.right]
        loss -= float(batch.counts @ np.log(np.maximum(chosen, np.finfo(float).tiny)))
    return loss


def _derivatives(batches: Sequence[_Batch], ridge: _Ridge, weights: Floats) -> tuple[Floats, Floats]:
    """The first and second derivatives of the loss."""
    slope, curve = ridge.strength * (weights - ridge.towards), np.diag(ridge.strength)
    for batch in batches:
        each, probabilities = batch.candidates, batch.probabilities(weights)
        mean = np.einsum("qg,qgf->qf", probabilities, each)
        slope = slope + batch.counts @ (mean - each[np.arange(len(batch.right)), batch.right])
        apart = (each - mean[:, None, :].astype(each.dtype)).reshape(-1, len(weights))
        shares = (probabilities * batch.counts[:, None]).reshape(-1, 1).astype(each.dtype)
        curve = curve + (apart * shares).T @ apart
    return slope, curve
