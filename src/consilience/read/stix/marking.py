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


UNKNOWN = "unknown"
"""The label of a marking that nobody here can obey: of another protocol, not defined, or against itself."""

_OURS = "amber+strict"


def label_of(marking: Marking) -> str:
    """The label that a definition stands for: empty for words, such as a copyright, *unknown* for what is not clear.

    >>> label_of(Marking(type="marking-definition", id="marking-definition--1", name="TLP:AMBER+STRICT"))
    'amber+strict'
    """
    labels = _said(marking)
    if marking.id in TLP_IDS:
        labels.add(TLP_IDS[marking.id])
    if not labels and marking.definition_type.lower() == "statement":
        return ""
    return labels.pop() if len(labels) == 1 else UNKNOWN


def is_spoofed(marking: Marking) -> bool:
    """Whether a definition has a published id of TLP, and a body that says something else."""
    return marking.id in TLP_IDS and not _said(marking) <= {TLP_IDS[marking.id]}


def _said(marking: Marking) -> set[str]:
    """Every label that the body of a definition names."""
    said = [each["tlp_2_0"] for each in marking.extensions.values() if isinstance(each, dict) and "tlp_2_0" in each]
    if marking.definition_type.lower() == "tlp" or "tlp" in marking.definition:
        said.append(marking.definition.get("tlp"))
    if marking.name.upper().startswith("TLP:"):
        said.append(marking.name)
    return {_label(each) for each in said}


def _label(said: object) -> str:
    text = said.strip().lower().removeprefix("tlp:").strip() if isinstance(said, str) else ""
    label = "clear" if text == "white" else text
    return label if label in TLP else UNKNOWN


def strictest(labels: Iterable[str]) -> str:
    """The label that lets pass least, empty when nothing is marked.

    What carries a marking that nobody here can obey stays in the house: whoever added it wanted something.

    >>> strictest(["clear", "green"]), strictest(["clear", "unknown"]), strictest([""])
    ('green', 'amber+strict', '')
    """
    known = (_OURS if label == UNKNOWN else label for label in labels if label)
    return max(known, key=TLP.index, default="")
