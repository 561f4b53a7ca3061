"""How well each subject was recognised so far: every report of the case asked of the reports before it.

A report is given to the subject of the most similar earlier report of another source. The rate of a subject is how
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


def recognised(alike: Floats, owner: Ints, days: Ints, origins: Sequence[str], subjects: int) -> Floats:
    """A rate between 0 and 1 for each subject.

    `alike` is how like reports are, reports by reports; `owner`, `days` (0 for undated, which take no part) and
    `origins` are of the reports.

    >>> alike = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 1.0]])
    >>> recognised(alike, np.array([0, 0, 1]), np.array([1, 2, 3]), ["a", "b", "c"], 2).round(3).tolist()
    [0.625, 0.375]
    """
    given = _given(alike, owner, days, origins)
    asked = np.flatnonzero(given >= 0)
    if not len(asked):
        return np.full(subjects, 0.5)
    counts = np.exp((days[asked] - days.max()) / FADING_DAYS)
    right = counts * (given[asked] == owner[asked])
    drawn = DRAWN_BY * right.sum() / counts.sum()
    whole = np.bincount(owner[asked], counts, subjects) + DRAWN_BY
    return np.asarray((np.bincount(owner[asked], right, subjects) + drawn) / whole)


def _given(alike: Floats, owner: Ints, days: Ints, origins: Sequence[str]) -> Ints:
    """The subject that each report is given to, -1 where no earlier report is like it at all."""
    _, source = np.unique(np.array(origins), return_inverse=True)
    given = np.full(len(owner), -1, dtype=np.int64)
    for start in range(0, len(owner), _ROWS):
        rows = slice(start, start + _ROWS)
        earlier = (days < days[rows, None]) & (days > 0) & (source != source[rows, None])
        likeness = np.where(earlier, alike[rows], 0.0)
        best = likeness.argmax(axis=1)
        like = likeness[np.arange(len(best)), best] > 0
        given[rows] = np.where(like, owner[best], -1)
    return given
