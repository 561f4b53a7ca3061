"""What one comparison gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Weights = Mapping[str, Mapping[str, int]]
"""Millidecibans (thousandths of a deciban, whole numbers) per axis and hypothesis; the reference hypothesis is 0."""


THIS_CASE = "this case"
"""The name of the corpus that a case is itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
    """How common a value is among unrelated clusters, and by what count.

    `holders` of `population` clusters of the named `corpus` show it, the pair itself left out; `share` is the base
    rate that was used. `population` 0 means that it was not counted and the usual share of the kind is used.
    """

    holders: int
    population: int
    corpus: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one comparison gives: one fact, however many sources state it.

    `weights` is what the item is worth alone, `counted` its share after everything that depends on each other was
    discounted (shares of all items sum to the total of an axis), `removal` exactly what the log-odds lose when the
    observations it rests on are taken away. All in millidecibans. `observations` are the ids it rests on, never none;
    `doubts` are those of the `notes` that make the agreement itself doubtful.
    """

    id: str
    kind: str
    values: tuple[str, ...]
    form: str
    group: str
    forging: str
    grade: str
    origins: tuple[str, ...]
    weights: Weights
    counted: Weights
    observations: tuple[str, ...]
    why: str
    because: str
    rarity: Rarity | None = None
    public: bool = False
    conflict: str = ""
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    removal: Weights = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.observations:
            raise ValueError(f"evidence {self.id} of kind {self.kind} rests on no observation")

    def on(self, axis: str, hypothesis: str) -> int:
        """The counted millidecibans on one hypothesis, 0 where the item says nothing."""
        return self.counted.get(axis, {}).get(hypothesis, 0)
