"""The most similar earlier reports of each subject.

One report counts once, however many of its traits belong together, so correlated traits are never added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consilience.attribute.reports.known_reports import KnownReports
from consilience.attribute.reports.model import ReportsModel
from consilience.model.arrays import Floats, Ints

DAYS_A_YEAR = 365.25
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class BestReports:
    """The likeness of the best and the second best report of each subject, and which reports they are (-1: none)."""

    best: Floats
    second: Floats
    best_report: Ints
    second_report: Ints


def rarities(known: KnownReports, model: ReportsModel) -> Floats:
    """What sharing each trait adds to the likeness of two reports: its inverse subject frequency to a power.

    A technique counts as held by a floor of subjects more than it is: one that is new to the catalogue looks rare.
    """
    subjects = len(known.subjects)
    added = np.where(known.is_software, 0.5, 0.5 + model.technique_floor * subjects)
    share = np.where(known.is_software, 1.0, model.technique_share)
    frequency = np.log((subjects + 1) / (known.holders.spread + added))
    return (share * np.maximum(frequency, 0)) ** model.rarity_power


def similarity(
    known: KnownReports, rarity: Floats, traits: Ints, trust: Floats, length: float, day: int, model: ReportsModel
) -> Floats:
    """The likeness of the query to each known report: shared rarity, over both lengths, fading with the years."""
    shared = np.zeros(len(known.owners))
    for trait, weight in zip(traits, trust, strict=True):
        reports, _ = known.reports.of(int(trait))
        shared[reports] += rarity[trait] * weight
    query_day = day or known.newest
    years = np.where(known.days > 0, np.abs(query_day - known.days) / DAYS_A_YEAR, model.undated_years)
    return shared / ((known.lengths + model.length) * (length + model.length)) * np.exp(-years / model.fade_years)


def nearest(known: KnownReports, similarities: Floats) -> BestReports:
    """The two most similar reports of each subject; of equal ones the earlier."""
    best, best_report = _largest(known, similarities)
    rest = similarities.copy()
    rest[best_report[best_report >= 0]] = 0
    second, second_report = _largest(known, rest)
    return BestReports(best, second, best_report, second_report)


def _largest(known: KnownReports, similarities: Floats) -> tuple[Floats, Ints]:
    largest = np.maximum.reduceat(similarities, known.first)
    at = np.flatnonzero((similarities > 0) & (similarities == largest[known.owners]))
    owners, first = np.unique(known.owners[at], return_index=True)
    reports = np.full(len(known.subjects), _NOBODY, dtype=np.int64)
    reports[owners] = at[first]
    return largest, reports
