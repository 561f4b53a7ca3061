"""Conditional logit: weights under which the right candidates of many choices are the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 200
_CLOSE = 1e-10
_SHORTEST = 1e-12


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidates as rows of features, the place of the right one, and how much the choice counts."""

    candidates: Floats
    right: int
    counts: float = 1.0


def fitted_weights(
    choices: Sequence[Choice], ridge: float, never_negative: Sequence[bool], towards: Sequence[float] | None = None
) -> Floats:
    """The weights of the features that make the right candidates likeliest, those marked never below 0.

    `ridge` draws each weight towards `towards` (0 when not given), in units of the spread of its feature among the
    candidates, so that the scale of a feature does not matter. Newton's method with projection onto the bounds
    (Bertsekas 1982); the same choices give the same weights.
    """
    spread = np.sqrt(np.mean([each.candidates.var(axis=0) for each in choices], axis=0))
    scale = np.where(spread > 0, spread, 1.0)
    aim = (np.zeros(len(scale)) if towards is None else np.array(towards, dtype=float)) * scale
    scaled = [Choice(each.candidates / scale, each.right, each.counts) for each in choices]
    bound = np.array(never_negative, dtype=np.bool_)
    weights = aim.copy()
    loss, slope, bend = _loss(scaled, weights, ridge, aim)
    for _ in range(_STEPS):
        free = ~(bound & (weights <= 0) & (slope > 0))
        step = np.zeros(len(weights))
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], -slope[free])
        length = 1.0
        while True:
            tried = np.where(bound, np.maximum(weights + length * step, 0), weights + length * step)
            found = _loss(scaled, tried, ridge, aim)
            if found[0] <= loss or length < _SHORTEST:
                break
            length /= 2
        if loss - found[0] < _CLOSE:
            break
        weights, (loss, slope, bend) = tried, found
    return np.asarray(weights / scale)


def _loss(choices: Sequence[Choice], weights: Floats, ridge: float, aim: Floats) -> tuple[float, Floats, Floats]:
    """The penalised negative log-likelihood with its first and second derivatives."""
    loss = ridge * float(((weights - aim) ** 2).sum()) / 2
    slope = ridge * (weights - aim)
    bend = ridge * np.eye(len(weights))
    for each in choices:
        log_odds = each.candidates @ weights
        shares = np.exp(log_odds - log_odds.max())
        total = float(shares.sum())
        shares /= total
        loss += each.counts * (float(log_odds.max()) + float(np.log(total)) - float(log_odds[each.right]))
        mean = shares @ each.candidates
        slope = slope + each.counts * (mean - each.candidates[each.right])
        away = each.candidates - mean
        bend = bend + each.counts * (away.T * shares) @ away
    return loss, slope, bend
