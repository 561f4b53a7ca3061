"""What a likeness is worth: probabilities of the known families, and of none of them.

A logistic rule tells whether the nearest family is the right one at all, from how near it is, how far its best rival is
behind, and how many features it shares with the query that no other family has. Likeness alone does not tell: where
everything was made by one compiler, everything is near everything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from consilience.attribute.code.kinship import Likeness
from consilience.attribute.code.postings import Floats

TERMS = ("constant", "nearness", "margin", "alone", "ratio")
SMALLEST = 1e-4


@dataclass(frozen=True, slots=True)
class LineageRule:
    """The fitted rule for one set of channels.

    `weights` are of TERMS, `temperature` divides likeness among families, and `answered` is the probability from which
    on at most one of twenty samples of unknown families was given an answer when the rule was fitted.
    """

    weights: tuple[float, ...]
    temperature: float
    answered: float

    def known(self, likeness: Likeness) -> float:
        """The probability that the query is of any known family."""
        log_odds = float(np.dot(self.weights, terms(likeness)))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))

    def probabilities(self, likeness: Likeness) -> tuple[Floats, float]:
        """The probability of each family, and of none."""
        known = self.known(likeness)
        odds = np.exp((likeness.families - likeness.families.max()) / self.temperature)
        return known * odds / odds.sum(), 1.0 - known


@dataclass(frozen=True, slots=True)
class LineageModel:
    """The fitted rules: for code alone, and for code with strings and imports."""

    code: LineageRule
    whole: LineageRule

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> LineageModel:
        """The model of a record that `as_record` gave."""
        return cls(*(_rule(record[name]) for name in ("code", "whole")))

    def as_record(self) -> dict[str, Any]:
        """The model as JSON."""
        return asdict(self)


def terms(likeness: Likeness) -> Floats:
    """What the rule weighs, as TERMS names it: logarithms, but of the margin."""
    ordered = np.sort(likeness.families)[::-1]
    first = max(float(ordered[0]), SMALLEST)
    second = max(float(ordered[1]), SMALLEST) if len(ordered) > 1 else SMALLEST
    return np.array([1.0, math.log(first), first - second, math.log1p(likeness.alone), math.log(first / second)])


def _rule(record: Mapping[str, Any]) -> LineageRule:
    weights = tuple(float(each) for each in record["weights"])
    return LineageRule(weights, float(record["temperature"]), float(record["answered"]))
