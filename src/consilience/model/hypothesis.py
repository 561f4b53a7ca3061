"""One rival account on one axis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One rival account on one axis, with its probability as number and word, and how ACH ranks it.

    `inconsistency` is the weighted inconsistency count of the matrix (lower stands better); `rank` follows from it.
    """

    axis: str
    name: str
    account: str
    probability: float
    word: str
    inconsistency: float
    rank: int
