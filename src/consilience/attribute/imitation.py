"""Could the answer have been planted? What a known subject was seen to use stands in print, and anybody can repeat it.

When the first subject of a ranking shows some indicators of the query itself, the query is asked once more without
them. If what is left is surely another known subject's, two readings stand side by side: the first did it all, or
somebody imitates what is known of the first (a false flag, a mixed list, a shared host). No number tells them apart, so
part of the first's probability goes to *none of these, or not enough to tell*, and a note says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.model.arrays import Floats
from consilience.weigh.secondary import PRIMARY

IMITATION = 0.25
"""How likely imitation is when all that is left is surely another's. Of eight later reports of the development data
whose rest pointed to another with .05 or more, the first was wrong in one; of the planted queries in all."""

LEAST_MENTIONED = 0.01


@dataclass(frozen=True, slots=True)
class ImitationDiscount:
    """The part of its probability that the first loses, and why in words."""

    part: float
    note: str


def without_own_indicators(
    query: Activity, first: str, holders: Mapping[tuple[str, str], frozenset[str]]
) -> Activity | None:
    """The query without the indicators that a subject is known to show; None where it shows all of them, or none."""
    own = {trait for trait in query.traits if trait[0] in PRIMARY and first in holders.get(trait, ())}
    if not own or len(own) == _indicators(query):
        return None
    return replace(query, traits=tuple(trait for trait in query.traits if trait not in own))


def imitation_discount(
    query: Activity, rest: Activity, known: Floats, first: int, names: tuple[str, ...]
) -> ImitationDiscount:
    """How far the rest of a query points away from the first: `known` are the probabilities of all subjects for it."""
    others = float(known.sum() - known[first])
    rest_count, whole = _indicators(rest), _indicators(query)
    part = IMITATION * others * rest_count / whole
    best = int(np.argmax(known))
    if part < LEAST_MENTIONED or best == first:
        return ImitationDiscount(part, "")
    return ImitationDiscount(
        part,
        f"{whole - rest_count} of {whole} indicators are known of {names[first]}, and anybody can repeat them; the "
        f"rest of the query points to {names[best]} ({known[best]:.0%}): it may be planted, or of two activities",
    )


def _indicators(query: Activity) -> int:
    return sum(kind in PRIMARY for kind, _ in query.traits)


def discounted(known: Floats, first: int, part: float) -> Floats:
    """The probabilities with a part of the first's taken away; it stays the first."""
    found = known.copy()
    second = float(np.delete(known, first).max(initial=0.0))
    found[first] = max(float(known[first]) * (1 - part), min(second, float(known[first])))
    return found
