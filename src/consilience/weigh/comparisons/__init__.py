"""The comparisons: one small function each, whose docstring is the sentence that explains it to the analyst."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from consilience.weigh.comparisons.claims import testimony
from consilience.weigh.comparisons.contrasts import stated_contrasts
from consilience.weigh.comparisons.deception import staged_or_captured
from consilience.weigh.comparisons.derived import many_users, named_parts
from consilience.weigh.comparisons.lent import lent_from_tools
from consilience.weigh.comparisons.ordered import same_order
from consilience.weigh.comparisons.shared import one_sided, shared_values
from consilience.weigh.comparisons.stated import stated_comparisons
from consilience.weigh.comparisons.toolset import exclusive_toolset
from consilience.weigh.dossier import Dossier
from consilience.weigh.item import Item

DIRECT: tuple[Callable[[Dossier], Iterator[Item]], ...] = (
    shared_values,
    same_order,
    stated_comparisons,
    one_sided,
    stated_contrasts,
    staged_or_captured,
)


def items(dossier: Dossier) -> tuple[Item, ...]:
    """Everything the comparisons find in a dossier, in one order on every machine."""
    found = [
        *_direct(dossier),
        *testimony(dossier),
        *lent_from_tools(dossier, _direct),
        *many_users(dossier),
    ]
    found.extend((*named_parts(dossier, tuple(found)), *exclusive_toolset(dossier, tuple(found))))
    return tuple(sorted(found, key=lambda item: item.key))


def _direct(dossier: Dossier) -> Iterator[Item]:
    for compare in DIRECT:
        yield from compare(dossier)


__all__ = [
    "DIRECT",
    "exclusive_toolset",
    "items",
    "lent_from_tools",
    "many_users",
    "named_parts",
    "one_sided",
    "same_order",
    "shared_values",
    "staged_or_captured",
    "stated_comparisons",
    "stated_contrasts",
    "testimony",
]
