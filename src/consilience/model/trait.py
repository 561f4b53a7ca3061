"""A comparable characteristic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Trait:
    """A kind and a canonical value; two subjects share a trait when both are equal."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
