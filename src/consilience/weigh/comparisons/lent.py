"""From tools to their users: what a comparison of two different tools says about the pair that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from consilience.vocab import Vocabulary
from consilience.weigh.dossier import Dossier
from consilience.weigh.item import Item

OPERATORS_OWN = frozenset({"cohabitation", "contention"})
NOT_LENT = frozenset({"family", "technique", "victim", "deception", "custody", "claim"})


def lent_from_tools(dossier: Dossier, compare: Callable[[Dossier], Iterator[Item]]) -> Iterator[Item]:
    """Two different tools, one of each side, were compared, which bears on who made them, not on who runs them."""
    vocabulary = dossier.vocabulary
    makers = _places(vocabulary, "developer", "requirement")
    operators = _places(vocabulary, "operator", "requirement")
    for tool, users in dossier.tools:
        names = f"{tool.a.name} and {tool.b.name}"
        for item in compare(tool):
            if item.kind in OPERATORS_OWN:
                kept = item.only(operators, f"counts as their operators': {names}")
            elif item.group in NOT_LENT:
                continue
            else:
                kept = item.only(makers, f"lent from the tools {names}: developer and requirement only")
            yield replace(kept, seen=(*kept.seen, *users), why=f"{names}: {kept.why}")


def _places(vocabulary: Vocabulary, *axes: str) -> frozenset[int]:
    return frozenset(place for axis in axes for place in range(*vocabulary.ranges[axis]))
