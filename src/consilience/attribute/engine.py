"""What an engine of attribution gives: log-odds per known subject as a sum of named items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from consilience.attribute.activity import Activity
from consilience.model.attribution import Reason


@dataclass(frozen=True, slots=True)
class LogOdds:
    """The log-odds (natural logarithm, up to a constant) of each known subject, the size or activity prior apart.

    `weight` and `prior` have one place per subject, in the engine's order. `features` describe the query for the
    open set: how far the best stands out, how much of the query anybody has shown.
    """

    weight: NDArray[np.float64]
    prior: NDArray[np.float64]
    features: dict[str, float] = field(default_factory=dict)


class Engine(Protocol):
    """One way of comparing a query with every known subject, prepared once for a case."""

    name: str

    @property
    def subjects(self) -> Sequence[str]:
        """The full names of the known subjects, in the order of all its answers."""

    def reads(self, query: Activity) -> bool:
        """Whether the query shows anything of the kinds this engine compares."""

    def terms(self, query: Activity) -> LogOdds:
        """The log-odds of every subject for a query."""

    def evidence(self, queries: Sequence[Activity], subjects: Sequence[int]) -> NDArray[np.float64]:
        """The weights that `terms` gives a few subjects, for several queries of one source: queries by subjects."""

    def reasons(self, query: Activity, subject: int, top: int) -> tuple[Reason, ...]:
        """The strongest items of one subject's log-odds; all of them sum to its weight."""


__all__ = ["Engine", "LogOdds", "Reason"]
