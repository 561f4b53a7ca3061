"""What everybody shows: the more subjects show a trait, the less of its weight stands, down to nothing."""

from __future__ import annotations

import numpy as np

from consilience.attribute.reports.known_reports import Past
from consilience.attribute.reports.model import ReportsModel
from consilience.attribute.reports.traits import TECHNIQUE
from consilience.model.arrays import Floats

SETTLED = 15
"""Subjects that are taken to exist beside the known ones, so that in a small case two holders make nothing common."""


def standing(past: Past, model: ReportsModel) -> Floats:
    """The part of each trait's weight that stands: 1 for what few show, falling to 0 for what many do.

    So no public tool or everyday technique moves a ranking, however unevenly reports mention it.
    """
    part = (_holders(past) - 1) / (len(past.subjects) + SETTLED)
    few = np.where(past.is_software, model.software_few, model.technique_few)
    many = np.where(past.is_software, model.software_many, model.technique_many)
    return np.asarray(np.clip((many - part) / (many - few), 0.0, 1.0))


def _holders(past: Past) -> Floats:
    """How many subjects show each trait; a technique is shown by whoever shows one of its sub-techniques."""
    found = past.holders.spread.astype(float)
    below: dict[int, list[int]] = {}
    for (what, name), trait in past.traits.items():
        parent = past.traits.get((TECHNIQUE, name.partition(".")[0])) if what == TECHNIQUE and "." in name else None
        if parent is not None:
            below.setdefault(parent, [parent]).append(trait)
    for parent, family in below.items():
        found[parent] = len(np.unique(np.concatenate([past.holders.of(trait)[0] for trait in family])))
    return found
