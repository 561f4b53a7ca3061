"""The numbers of the engine for reports: fitted weights, and the shape of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from consilience.attribute.open_set import SoftmaxOpenSet
from consilience.model.json import JsonObject

PARTS = ("near", "software", "technique", "size")
"""The parts of the log-odds, in the order of the columns of `ReportsEngine.parts`; the last one is the prior."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsModel:
    """Weights of the four parts (never negative), what shapes them, and the rule for *none of these*.

    `rarity_power` and `length` shape the likeness of two reports, `second` is what the second best report adds,
    `fade_years` how fast likeness fades. `technique_floor` (a part of all subjects) and `technique_share` hold back
    techniques, whose rarity in a catalogue says little when they are new to it. What more than the part `few` of all
    subjects shows loses weight, and has none from the part `many` on. The prior reports and tokens pull rates towards
    the background. `implied` is what a technique that is only known of the query's software counts in the likeness.
    """

    near: float = 150.0
    software: float = 0.45
    technique: float = 0.25
    size: float = 0.8
    rarity_power: float = 1.5
    length: float = 10.0
    second: float = 0.25
    fade_years: float = 8.0
    undated_years: float = 4.0
    technique_floor: float = 0.04
    technique_share: float = 0.7
    software_few: float = 0.07
    software_many: float = 0.1
    technique_few: float = 0.3
    technique_many: float = 0.35
    software_prior_reports: float = 8.0
    technique_prior_tokens: float = 8.0
    implied: float = 0.2
    open_set: SoftmaxOpenSet = field(default_factory=SoftmaxOpenSet)

    def weights(self) -> tuple[float, float, float, float]:
        """The weights of PARTS."""
        return self.near, self.software, self.technique, self.size

    def as_record(self) -> JsonObject:
        """The model as plain values, for its file."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> ReportsModel:
        """The model that `as_record` wrote."""
        plain = {name: float(value) for name, value in record.items() if name != "open_set"}
        return cls(**plain, open_set=SoftmaxOpenSet(**record["open_set"]))
