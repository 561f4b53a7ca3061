"""One query asked alone: what its terms sum to, over inverted lists, without keeping the terms apart.

The sums are those of `PreparedCase.terms` and the learned weights. For one query only the terms that weigh are looked
at, and of a kind only who shows its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from consilience.attribute.indicators.features import QueryFeatures
from consilience.attribute.indicators.nearest import NEAR, RAREST, NearestReports, best_two_in_stretches, scaled_amounts
from consilience.attribute.indicators.postings import weighted_sum
from consilience.attribute.indicators.profiles import SubjectProfiles
from consilience.model.arrays import Floats, Ints
from consilience.weigh.secondary import SECONDARY

_FEW = 0.25
"""Of fewer reports than this part only those are looked at that are like the query at all."""


@dataclass(frozen=True, slots=True)
class WeightedSums:
    """For each subject: the weighed evidence and priors, the weighed nearest and the bare rarest terms, and the bare
    `discriminant`, `overall` and `gap` terms; and how well each was `recognition` so far."""

    evidence: Floats
    prior: Floats
    near: Floats
    rarest: Floats
    discriminant: Floats
    overall: Floats
    gap: Floats
    recognition: Floats


def profile_sum(profiles: SubjectProfiles, rows: QueryFeatures, weights: Mapping[str, float], subjects: int) -> Floats:
    """The weighed sum of all profile terms of one query."""
    found = np.zeros(subjects)
    for kind in SECONDARY:
        row, weight = rows.kinds[kind], weights.get(f"profile {kind}", 0.0)
        total = float(row.amounts.sum() + row.unseen[0]) if weight else 0.0
        if total:
            scale = weight / np.sqrt(max(total, 1.0))
            found += scale * total * profiles.kinds[kind].unseen
            if len(row.places):
                found += weighted_sum(row.places, scale * row.amounts, profiles.kinds[kind].gains)
    return found


def nearest_sum(nearest: NearestReports, rows: QueryFeatures, weights: Mapping[str, float]) -> Floats:
    """The weighed sum of all terms of the nearest reports of one query."""
    found, fading = np.zeros(len(nearest.starts)), nearest.fading(rows.days)[0]
    for kind in NEAR:
        weight = weights.get(f"nearest {kind}", 0.0)
        if weight and len(rows.kinds[kind].places):
            near = nearest.kinds[kind]
            likeness = weighted_sum(rows.kinds[kind].places, scaled_amounts(rows.kinds[kind], near), near.inverted)
            likeness *= fading
            add_best_two(found, weight, likeness, nearest)
    return found


def add_best_two(found: Floats, weight: float, likeness: Floats, nearest: NearestReports) -> None:
    """Add to each subject the weighed best of its reports and half of the second best.

    Where few reports are like the query at all, only they are looked at; else all subjects at once, one report of each
    after the other.
    """
    touched = np.flatnonzero(likeness)
    if not len(touched):
        return
    if len(touched) > _FEW * len(likeness):
        found[nearest.by_position.subjects] += weight * nearest.by_position.best_two(likeness)
        return
    owner = nearest.owner[touched]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    found[owner[first]] += weight * best_two_in_stretches(likeness[None, touched], first)[0]


def rarest_terms(nearest: NearestReports, rows: QueryFeatures) -> dict[str, Floats]:
    """The bare terms of the rarest thing shared, of each family."""
    found = {}
    for family, kinds in RAREST.items():
        found[family] = np.zeros(len(nearest.starts))
        for kind in kinds:
            near, values = nearest.kinds[kind], rows.kinds[kind].places
            for value in values[np.argsort(near.surprise[values], kind="stable")].tolist():
                held: Ints = near.holders.indices[near.holders.indptr[value] : near.holders.indptr[value + 1]]
                found[family][held] = np.maximum(found[family][held], near.surprise[value])
    return found
