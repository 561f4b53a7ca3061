"""What one agreement is worth, in decibans: rates, floors, ramps and decay. Pure arithmetic on numbers.

    weight = 10 log10(r / F + 1 - r),  F = 1 - (1 - b)(1 - q)

`r` how often the second shows it because of the relation, `b` how common the value is, `q` the chance that two
unrelated clusters agree by a path nobody counts. The floor stands in the denominator, so no weight exceeds
10 log10(1/q), however large the corpus grows. (After Fellegi and Sunter 1969; decibans after Good and Turing.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def agreement(rate: float, share: float, floor: float) -> float:
    """The weight of an agreement in decibans; 0 when the rate is 0.

    >>> round(agreement(0.35, 0.00125, 0.01), 1)
    15.0
    """
    if rate <= 0:
        return 0.0
    chance = 1 - (1 - share) * (1 - floor)
    return 10 * math.log10(rate / chance + 1 - rate)


def stated_negative(rate: float, coverage: float, lowest: float) -> float:
    """The weight of having looked and found nothing: at most 0, not below `lowest`, in decibans."""
    missed = 1 - coverage * rate
    return max(lowest, 10 * math.log10(missed)) if missed > 0 else lowest


def commodity(share: float, ramp: str, ramps: Mapping[str, Any]) -> float:
    """The part of an agreement rate left to a value this common: 1 while rare, 0 once everybody has it."""
    if ramp == "none":
        return 1.0
    start, end = map(float, ramps[ramp])
    return min(1.0, max(0.0, (end - share) / (end - start)))


def decay(gap_days: float, turnover_days: float, grace_days: float) -> float:
    """The part of an agreement rate left after a gap between showings."""
    return math.exp(-max(0.0, gap_days - grace_days) / turnover_days)


def order_share(length: int, convention: float) -> float:
    """How often unrelated lists of this length agree in their order, when convention orders part of it.

    >>> round(order_share(4, 0.5), 3)
    0.204
    """
    return float(math.factorial(length) ** -(1 - convention))


def scaled(values: list[float], cap: float) -> list[float]:
    """The values shrunk together so that none exceeds the cap; what separates them keeps its proportion."""
    largest = max((abs(value) for value in values), default=0.0)
    return values if largest <= cap or largest == 0 else [value * cap / largest for value in values]


def clipped(values: list[float], cap: float) -> list[float]:
    """The values cut at the cap, each for itself."""
    return [min(cap, max(-cap, value)) for value in values]
