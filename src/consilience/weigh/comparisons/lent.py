"""From tools to their users: what a comparison of two different tools says about the pair that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from consilience.model.names import family
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence
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
        names = {"a": tool.a.name, "b": tool.b.name}
        for item in compare(tool):
            if item.kind in OPERATORS_OWN:
                kept = _for_one_user(item.only(operators, sentence("notes.of_operators", **names)), tool, dossier)
            elif item.group in NOT_LENT:
                continue
            else:
                kept = item.only(makers, sentence("notes.of_makers", **names))
            yield replace(kept, seen=(*kept.seen, *users), why=sentence("evidence.of_tools", why=kept.why, **names))


def _for_one_user(item: Item, tool: Dossier, dossier: Dossier) -> Item:
    """An encounter of two tools as it bears on one of their users: only one user of each tool was there.

    Where nobody says which, the weight is shared among the clusters known to use the more widely used of the two.
    """
    counts = dossier.counts
    users = max(
        len(
            {key for kind in ("malware", "tool") for key in counts.holders.get((kind, family(each.name)), ())}
            & counts.clusters
        )
        for each in (tool.a, tool.b)
    )
    if users < 2:
        return item
    note = sentence("notes.one_of_users", users=users)
    return replace(item, vector=tuple(value / users for value in item.vector), notes=(*item.notes, note))


def _places(vocabulary: Vocabulary, *axes: str) -> frozenset[int]:
    return frozenset(place for axis in axes for place in range(*vocabulary.ranges[axis]))
