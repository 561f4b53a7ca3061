"""The most similar earlier reports of each subject.

One report counts once, however many of its traits belong together, so correlated traits are never added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consilience.attribute.reports.known_reports import Past
from consilience.attribute.reports.model import ReportsModel
from consilience.model.arrays import Floats, Ints

DAYS_A_YEAR = 365.25
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Nearest:
    """The likeness of the best and the second best report of each subject, and which reports they are (-1: none)."""

    best: Floats
    second: Floats
    best_report: Ints
    second_report: Ints


def rarities(past: Past, model: ReportsModel) -> Floats:
    """What sharing each trait adds to the likeness of two reports: its inverse subject frequency to a power.

    A technique counts as held by a floor of subjects more than it is: one that is new to the catalogue looks rare.
    """
    subjects = len(past.subjects)
    added = np.where(past.is_software, 0.5, 0.5 + model.technique_floor * subjects)
    share = np.where(past.is_software, 1.0, model.technique_share)
    frequency = np.log((subjects + 1) / (past.holders.spread + added))
    return (share * np.maximum(frequency, 0)) ** model.rarity_power


def likeness(
    past: Past, rarity: Floats, asked: Ints, trust: Floats, length: float, day: int, model: ReportsModel
) -> Floats:
    """The likeness of the query to each known report: shared rarity, over both lengths, fading with the years."""
    shared = np.zeros(len(past.owners))
    for trait, weight in zip(asked, trust, strict=True):
        reports, _ = past.reports.of(int(trait))
        shared[reports] += rarity[trait] * weight
    asked_on = day or past.newest
    years = np.where(past.days > 0, np.abs(asked_on - past.days) / DAYS_A_YEAR, model.undated_years)
    return shared / ((past.lengths + model.length) * (length + model.length)) * np.exp(-years / model.fade_years)


def nearest(past: Past, likenesses: Floats) -> Nearest:
    """The two most similar reports of each subject; of equal ones the earlier."""
    best, best_report = _largest(past, likenesses)
    rest = likenesses.copy()
    rest[best_report[best_report >= 0]] = 0
    second, second_report = _largest(past, rest)
    return Nearest(best, second, best_report, second_report)


def _largest(past: Past, likenesses: Floats) -> tuple[Floats, Ints]:
    largest = np.maximum.reduceat(likenesses, past.first)
    at = np.flatnonzero((likenesses > 0) & (likenesses == largest[past.owners]))
    owners, first = np.unique(past.owners[at], return_index=True)
    reports = np.full(len(past.subjects), _NOBODY, dtype=np.int64)
    reports[owners] = at[first]
    return largest, reports
