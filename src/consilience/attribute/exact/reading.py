"""Which kinds this engine reads, and which values of a query are left to it."""

from __future__ import annotations

from collections.abc import Iterable

from consilience.attribute.reports.traits import KINDS
from consilience.vocab import Vocabulary
from consilience.weigh.commonplace import commonplace
from consilience.weigh.facts import NOT_FACTS
from consilience.weigh.secondary import PRIMARY, secondary

_WHOLE = frozenset({"host", "address", "port", "path", "path:file"})
"""The secondary traits that are a value of their own, and not a likeness."""

Traits = tuple[tuple[str, str], ...]


def exact_kinds(vocabulary: Vocabulary) -> frozenset[str]:
    """The kinds of trait that neither the engine for reports nor the one for indicators reads.

    Ordered lists agree in part, which equality cannot tell, and are left out.
    """
    return frozenset(
        kind.name
        for kind in vocabulary.kinds.values()
        if kind.form == "trait"
        and not kind.ordered
        and kind.name not in NOT_FACTS
        and kind.name not in KINDS
        and kind.name not in PRIMARY
    )


def left_to_exact(traits: Iterable[tuple[str, str]], kinds: frozenset[str]) -> Traits:
    """The traits of a query that this engine compares: of its kinds, and not read by the engine for indicators too.

    A value that stands in an indicator of the same query (the path or the port of an address) votes there.

    >>> kinds = frozenset({"mutex", "c2:uri"})
    >>> left_to_exact([("c2:uri", "/a.php"), ("mutex", "m"), ("url", "h.example/a.php")], kinds)
    (('mutex', 'm'),)
    """
    shown = sorted(set(traits))
    indicators = [(kind, value) for kind, value in shown if kind in PRIMARY]
    elsewhere = {value for _, value in indicators}
    elsewhere |= {value for each in indicators for name, value in secondary(*each) if name in _WHOLE}
    return tuple((kind, value) for kind, value in shown if kind in kinds and value not in elsewhere)


def left_to_others(traits: Iterable[tuple[str, str]], vocabulary: Vocabulary) -> Traits:
    """The traits of a query that another engine compares, without what everybody uses."""
    return tuple(
        (kind, value)
        for kind, value in sorted(set(traits))
        if (kind in KINDS or kind in PRIMARY) and not commonplace(kind, value, vocabulary)
    )
