"""How well each subject was recognised so far: every report of the case asked of the reports before it.

A report is assigned to the subject of the most similar earlier report of another source. The rate of a subject is how
often that was right of its own reports, newer reports counting more. Few reports say little: rates are drawn towards
that of all. Nothing is learned, so a refreshed case has its own rates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from consilience.model.arrays import Floats, Ints

FADING_DAYS = 730.0
DRAWN_BY = 3.0
"""Reports that the rate of all subjects counts for."""

_ROWS = 512


def recognition_rates(similarity: Floats, owner: Ints, days: Ints, origins: Sequence[str], subjects: int) -> Floats:
    """A rate between 0 and 1 for each subject.

    `similarity` is that of reports, reports by reports; `owner`, `days` (0 for undated, which take no part) and
    `origins` are of the reports.

    >>> similarity = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 1.0]])
    >>> recognition_rates(similarity, np.array([0, 0, 1]), np.array([1, 2, 3]), ["a", "b", "c"], 2).round(3).tolist()
    [0.625, 0.375]
    """
    assigned = _assigned(similarity, owner, days, origins)
    dated = np.flatnonzero(assigned >= 0)
    if not len(dated):
        return np.full(subjects, 0.5)
    counts = np.exp((days[dated] - days.max()) / FADING_DAYS)
    right = counts * (assigned[dated] == owner[dated])
    drawn = DRAWN_BY * right.sum() / counts.sum()
    whole = np.bincount(owner[dated], counts, subjects) + DRAWN_BY
    return np.asarray((np.bincount(owner[dated], right, subjects) + drawn) / whole)


def _assigned(similarity: Floats, owner: Ints, days: Ints, origins: Sequence[str]) -> Ints:
    """The subject that each report is assigned to, -1 where no earlier report is like it at all."""
    _, source = np.unique(np.array(origins), return_inverse=True)
    assigned = np.full(len(owner), -1, dtype=np.int64)
    for start in range(0, len(owner), _ROWS):
        rows = slice(start, start + _ROWS)
        earlier = (days < days[rows, None]) & (days > 0) & (source != source[rows, None])
        earlier_similarity = np.where(earlier, similarity[rows], 0.0)
        best = earlier_similarity.argmax(axis=1)
        like = earlier_similarity[np.arange(len(best)), best] > 0
        assigned[rows] = np.where(like, owner[best], -1)
    return assigned
