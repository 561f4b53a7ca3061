"""Markings: the label of the Traffic Light Protocol that an object carries, of either version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from consilience.read.fields import TLP
from consilience.read.stix.objects import Marking

TLP_IDS: Mapping[str, str] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
"""The published ids of TLP 1.x and 2.0, which a bundle may use without defining them."""


def label_of(marking: Marking) -> str:
    """The label that a definition stands for, empty when it is of another protocol.

    >>> label_of(Marking(type="marking-definition", id="marking-definition--1", name="TLP:AMBER+STRICT"))
    'amber+strict'
    """
    if known := TLP_IDS.get(marking.id):
        return known
    said = [each.get("tlp_2_0") for each in marking.extensions.values() if isinstance(each, dict)]
    said.append(marking.definition.get("tlp") if marking.definition_type.lower() == "tlp" else None)
    said.append(marking.name if marking.name.upper().startswith("TLP:") else None)
    for each in said:
        if isinstance(each, str):
            label = each.strip().lower().removeprefix("tlp:").strip()
            label = "clear" if label == "white" else label
            if label in TLP:
                return label
    return ""


def strictest(labels: Iterable[str]) -> str:
    """The label that lets pass least, empty when there is none."""
    return max((label for label in labels if label), key=TLP.index, default="")
