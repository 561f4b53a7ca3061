"""From log-odds to probabilities: every known subject, and none of these, summing to 1.

*None of these* is one more candidate. Its log-odds are a fitted line over features of the query and of the ranking,
so that a best subject which hardly stands out loses to it. It means *none of these, or not enough to tell*: the two
cannot be told apart from techniques and software alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from consilience.attribute.engine import LogOdds
from consilience.model.arrays import Floats

_LEAST = 1e-6
PRIOR_KNOWN = 0.7
"""The part of all activities that is a known subject's, before anything of them is seen."""


@dataclass(frozen=True, slots=True)
class SoftmaxOpenSet:
    """The fitted rule: how far log-odds are trusted (`scale`), and the line that none of these follows."""

    scale: float = 1.0
    intercept: float = 6.0
    coefficients: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenSetProbabilities:
    """The probability of each known subject, in the engine's order, and that of none of these."""

    known: Floats
    none: float


def features(terms: LogOdds, with_prior: bool = True) -> dict[str, float]:
    """What is known of a ranking and its query: the engine's own features, and how far the best stands out.

    `best` the largest log-odds, `margin` its lead over the second, `above_mean` over the mean, `stands_out` its
    log-odds against all other known subjects together, `all` the logarithm of the sum over all.
    """
    log_odds = terms.weight + terms.prior if with_prior else terms.weight
    ordered = np.sort(log_odds)[::-1]
    best = float(ordered[0])
    every = best + float(np.log(np.exp(ordered - best).sum()))
    others = max(1 - float(np.exp(best - every)), _LEAST)
    return {
        "best": best,
        "margin": best - float(ordered[1]) if len(ordered) > 1 else best,
        "above_mean": best - float(log_odds.mean()),
        "stands_out": (best - every) - float(np.log(others)),
        "all": every,
        **terms.features,
    }


def candidates(terms: LogOdds, names: Sequence[str], with_prior: bool = True) -> Floats:
    """One row per known subject and a last one for none of these, in columns scale, intercept, then the features.

    Log-odds are this matrix times the numbers of an `SoftmaxOpenSet` in the same order, which is what is fitted.
    """
    log_odds = terms.weight + terms.prior if with_prior else terms.weight
    found = features(terms, with_prior)
    rows = np.zeros((len(log_odds) + 1, 2 + len(names)))
    rows[:-1, 0] = log_odds
    rows[-1, 1:] = [1.0, *(found[name] for name in names)]
    return rows


def softmax_probabilities(terms: LogOdds, rule: SoftmaxOpenSet, with_prior: bool = True) -> OpenSetProbabilities:
    """The probabilities of all known subjects and of none of these; with none known, none of these is certain."""
    if not len(terms.weight):
        return OpenSetProbabilities(np.zeros(0), 1.0)
    numbers = np.array([rule.scale, rule.intercept, *rule.coefficients.values()])
    log_odds = candidates(terms, tuple(rule.coefficients), with_prior) @ numbers
    shares = np.exp(log_odds - log_odds.max())
    shares /= shares.sum()
    return OpenSetProbabilities(shares[:-1], float(shares[-1]))
