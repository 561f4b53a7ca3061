"""Markings of a bundle: TLP 2.0, or on request the ids of TLP 1.x."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from consilience.model.marking import COLOURS, strictest
from consilience.share.stix import SPEC, TLP_IDS, tlp_definition

OLD_CREATED = "2017-01-20T00:00:00.000Z"
OLD_NAMES: Mapping[str, str] = {"clear": "white", "green": "green", "amber": "amber", "red": "red"}
OLD_IDS: Mapping[str, str] = {
    "clear": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "red": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
"""TLP 1.x, which has no amber+strict: what bears that keeps the id of TLP 2.0, because no older colour is as strict."""


@lru_cache(maxsize=64)
def colour_of(tlp: str) -> str:
    """The colour under which a statement leaves: silence as amber+strict, a colour nobody knows as red."""
    return strictest((tlp,))


def freest(left: str, right: str) -> str:
    """The freer of two colours: what a clear statement tells is clear, whoever else tells it too."""
    return min(left, right, key=COLOURS.index)


def label_id(colour: str, old: bool) -> str:
    """The id of the marking definition of a colour."""
    return OLD_IDS.get(colour, TLP_IDS[colour]) if old else TLP_IDS[colour]


def definitions(colours: Iterable[str], old: bool) -> list[dict[str, Any]]:
    """The marking definitions of these colours, from the freest, as the standard publishes them."""
    used = sorted(set(colours), key=COLOURS.index)
    return [_old(colour) if old and colour in OLD_IDS else tlp_definition(colour) for colour in used]


def _old(colour: str) -> dict[str, Any]:
    name = OLD_NAMES[colour]
    return {
        "type": "marking-definition",
        "spec_version": SPEC,
        "id": OLD_IDS[colour],
        "created": OLD_CREATED,
        "name": f"TLP:{name.upper()}",
        "definition_type": "tlp",
        "definition": {"tlp": name},
    }
