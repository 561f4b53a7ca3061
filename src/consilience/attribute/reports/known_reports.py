"""The known reports as columns: who each is about, when, and in which reports and of whom a trait is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.reports.traits import SOFTWARE, TECHNIQUE, Shown, shown
from consilience.model.arrays import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Postings:
    """For each trait the places where it is (reports, or subjects with the number of their reports), and how many."""

    starts: Ints
    spread: Ints
    places: Ints
    counts: Ints

    def of(self, trait: int) -> tuple[Ints, Ints]:
        """The places of one trait and the counts there."""
        here = slice(self.starts[trait], self.starts[trait + 1])
        return self.places[here], self.counts[here]


@dataclass(frozen=True, slots=True)
class Past:
    """The known reports, ordered by subject, day and origin; `first` is the first report of each subject.

    `days` are ordinals, 0 when not dated; `lengths` count the traits of a report and `techniques` the
    techniques among them; `newest` is the last day.
    """

    subjects: Sequence[str]
    origins: Sequence[str]
    traits: Mapping[Shown, int]
    is_software: Flags
    owners: Ints
    first: Ints
    days: Ints
    lengths: Ints
    techniques: Ints
    reports: Postings
    holders: Postings
    newest: int

    def sizes(self) -> Ints:
        """The number of reports of each subject."""
        return np.diff(np.append(self.first, len(self.owners)))

    def counts(self, trait: int, without: Ints) -> tuple[Ints, Floats]:
        """The subjects that show a trait, ascending, and in how many reports, some reports left out."""
        holders, shown = self.holders.of(trait)
        found = shown.astype(float)
        if len(without):
            left_out = without[np.isin(without, self.reports.of(trait)[0])]
            np.subtract.at(found, np.searchsorted(holders, self.owners[left_out]), 1)
        return holders, found


def past(known: Iterable[Activity], names: Mapping[str, str]) -> Past:
    """The known activities as columns; those without software and techniques say nothing here and are left out."""
    rows = [(each, traits) for each in sorted(known) if each.subject and (traits := shown(each, names))]
    subjects = sorted({each.subject for each, _ in rows})
    place = {subject: number for number, subject in enumerate(subjects)}
    every = sorted({trait for _, traits in rows for trait in traits})
    number = {trait: at for at, trait in enumerate(every)}
    owners = np.array([place[each.subject] for each, _ in rows], dtype=np.int64)
    lengths = np.array([len(traits) for _, traits in rows], dtype=np.int64)
    columns = np.array([number[trait] for _, traits in rows for trait in traits], dtype=np.int64)
    within = np.repeat(np.arange(len(rows), dtype=np.int64), lengths)
    return Past(
        subjects=tuple(subjects),
        origins=tuple(each.origin for each, _ in rows),
        traits=number,
        is_software=np.array([what == SOFTWARE for what, _ in every], dtype=np.bool_),
        owners=owners,
        first=np.searchsorted(owners, np.arange(len(subjects), dtype=np.int64)),
        days=np.array([each.day for each, _ in rows], dtype=np.int64),
        lengths=lengths,
        techniques=np.array([sum(what == TECHNIQUE for what, _ in traits) for _, traits in rows], dtype=np.int64),
        reports=_postings(columns, within, len(every)),
        holders=_postings(columns, owners[within], len(every)),
        newest=max((each.day for each, _ in rows), default=0),
    )


def _postings(traits: Ints, places: Ints, count: int) -> Postings:
    width = int(places.max(initial=0)) + 1
    pairs, counts = np.unique(traits * width + places, return_counts=True)
    starts = np.searchsorted(pairs, np.arange(count + 1, dtype=np.int64) * width).astype(np.int64)
    return Postings(starts, np.diff(starts), pairs % width, counts.astype(np.int64))
