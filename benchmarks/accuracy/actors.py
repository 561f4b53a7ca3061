"""Rankings over actors, each actor alike or without the biggest, because a few actors are most of the queries."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from consilience.calibrate.measures import interval, resamples

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
    drawn = [measure(chosen) for chosen in resamples([str(actor) for actor in actors], DRAWS)]
    low, high = interval([list(each.values()) for each in drawn])
    return {name: (float(low[at]), float(high[at])) for at, name in enumerate(drawn[0])}
