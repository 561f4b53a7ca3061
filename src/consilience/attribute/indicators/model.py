"""The learned numbers of the engine for indicators, read from a file that says what they were learned from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from consilience.attribute.indicators.open_set import Curve, OpenSet
from consilience.model.errors import ConsilienceError

VERSION = 1


@dataclass(frozen=True, slots=True)
class IndicatorModel:
    """`weights` of the terms by name (0 where none is given), the open set, and the `provenance` of both."""

    weights: Mapping[str, float]
    open_set: OpenSet
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """The model as the text of a file, the same for the same model."""
        record = {
            "version": VERSION,
            "provenance": dict(self.provenance),
            "weights": dict(self.weights),
            "known": self.open_set.known.as_record(),
            "first": self.open_set.first.as_record(),
        }
        return json.dumps(record, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> IndicatorModel:
        """The model of a file.

        Raises:
            ConsilienceError: the file is of another version.
        """
        record = json.loads(text)
        if record.get("version") != VERSION:
            raise ConsilienceError(f"a model of version {record.get('version')}", "indicators", "fit it again")
        curves = (Curve.from_record(record["known"]), Curve.from_record(record["first"]))
        return cls(record["weights"], OpenSet(*curves), record["provenance"])


@lru_cache(maxsize=1)
def shipped() -> IndicatorModel:
    """The model that the package ships."""
    return IndicatorModel.from_json(
        files("consilience.attribute").joinpath("models/indicators.json").read_text("utf-8")
    )
