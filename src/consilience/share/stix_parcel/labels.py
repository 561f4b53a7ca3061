"""Markings of a bundle: TLP 2.0, or on request the ids of TLP 1.x."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from consilience.model.json import JsonObject
from consilience.model.marking import COLOURS, strictest
from consilience.share.stix import SPEC, tlp_definition, tlp_id
from consilience.vocab.stix import stix_tables


@lru_cache(maxsize=64)
def colour_of(tlp: str) -> str:
    """The colour under which a statement leaves: silence as amber+strict, a colour nobody knows as red."""
    return strictest((tlp,))


def freest(left: str, right: str) -> str:
    """The freer of two colours: what a clear statement tells is clear, whoever else tells it too."""
    return min(left, right, key=COLOURS.index)


def label_id(colour: str, old: bool) -> str:
    """The id of the marking definition of a colour; amber+strict keeps its own: nothing in TLP 1.x is as strict."""
    return stix_tables().tlp1.get(colour, tlp_id(colour)) if old else tlp_id(colour)


def definitions(colours: Iterable[str], old: bool) -> list[JsonObject]:
    """The marking definitions of these colours, from the freest, as the standard publishes them."""
    used = sorted(set(colours), key=COLOURS.index)
    return [_old(colour) if old and colour in stix_tables().tlp1 else tlp_definition(colour) for colour in used]


def _old(colour: str) -> JsonObject:
    tables = stix_tables()
    name = tables.tlp1_names[colour]
    return {
        "type": "marking-definition",
        "spec_version": SPEC,
        "id": tables.tlp1[colour],
        "created": tables.tlp_published["created_tlp1"],
        "name": f"TLP:{name.upper()}",
        "definition_type": "tlp",
        "definition": {"tlp": name},
    }
