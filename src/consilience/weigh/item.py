"""One comparison's result before discounts: the working value of the room `weigh`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from consilience.model.evidence import Rarity
from consilience.model.observation import Observation

POSITIVE, NEGATIVE, CONTRAST, CLAIM, DERIVED = "positive", "negative", "contrast", "claim", "derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one comparison gives: `vector` in decibans with a place per slot of the vocabulary.

    `sign` keeps positive, negative and contrasting items apart when a group is discounted; `origin` is the one whose
    cap the item falls under; `doubts` are those of the `notes` that make the
    agreement itself doubtful; `order` sorts equal weights the same way on every machine.
    """

    kind: str
    values: tuple[str, ...]
    form: str
    sign: str
    group: str
    forging: str
    vector: tuple[float, ...]
    seen: tuple[Observation, ...]
    origin: str
    why: str
    because: str
    grade: str = "F"
    rarity: Rarity | None = None
    public: bool = False
    conflict: str = ""
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    hearsay: bool = False
    order: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str, tuple[str, ...], str]:
        """What makes this item this item: form, kind, values and origin of testimony."""
        return self.form, self.kind, self.values, self.origin if self.sign == CLAIM else ""

    def only(self, places: frozenset[int], note: str) -> Item:
        """The same item with weight on these places alone, and a note saying why."""
        kept = tuple(value if place in places else 0.0 for place, value in enumerate(self.vector))
        return replace(self, vector=kept, notes=(*self.notes, note))
