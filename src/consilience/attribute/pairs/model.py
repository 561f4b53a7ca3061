"""What the items weigh: fitted elsewhere, shipped as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consilience.attribute.pairs.items import ITEMS

LEAST_TO_SAY = 0.9
NAMES = tuple(name for name, _, _ in ITEMS)


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds (natural logarithm): `baseline` of a pair with nothing found, and one row per item in their order.

    `low` and `high` are the values seen when fitting; what lies outside counts as the end, so that no item weighs
    more than it was ever seen to.
    """

    baseline: float
    weight: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def terms(self, values: Sequence[float]) -> tuple[float, ...]:
        """What each item adds to the log-odds."""
        return tuple(
            weight * min(high, max(low, value))
            for weight, low, high, value in zip(self.weight, self.low, self.high, values, strict=True)
        )

    def log_odds(self, values: Sequence[float]) -> float:
        """The log-odds of one operator: the baseline and every term, added exactly."""
        return math.fsum((self.baseline, *self.terms(values)))


@dataclass(frozen=True, slots=True)
class PairModel:
    """Weights for the two questions that a pair of reports can be.

    `apart` when everything of both subjects is left out, so that the operator has no other report to be known by;
    `known` when only the two documents are, so that the operator may be among the subjects under a name of its own.
    """

    apart: Weights
    known: Weights


def model_from(document: Mapping[str, Any]) -> PairModel:
    """The model of a document's `model`, as `consilience.calibrate.pairs` writes it.

    Raises:
        ValueError: a set of weights is missing, or its items are not those of this version, in their order.
    """
    return PairModel(apart=_weights(document, "apart"), known=_weights(document, "known"))


def _weights(document: Mapping[str, Any], name: str) -> Weights:
    if name not in document:
        raise ValueError(f"the pair model has no weights {name!r}; fit it again with benchmarks/accuracy/pairs.py")
    table = document[name]
    rows = table["items"]
    if tuple(row["name"] for row in rows) != NAMES:
        raise ValueError(f"weights {name!r} are of other items; fit them again with benchmarks/accuracy/pairs.py")
    columns = ({key: float(row[key]) for key in ("weight", "low", "high")} for row in rows)
    weight, low, high = zip(*((row["weight"], row["low"], row["high"]) for row in columns), strict=True)
    return Weights(float(table["baseline"]), weight, low, high)
