"""The vocabulary as values: what one row of each table in vocab/ means.

A *vector* is a tuple with one place per pair of axis and hypothesis, in the order of `Vocabulary.slots`; weights in
vectors are millidecibans and the place of a reference hypothesis is always 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Vector = tuple[int, ...]
Rates = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One question about a pair, its rival hypotheses in order, which of them weighs 0, and the priors."""

    name: str
    question: str
    reference: str
    accounts: Mapping[str, str]
    priors: Mapping[str, float]
    because: str

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """The names of the hypotheses in the order of the table."""
        return tuple(self.accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of trait: how it is written, what it is worth, and why. See the head of kinds.toml."""

    name: str
    because: str
    form: str
    vertex: str
    group: str
    forging: str
    canonical: str
    usual_share: float
    floor: float
    floor_public: float
    ramp: str
    rates: Rates
    exclusive_rates: Rates
    absent: Rates
    contrast: Vector
    stated: Vector
    denied: Vector
    cap_operator: int
    cap_other: int
    turnover_days: int | None = None
    ordered: bool = False
    by_key_role: bool = False
    needs_object: bool = False
    shares: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One kind of claim by a publisher, and what it weighs at full grade and confidence."""

    name: str
    because: str
    weights: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRole:
    """What an equal key means by the role it plays in its family."""

    name: str
    because: str
    rates: Rates
    absent: Rates
    cap_operator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordScale:
    """Estimative words with their bands; `gaps` says that some probabilities have no word by design."""

    name: str
    title: str
    gaps: bool
    bands: tuple[tuple[float, float, str], ...]

    def word(self, probability: float) -> tuple[str, bool]:
        """The word of a probability, and whether it fell into a gap and the nearest band was taken.

        Lower edges are inclusive; the last band takes its upper edge too. In a gap the nearer band wins, and the
        lower one where both are equally near.
        """
        for low, high, word in self.bands:
            if low <= probability < high or (probability == high == self.bands[-1][1]):
                return word, False
        distance = [
            (min(abs(probability - low), abs(probability - high)), place)
            for place, (low, high, _) in enumerate(self.bands)
        ]
        return self.bands[min(distance)[1]][2], True


@dataclass(frozen=True, slots=True, kw_only=True)
class Commonplace:
    """What many unrelated people use, with the reason: domains under which anybody takes a name (`suffixes`), whole
    sites, addresses, and values of any kind (`kind value`)."""

    suffixes: Mapping[str, str]
    sites: Mapping[str, str]
    addresses: Mapping[str, str]
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """All tables, checked; `digest` names this state of them in every assessment."""

    axes: Mapping[str, Axis]
    kinds: Mapping[str, Kind]
    claims: Mapping[str, Claim]
    key_roles: Mapping[str, KeyRole]
    levels: Mapping[str, str]
    rules: Mapping[str, Any]
    counting: Mapping[str, Any]
    scales: Mapping[str, WordScale]
    ignored: Mapping[str, Mapping[str, str]]
    commonplace: Commonplace
    digest: str

    @cached_property
    def slots(self) -> tuple[tuple[str, str], ...]:
        """Every pair of axis and hypothesis, in the order of the places of a vector."""
        return tuple((axis.name, name) for axis in self.axes.values() for name in axis.hypotheses)

    @cached_property
    def place(self) -> Mapping[tuple[str, str], int]:
        """The place of each axis and hypothesis in a vector."""
        return {slot: index for index, slot in enumerate(self.slots)}

    @cached_property
    def ranges(self) -> Mapping[str, tuple[int, int]]:
        """The first place and the place after the last of each axis in a vector."""
        found: dict[str, tuple[int, int]] = {}
        for index, (axis, _) in enumerate(self.slots):
            found[axis] = (found.get(axis, (index, index))[0], index + 1)
        return found

    @cached_property
    def references(self) -> tuple[int, ...]:
        """The places of the reference hypotheses."""
        return tuple(self.place[axis.name, axis.reference] for axis in self.axes.values())

    @property
    def zero(self) -> Vector:
        """The vector that says nothing."""
        return (0,) * len(self.slots)

    def spread(self, vector: Vector) -> dict[str, dict[str, int]]:
        """A vector as nested mappings, axes on which it says nothing left out."""
        out: dict[str, dict[str, int]] = {}
        for axis, (start, stop) in self.ranges.items():
            part = vector[start:stop]
            if any(part):
                out[axis] = dict(zip(self.axes[axis].hypotheses, part, strict=True))
        return out

    def gathered(self, nested: Mapping[str, Mapping[str, int]]) -> Vector:
        """The vector of nested mappings: the inverse of `spread`."""
        vector = [0] * len(self.slots)
        for axis, row in nested.items():
            for name, value in row.items():
                vector[self.place[axis, name]] = value
        return tuple(vector)

    def is_claim(self, kind: str) -> bool:
        """Whether a kind is testimony of a publisher rather than a fact."""
        return kind in self.claims
