"""What leaves a case at once: statements as they may be told, and what a format cannot hold of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from consilience.model.assessment import Assessment
from consilience.model.digest import digest
from consilience.model.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Statements, in the order of their ids, and assessments made on them and on nothing else.

    `to` is the partner they are for, empty for our own house; `as_of` an ISO date, empty when everything counts.
    """

    observations: tuple[Observation, ...]
    assessments: tuple[Assessment, ...] = ()
    to: str = ""
    as_of: str = ""

    @property
    def id(self) -> str:
        """The id of what is told, the same for the same statements and assessments."""
        told = [[seen.id for seen in self.observations], [made.id for made in self.assessments], self.as_of]
        return "pa-" + digest(told)[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something that a format cannot hold: what, of how many statements, why, and some of their ids.

    `remedy` says which format keeps it, or what a reader of the result must know.
    """

    what: str
    count: int
    why: str
    remedy: str = ""
    examples: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{self.what}, {self.count:,} times: {self.why}{remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A parcel as a document of one format, and everything that the format could not hold."""

    content: bytes
    losses: Sequence[Loss] = ()
