"""Measures of rankings and of probabilities, and how far they would differ by chance.

Intervals draw whole actors again, because a few actors are most of the questions. Chance comes from generators with a
fixed seed, so that the same answers give the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from consilience.model.arrays import Flags, Floats, Ints

RESAMPLES = 2000
SEED = 20211110
BINS = 10


def ranking(ranks: Floats) -> Floats:
    """Top-1, top-5 and mean reciprocal rank of the ranks that right answers had."""
    return np.array([np.mean(ranks <= 1), np.mean(ranks <= 5), np.mean(1 / ranks)])


def resamples(actors: Sequence[str], count: int = RESAMPLES) -> list[Ints]:
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


def interval(values: Sequence[Any]) -> tuple[Floats, Floats]:
    """The middle 95 % of resampled figures."""
    low, high = np.nanpercentile(np.array(values), [2.5, 97.5], axis=0)
    return low, high


def separation(values: Floats, positive: Flags, strata: Sequence[str]) -> tuple[float, dict[str, float]]:
    """The AUROC within strata, pairs of all strata taken together, and that of each stratum; ties count half.

    A stratum in which all are alike separates nothing: it has no figure, and where none has, the whole is NaN.
    """
    named = np.array(strata)
    won = pairs = 0.0
    each: dict[str, float] = {}
    for name in sorted(set(strata)):
        here = named == name
        yes, no = values[here & positive], values[here & ~positive]
        if len(yes) and len(no):
            wins = float(np.sum(yes[:, None] > no[None, :]) + np.sum(yes[:, None] == no[None, :]) / 2)
            won, pairs = won + wins, pairs + len(yes) * len(no)
            each[str(name)] = wins / (len(yes) * len(no))
    return (won / pairs if pairs else float("nan")), each


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like probability: how many, their mean probability, and the part of them that was right."""

    count: int
    said: float
    right: float


def bins(chances: Floats, right: Floats, count: int = BINS) -> list[Bin]:
    """Answers in bins of equal mass, from the least probable to the most."""
    parts = np.array_split(np.argsort(chances, kind="stable"), count)
    return [Bin(len(at), float(chances[at].mean()), float(right[at].mean())) for at in parts if len(at)]


def brier(chances: Floats, right: Floats, count: int = BINS) -> tuple[float, float, float, float]:
    """The Brier score, and its reliability, resolution and uncertainty over equal-mass bins (Murphy 1973)."""
    base = float(right.mean())
    found = bins(chances, right, count)
    reliability = sum(each.count * (each.said - each.right) ** 2 for each in found) / len(chances)
    resolution = sum(each.count * (each.right - base) ** 2 for each in found) / len(chances)
    return float(np.mean((chances - right) ** 2)), reliability, resolution, base * (1 - base)


def calibration_error(chances: Floats, right: Floats, count: int = BINS) -> float:
    """The expected calibration error over equal-mass bins."""
    return sum(each.count * abs(each.said - each.right) for each in bins(chances, right, count)) / len(chances)


def error_by_chance(chances: Floats, count: int = BINS, draws: int = RESAMPLES) -> float:
    """The mean calibration error that perfectly calibrated probabilities of these values would show by chance."""
    chance = np.random.default_rng(SEED)
    drawn = (chance.random((draws, len(chances))) < chances).astype(float)
    return float(np.mean([calibration_error(chances, right, count) for right in drawn]))


def log_loss(chances: Floats) -> float:
    """The mean negative logarithm of the probability given to the right answer, in nats."""
    return float(-np.mean(np.log(np.maximum(chances, 1e-12))))


def risk_coverage(chances: Floats, right: Floats, coverages: Sequence[float]) -> list[tuple[float, float, float]]:
    """For each part of the questions, most probable first: the part, the least probability in it, the part right."""
    order = np.argsort(-chances, kind="stable")
    rows = []
    for part in coverages:
        at = order[: max(1, round(part * len(order)))]
        rows.append((part, float(chances[at].min()), float(right[at].mean())))
    return rows


def coverage_at(chances: Floats, right: Floats, precision: float) -> float:
    """The largest part of the questions, most probable first, that is answered at this precision."""
    held = np.cumsum(right[np.argsort(-chances, kind="stable")]) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(held >= precision)
    return float((enough.max() + 1) / len(right)) if len(enough) else 0.0
