"""The learned numbers of the engine for indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consilience.attribute.indicators.open_set import Curve, TwoStageOpenSet
from consilience.model.json import JsonObject


@dataclass(frozen=True, slots=True)
class IndicatorModel:
    """`weights` of the terms by name (0 where none is given), and the open set."""

    weights: Mapping[str, float]
    open_set: TwoStageOpenSet

    def as_record(self) -> JsonObject:
        """The model as plain values, for its file."""
        return {
            "weights": dict(self.weights),
            "known": self.open_set.known.as_record(),
            "first": self.open_set.first.as_record(),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> IndicatorModel:
        """The model that `as_record` wrote."""
        return cls(
            record["weights"], TwoStageOpenSet(Curve.from_record(record["known"]), Curve.from_record(record["first"]))
        )
