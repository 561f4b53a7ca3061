"""What everybody shows: the more subjects show a trait, the less of its weight stands, down to nothing."""

from __future__ import annotations

import numpy as np

from consilience.attribute.reports.known_reports import KnownReports
from consilience.attribute.reports.model import ReportsModel
from consilience.attribute.reports.traits import TECHNIQUE
from consilience.model.arrays import Floats

SETTLED = 15
"""Subjects that are taken to exist beside the known ones, so that in a small case two holders make nothing common."""


def discriminating_share(known: KnownReports, model: ReportsModel) -> Floats:
    """The part of each trait's weight that stands: 1 for what few show, falling to 0 for what many do.

    So no public tool or everyday technique moves a ranking, however unevenly reports mention it.
    """
    part = (_holders(known) - 1) / (len(known.subjects) + SETTLED)
    few = np.where(known.is_software, model.software_few, model.technique_few)
    many = np.where(known.is_software, model.software_many, model.technique_many)
    return np.asarray(np.clip((many - part) / (many - few), 0.0, 1.0))


def _holders(known: KnownReports) -> Floats:
    """How many subjects show each trait; a technique is shown by whoever shows one of its sub-techniques."""
    found = known.holders.spread.astype(float)
    below: dict[int, list[int]] = {}
    for (what, name), trait in known.traits.items():
        parent = known.traits.get((TECHNIQUE, name.partition(".")[0])) if what == TECHNIQUE and "." in name else None
        if parent is not None:
            below.setdefault(parent, [parent]).append(trait)
    for parent, family in below.items():
        found[parent] = len(np.unique(np.concatenate([known.holders.of(trait)[0] for trait in family])))
    return found
