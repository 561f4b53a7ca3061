"""How well numbers put pairs of one operator first, and how well probabilities keep their word."""

import numpy as np


def auroc(weights: np.ndarray, same: np.ndarray, times: np.ndarray | None = None) -> float:
    """How often a same pair stands above a different one, ties half; `times` says how often each pair counts."""
    times = np.ones(len(weights)) if times is None else times
    _, place = np.unique(weights, return_inverse=True)
    mine, others = (np.bincount(place, times * mark, place.max() + 1) for mark in (same, ~same))
    below = np.cumsum(others) - others
    whole = mine.sum() * others.sum()
    return float((mine * (below + others / 2)).sum() / whole) if whole else float("nan")


def precision_at(weights: np.ndarray, same: np.ndarray, most: int) -> float:
    """The share of same pairs among the first so many; equal weights count by the share of their tie."""
    order = np.argsort(-weights, kind="stable")
    edge = weights[order[min(most, len(order)) - 1]]
    above, tied = weights > edge, weights == edge
    room = min(most, len(order)) - above.sum()
    return float((same[above].sum() + room * same[tied].mean()) / min(most, len(order)))


def claims(probability: np.ndarray, same: np.ndarray, least: float) -> tuple[int, float, float]:
    """How many pairs are called same, the share of them that is wrong, and the share of same pairs that is found."""
    said = probability >= least
    count = int(said.sum())
    return count, float((~same[said]).mean()) if count else 0.0, float(same[said].sum() / same.sum())


def brier(probability: np.ndarray, same: np.ndarray) -> float:
    return float(((probability - same) ** 2).mean())


class Bootstrap:
    """Samples of subjects with replacement: a pair counts as often as its two subjects were drawn."""

    def __init__(self, left: list[str], right: list[str], rounds: int = 400, seed: int = 0) -> None:
        names = sorted({*left, *right})
        place = {name: number for number, name in enumerate(names)}
        first, second = (np.array([place[name] for name in side]) for side in (left, right))
        draws = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds)
        self.times = [np.where(first == second, draw[first], draw[first] * draw[second]) for draw in draws]

    def interval(self, weights: np.ndarray, same: np.ndarray, among: np.ndarray) -> tuple[float, float]:
        """The middle 95 % of the AUROC over the samples."""
        found = [auroc(weights[among], same[among], times[among]) for times in self.times]
        return tuple(float(edge) for edge in np.nanquantile(found, (0.025, 0.975)))

    def difference(self, one: np.ndarray, other: np.ndarray, same: np.ndarray) -> tuple[float, float]:
        """The middle 95 % of one AUROC less the other, over the same samples."""
        found = [auroc(one, same, times) - auroc(other, same, times) for times in self.times]
        return tuple(float(edge) for edge in np.nanquantile(found, (0.025, 0.975)))
