"""From log-odds to probabilities that hold, with one for none of the known subjects.

Two questions, each a logistic curve over what the query looks like to the case: is it one of the known at all, and if
so, is the first one right? What the first does not get, the others share by their log-odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from consilience.attribute.engine import LogOdds
from consilience.attribute.open_set import OpenSetProbabilities
from consilience.model.arrays import Floats
from consilience.model.json import JsonObject

LEAST = 1e-4
"""No probability of the two questions comes nearer to 0 or 1: no table of a few hundred answers can show more."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve: `offset` and a `slope` for each named feature, after taking off `means` over `scales`."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    slopes: tuple[float, ...]
    offset: float

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability of yes, at least LEAST away from 0 and 1."""
        pull = self.offset
        for name, mean, scale, slope in zip(self.names, self.means, self.scales, self.slopes, strict=True):
            pull += slope * (features[name] - mean) / scale
        return float(min(max(1 / (1 + np.exp(-pull)), LEAST), 1 - LEAST))

    def as_record(self) -> JsonObject:
        """The curve as the object of a model file."""
        fields = ("names", "means", "scales", "slopes")
        return {**{name: list(getattr(self, name)) for name in fields}, "offset": self.offset}

    @classmethod
    def from_record(cls, record: Mapping[str, Sequence[float] | float]) -> Curve:
        """The curve that `as_record` wrote."""
        fields = ("names", "means", "scales", "slopes")
        parts = {name: tuple(record[name]) for name in fields}  # type: ignore[arg-type]
        return cls(**parts, offset=float(record["offset"]))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class TwoStageOpenSet:
    """The two curves: whether the query is of a known subject, and whether the first is right if it is."""

    known: Curve
    first: Curve

    def probabilities(self, odds: Floats, features: Mapping[str, float]) -> Floats:
        """One probability per subject and, last, one for none of them or not enough to tell; they sum to 1.

        `odds` are log-odds up to a constant. The order of the subjects never changes.
        """
        known = self.known.probability(features)
        if len(odds) == 1:
            return np.array([known, 1 - known])
        shares = softmax(odds)
        first = int(shares.argmax())
        others = np.delete(shares, first)
        others = others / others.sum() if others.sum() > 0 else np.full(len(others), 1 / len(others))
        right = self.first.probability(features)
        right = max(right, others.max() / (1 + others.max()))
        found = np.empty(len(odds) + 1)
        found[:-1] = np.insert((1 - right) * others, first, right) * known
        found[-1] = 1 - known
        return found


def two_stage_probabilities(terms: LogOdds, rule: TwoStageOpenSet) -> OpenSetProbabilities:
    """The probabilities that a fitted rule gives for the terms of a query."""
    found = rule.probabilities(terms.weight + terms.prior, terms.features)
    return OpenSetProbabilities(found[:-1], float(found[-1]))


def softmax(odds: Floats) -> Floats:
    """Log-odds as shares of 1."""
    shares = np.exp(odds - odds.max())
    return np.asarray(shares / shares.sum())
