"""What several queries weigh for some subjects: only what these subjects show is read, however many others there are.

The sums are the evidence of `PreparedCase.sums`. Explanations need this: the first of a ranking, and the query without
one observation after another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from consilience.attribute.indicators.features import QueryFeatures
from consilience.attribute.indicators.nearest import LENGTH, NEAR, RAREST, NearestReports, best_two_in_stretches
from consilience.attribute.indicators.postings import column_blocks
from consilience.attribute.indicators.profiles import SubjectProfiles
from consilience.model.arrays import Floats, Ints
from consilience.weigh.secondary import SECONDARY


@dataclass(frozen=True, slots=True)
class _QueryMatrix:
    """Queries in one kind: `amounts` of queries by the values that any of them shows, which are at `places`."""

    places: Ints
    amounts: Floats

    @classmethod
    def of(cls, rows: QueryFeatures, kind: str) -> _QueryMatrix:
        row = rows.kinds[kind]
        places, column = np.unique(row.places, return_inverse=True)
        amounts = np.zeros((len(rows.queries), len(places)))
        amounts[np.repeat(np.arange(len(rows.queries)), np.diff(row.starts)), column] = row.amounts
        return cls(places, amounts)


def profile_evidence(
    profiles: SubjectProfiles, rows: QueryFeatures, weights: Mapping[str, float], subjects: Ints
) -> Floats:
    """The weighed sum of all profile terms, queries by these subjects."""
    found = np.zeros((len(rows.queries), len(subjects)))
    for kind in SECONDARY:
        weight, total = weights.get(f"profile {kind}", 0.0), rows.kinds[kind].total
        if weight and total.any():
            query, profile = _QueryMatrix.of(rows, kind), profiles.kinds[kind]
            whole = np.outer(total, profile.unseen[subjects])
            whole += query.amounts @ column_blocks(query.places, subjects, subjects + 1, profile.gains)
            found += weight * whole / np.sqrt(np.maximum(total, 1))[:, None]
    return found


def nearest_evidence(
    nearest: NearestReports, rows: QueryFeatures, weights: Mapping[str, float], subjects: Ints
) -> Floats:
    """The weighed sum of all terms of the nearest reports, queries by these subjects."""
    found = np.zeros((len(rows.queries), len(subjects)))
    firsts = nearest.starts[subjects]
    lasts: Ints = np.append(nearest.starts, len(nearest.owner))[subjects + 1]
    reports = np.concatenate([np.arange(first, last) for first, last in zip(firsts, lasts, strict=True)])
    starts: Ints = np.cumsum(lasts - firsts) - (lasts - firsts)
    fading = nearest.fading(rows.days)[:, reports]
    for kind in NEAR:
        weight, row = weights.get(f"nearest {kind}", 0.0), rows.kinds[kind]
        if weight and len(row.places):
            query, near = _QueryMatrix.of(rows, kind), nearest.kinds[kind]
            scaled = query.amounts * near.weights[query.places]
            lengths = np.sqrt((scaled**2).sum(axis=1) + row.unseen_squares * near.unseen_weight**2) + LENGTH
            shown = column_blocks(query.places, firsts, lasts, near.inverted)
            found += weight * best_two_in_stretches(scaled @ shown / lengths[:, None] * fading, starts)
    return found


def rarest_evidence(
    nearest: NearestReports, rows: QueryFeatures, weights: Mapping[str, float], subjects: Ints
) -> Floats:
    """The weighed sum of the rarest thing shared of each family, queries by these subjects."""
    found = np.zeros((len(rows.queries), len(subjects)))
    for family, kinds in RAREST.items():
        best = np.zeros_like(found)
        for kind in kinds:
            query, near = _QueryMatrix.of(rows, kind), nearest.kinds[kind]
            surprise = (
                column_blocks(query.places, subjects, subjects + 1, near.holders) * near.surprise[query.places][:, None]
            )
            for place in range(len(query.places)):
                best = np.maximum(best, np.outer(query.amounts[:, place] > 0, surprise[place]))
        found += weights.get(f"rarest {family}", 0.0) * best
    return found
