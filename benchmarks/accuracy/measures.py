"""Measures of an attribution benchmark, with a bootstrap over actors because a few actors are most of the queries."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from consilience.calibrate.measures import calibration_error

BINS = 10
DRAWS = 1000
BIG = 5


def ranks(odds: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The rank of the right subject of each query, ties sharing their mean rank."""
    own = odds[np.arange(len(right)), right][:, None]
    return (odds > own).sum(axis=1) + ((odds == own).sum(axis=1) + 1) / 2


def biggest(right: np.ndarray) -> set[int]:
    """The actors with most queries."""
    return {actor for actor, _ in Counter(right.tolist()).most_common(BIG)}


def ranking(rank: np.ndarray, right: np.ndarray, big: set[int]) -> dict[str, float]:
    """Top-1, top-3, mean reciprocal rank, mean top-1 of actors, and top-1 without the biggest."""
    first = rank <= 1
    hits, whole = np.bincount(right, first), np.bincount(right)
    small = ~np.isin(right, sorted(big))
    return {
        "top-1": first.mean(),
        "top-3": (rank <= 3).mean(),
        "MRR": (1 / rank).mean(),
        "macro": (hits[whole > 0] / whole[whole > 0]).mean(),
        "without five": first[small].mean() if small.any() else float("nan"),
    }


def bootstrap(measure: Callable[[np.ndarray], dict[str, float]], actors: np.ndarray) -> dict[str, tuple[float, float]]:
    """The 95 % intervals of measures of queries (given by their places) when whole actors are drawn again."""
    generator = np.random.default_rng(20231231)
    groups = [np.flatnonzero(actors == actor) for actor in np.unique(actors)]
    drawn: dict[str, list[float]] = {}
    for _ in range(DRAWS):
        chosen = np.concatenate([groups[each] for each in generator.integers(0, len(groups), len(groups))])
        for name, value in measure(chosen).items():
            drawn.setdefault(name, []).append(value)
    return {
        name: (float(np.nanpercentile(values, 2.5)), float(np.nanpercentile(values, 97.5)))
        for name, values in drawn.items()
    }


def bins(probability: np.ndarray, right: np.ndarray) -> list[tuple[int, float, float]]:
    """Equal-mass bins: number, mean probability, part that was right."""
    order = np.argsort(probability, kind="stable")
    return [
        (len(part), probability[part].mean(), right[part].mean()) for part in np.array_split(order, BINS) if len(part)
    ]


def least_error(probability: np.ndarray) -> float:
    """The calibration error that a perfect forecaster of these probabilities shows on average, by chance alone."""
    generator = np.random.default_rng(0)
    return float(
        np.mean([calibration_error(probability, generator.random(len(probability)) < probability) for _ in range(300)])
    )


def brier(probability: np.ndarray, right: np.ndarray) -> float:
    """The mean squared difference of the first one's probability and whether it was right."""
    return float(((probability - right) ** 2).mean())


def auroc(high: np.ndarray, yes: np.ndarray) -> float:
    """How often a value of yes is above one of no, ties half."""
    return float(np.mean([(value > high[~yes]).mean() + 0.5 * (value == high[~yes]).mean() for value in high[yes]]))
