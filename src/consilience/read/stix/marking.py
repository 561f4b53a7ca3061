"""Markings: the label of the Traffic Light Protocol that an object carries, of either version."""

from __future__ import annotations

from collections.abc import Iterable

from consilience.read.fields import TLP
from consilience.read.stix.objects import Marking
from consilience.vocab.stix import stix_tables

UNKNOWN = "unknown"
"""The label of a marking that nobody here can obey: of another protocol, not defined, or against itself."""

_OURS = "amber+strict"


def label_of(marking: Marking) -> str:
    """The label that a definition stands for: empty for words, such as a copyright, *unknown* for what is not clear.

    >>> label_of(Marking(type="marking-definition", id="marking-definition--1", name="TLP:AMBER+STRICT"))
    'amber+strict'
    """
    labels = _said(marking)
    if (published := stix_tables().colours.get(marking.id)) is not None:
        labels.add(published)
    if not labels and marking.definition_type.lower() == "statement":
        return ""
    return labels.pop() if len(labels) == 1 else UNKNOWN


def is_spoofed(marking: Marking) -> bool:
    """Whether a definition has a published id of TLP, and a body that says something else."""
    published = stix_tables().colours.get(marking.id)
    return published is not None and not _said(marking) <= {published}


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
