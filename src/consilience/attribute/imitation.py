"""Could the answer have been planted? What a known subject was seen to use stands in print, and anybody can repeat it.

When the first subject of a ranking shows some indicators of the query itself, the query is asked once more without
them. If what is left is surely another known subject's, two readings stand side by side: the first did it all, or
somebody repeats what is known of the first (a false flag, a mixed list, a shared host). No number tells them apart, so
part of the first's probability goes to *none of these, or not enough to tell*, and a note says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.model.arrays import Floats
from consilience.weigh.secondary import PRIMARY

PLANTED = 0.25
"""How likely repetition is when all that is left is surely another's. Of eight later reports of the development data
whose rest spoke for another by .05 or more, the first was wrong in one; of the planted queries it was wrong in all."""

TOLD = 0.01


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the rest of a query says: by which part the first loses, and in words."""

    part: float
    note: str


def apart(query: Activity, first: str, holders: Mapping[tuple[str, str], frozenset[str]]) -> Activity | None:
    """The query without the indicators that a subject is known to show; None where it shows all of them, or none."""
    own = {trait for trait in query.traits if trait[0] in PRIMARY and first in holders.get(trait, ())}
    if not own or len(own) == _indicators(query):
        return None
    return replace(query, traits=tuple(trait for trait in query.traits if trait not in own))


def doubt(query: Activity, rest: Activity, known: Floats, first: int, names: tuple[str, ...]) -> Doubt:
    """How far the rest of a query speaks against the first: `known` are the probabilities of all subjects for it."""
    others = float(known.sum() - known[first])
    left, whole = _indicators(rest), _indicators(query)
    part = PLANTED * others * left / whole
    best = int(np.argmax(known))
    if part < TOLD or best == first:
        return Doubt(part, "")
    return Doubt(
        part,
        f"{whole - left} of {whole} indicators are known of {names[first]}, and anybody can repeat them; what else the "
        f"query shows is of {names[best]} with {known[best]:.2f}: planted, or of two activities",
    )


def _indicators(query: Activity) -> int:
    return sum(kind in PRIMARY for kind, _ in query.traits)


def doubted(known: Floats, first: int, part: float) -> Floats:
    """The probabilities with a part of the first's taken away; it stays the first."""
    found = known.copy()
    second = float(np.delete(known, first).max(initial=0.0))
    found[first] = max(float(known[first]) * (1 - part), min(second, float(known[first])))
    return found
