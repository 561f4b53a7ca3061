"""What a likeness is worth: probabilities of the known families, and of none of them.

A logistic rule tells whether the nearest family is the right one at all: from how near it is, how far it stands out
among all known families, how far it is ahead in the channel in which it is ahead least, and how large the query is,
because large programs hold libraries. Likeness alone does not tell: where everything was made by one compiler,
everything is near everything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from consilience.attribute.code.kinship import FamilySimilarity
from consilience.model.arrays import Floats
from consilience.model.json import JsonObject

TERMS = ("constant", "nearness", "excess", "lead", "size", "standing out")
EXPECTED = (5, 0.3, 0.1)
"""How many unrelated families are taken to be there besides, their likeness and its spread: what some dozens show."""

NARROWEST = 0.02


@dataclass(frozen=True, slots=True)
class LineageRule:
    """The fitted rule for one set of channels.

    `weights` are of TERMS, `temperature` divides likeness among families, and `answered` is the probability from which
    on at most one of twenty samples of unknown families was given an answer when the rule was fitted.
    """

    weights: tuple[float, ...]
    temperature: float
    answered: float

    def known(self, similarity: FamilySimilarity) -> float:
        """The probability that the query is of any known family."""
        log_odds = float(np.dot(self.weights, rule_terms(similarity)))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))

    def probabilities(self, similarity: FamilySimilarity) -> tuple[Floats, float]:
        """The probability of each family, and of none."""
        known = self.known(similarity)
        odds = np.exp((similarity.families - similarity.families.max()) / self.temperature)
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

    def as_record(self) -> JsonObject:
        """The model as JSON."""
        return asdict(self)


def rule_terms(similarity: FamilySimilarity) -> Floats:
    """What the rule weighs, as TERMS names it."""
    first, rivals = float(similarity.families.max()), similarity.rivals
    many, usual, spread = EXPECTED
    whole = len(rivals) + many
    mean = (float(rivals.sum()) + many * usual) / whole
    square = (float(((rivals - mean) ** 2).sum()) + many * (spread**2 + (usual - mean) ** 2)) / whole
    z_score = (first - mean) / (math.sqrt(square) + NARROWEST)
    return np.array([1.0, first, first - mean, similarity.lead, math.log1p(similarity.features), z_score])


def _rule(record: Mapping[str, Any]) -> LineageRule:
    weights = tuple(float(each) for each in record["weights"])
    return LineageRule(weights, float(record["temperature"]), float(record["answered"]))
