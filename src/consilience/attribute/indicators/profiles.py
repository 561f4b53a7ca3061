"""Profiles: one smoothed language model of each subject for each kind of secondary trait.

`item(g) = N^-1/2 sum ln[P(v|g) / p_v]`, `P(v|g) = (C_gv + mu p_v) / (n_g + mu)`. The background p is size-fair: a
subject with n values counts as 1/sqrt(n) of them, so that the biggest actor is not the background. A value that
nobody has shown weighs ln[mu / (n_g + mu)], the same whatever it is: a long profile that lacks it has said more.
N^-1/2 counts values of one query as half dependent; it makes the weight of an item its share of the sum, and not what
exactly is lost without it, because leaving an item out also raises the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from consilience.attribute.indicators.features import QueryFeatures, ReportFeatures
from consilience.attribute.indicators.postings import column_entries, weighted_sum
from consilience.model.arrays import Floats
from consilience.weigh.secondary import SECONDARY

SMOOTHING: Mapping[str, float] = {
    "host": 10,
    "host:registered": 10,
    "host:suffix": 100,
    "host:label": 30,
    "host:segment": 100,
    "host:shape": 30,
    "host:length": 100,
    "host:depth": 30,
    "host:3-gram": 1000,
    "host:4-gram": 1000,
    "host:5-gram": 1000,
    "host:ends": 300,
    "address": 10,
    "address:24": 10,
    "address:16": 30,
    "port": 30,
    "path": 10,
    "path:folder": 10,
    "path:file": 10,
    "path:extension": 30,
    "path:token": 100,
    "path:query": 30,
    "path:shape": 10,
    "path:4-gram": 300,
    "network": 10,
    "mix": 30,
    "size": 30,
}
"""The strength of the background in each kind, in values; between what text-like and what exact kinds need."""

_SPECK = 1e-3
"""The part of the background that is spread evenly, so that no value's is 0."""


@dataclass(frozen=True, slots=True)
class KindProfiles:
    """The subjects in one kind: `gains` of values by subjects, `unseen` what a value nobody has shown weighs."""

    gains: sparse.csr_matrix
    unseen: Floats


@dataclass(frozen=True, slots=True)
class SubjectProfiles:
    """Language models of all subjects of a case."""

    kinds: Mapping[str, KindProfiles]

    names = tuple(f"profile {kind}" for kind in SECONDARY)

    @classmethod
    def of(cls, case: ReportFeatures) -> SubjectProfiles:
        """The profiles that the reports of a case amount to."""
        members = case.members()
        return cls({kind: _profile(members @ case.kinds[kind].shown, SMOOTHING[kind]) for kind in SECONDARY})

    def terms(self, rows: QueryFeatures, wanted: Collection[str] = names) -> Floats:
        """Queries by subjects by kinds, natural logarithms before the learned exponents; 0 for what is not wanted."""
        found = np.zeros(
            (len(rows.queries), len(self.kinds and next(iter(self.kinds.values())).unseen), len(SECONDARY))
        )
        for place, kind in enumerate(SECONDARY):
            if self.names[place] not in wanted:
                continue
            row, profile = rows.kinds[kind], self.kinds[kind]
            total = row.total
            if total.any():
                whole = np.outer(total, profile.unseen)
                if len(row.places) and len(rows.queries) == 1:
                    whole[0] += weighted_sum(row.places, row.amounts, profile.gains)
                elif len(row.places):
                    whole += (row.shown @ profile.gains).toarray()
                found[:, :, place] = whole / np.sqrt(np.maximum(total, 1))[:, None]
        return found

    def items(self, rows: QueryFeatures, subject: int, kind: str) -> Iterator[tuple[int, float]]:
        """Of one query: the place of each value and its share, then -1 and the share of values nobody has shown."""
        row, profile = rows.kinds[kind], self.kinds[kind]
        root = np.sqrt(max(row.total[0], 1))
        gains = column_entries(row.places, subject, profile.gains)
        shares = row.amounts * (gains + profile.unseen[subject]) / root
        yield from zip(row.places.tolist(), shares.tolist(), strict=True)
        if row.unseen[0]:
            yield -1, float(row.unseen[0] * profile.unseen[subject] / root)


def _profile(counts: sparse.csr_matrix, strength: float) -> KindProfiles:
    sizes = np.asarray(counts.sum(axis=1)).ravel()
    background = np.asarray((sparse.diags(1 / np.sqrt(np.maximum(sizes, 1))) @ counts).sum(axis=0)).ravel()
    background = background + _SPECK * background.sum() / max(len(background), 1)
    background = background / max(background.sum(), 1e-12)
    held = counts.tocoo()
    gains = np.log1p(held.data / (strength * background[held.col]))
    shape = (counts.shape[1], counts.shape[0])
    return KindProfiles(sparse.csr_matrix((gains, (held.col, held.row)), shape), np.log(strength / (sizes + strength)))
