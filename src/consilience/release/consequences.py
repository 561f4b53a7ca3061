"""What follows from a ruling on something that was sent already: who has it, and what rests on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from consilience.model.json import JsonObject
from consilience.model.knowledge import Knowledge
from consilience.model.partner import Disclosure
from consilience.model.ruling import Ruling


@dataclass(frozen=True, slots=True)
class Consequences:
    """A ruling, how many observations it concerns, the ledger entries it concerns, and the stale assessments.

    `known` is what the case knew before the ruling.
    """

    ruling: Ruling
    observations: int
    disclosures: tuple[Disclosure, ...]
    stale: tuple[str, ...]
    known: Knowledge = field(repr=False)

    def as_record(self) -> JsonObject:
        """The consequences as JSON, the ledger entries by partner."""
        return {
            "ruling": self.ruling.as_record(),
            "observations": self.observations,
            "stale": list(self.stale),
            "told": {
                name: [entry.as_record() for entry in self.disclosures if entry.partner == name]
                for name in sorted({entry.partner for entry in self.disclosures})
            },
        }
