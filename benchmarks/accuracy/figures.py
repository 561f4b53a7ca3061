"""Figures of accuracy and calibration, with intervals bootstrapped over actors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 2000
SEED = 20211110


def ranking(ranks: Floats) -> Floats:
    """Top-1, top-5 and mean reciprocal rank."""
    return np.array([np.mean(ranks <= 1), np.mean(ranks <= 5), np.mean(1 / ranks)])


def resamples(actors: Sequence[str], count: int = RESAMPLES) -> list[NDArray[np.int64]]:
    """Places of questions, drawn by actor with replacement; the same for every method, so that they pair."""
    places: dict[str, list[int]] = {}
    for place, actor in enumerate(actors):
        places.setdefault(actor, []).append(place)
    groups = [np.array(found) for _, found in sorted(places.items())]
    chance = np.random.default_rng(SEED)
    return [
        np.concatenate([groups[number] for number in chance.integers(0, len(groups), len(groups))])
        for _ in range(count)
    ]


def interval(values: Sequence[Floats]) -> tuple[Floats, Floats]:
    """The middle 95 % of resampled figures."""
    low, high = np.percentile(np.array(values), [2.5, 97.5], axis=0)
    return low, high


def separation(values: Floats, positive: NDArray[np.bool_], strata: Sequence[str]) -> tuple[float, dict[str, float]]:
    """The AUROC within strata, pairs of all strata taken together, and that of each stratum."""
    strata = np.array(strata)
    won = pairs = 0.0
    each = {}
    for name in sorted(set(strata)):
        here = strata == name
        yes, no = values[here & positive], values[here & ~positive]
        wins = np.sum(yes[:, None] > no[None, :]) + np.sum(yes[:, None] == no[None, :]) / 2
        won, pairs = won + wins, pairs + len(yes) * len(no)
        each[str(name)] = float(wins / (len(yes) * len(no)))
    return float(won / pairs), each


def brier(chances: Floats, right: Floats, bins: int = 10) -> tuple[float, float, float, float]:
    """The Brier score, and its reliability, resolution and uncertainty over equal-mass bins (Murphy 1973)."""
    base = right.mean()
    reliability = resolution = 0.0
    for places in np.array_split(np.argsort(chances, kind="stable"), bins):
        part = len(places) / len(chances)
        reliability += part * (chances[places].mean() - right[places].mean()) ** 2
        resolution += part * (right[places].mean() - base) ** 2
    return float(np.mean((chances - right) ** 2)), float(reliability), float(resolution), float(base * (1 - base))


def calibration_error(chances: Floats, right: Floats, bins: int = 10) -> float:
    """The expected calibration error over equal-mass bins."""
    parts = np.array_split(np.argsort(chances, kind="stable"), bins)
    return float(sum(len(at) * abs(chances[at].mean() - right[at].mean()) for at in parts) / len(chances))


def error_by_chance(chances: Floats, bins: int = 10, draws: int = RESAMPLES) -> float:
    """The mean calibration error that perfectly calibrated probabilities of these values would show by chance."""
    chance = np.random.default_rng(SEED)
    drawn = (chance.random((draws, len(chances))) < chances).astype(float)
    return float(np.mean([calibration_error(chances, right, bins) for right in drawn]))


def log_loss(chances: Floats) -> float:
    """The mean negative logarithm of the probability given to the right answer, in nats."""
    return float(-np.mean(np.log(np.maximum(chances, 1e-12))))
