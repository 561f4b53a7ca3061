"""The known reports as columns: who each is about, when, and in which reports and of whom a trait is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.reports.traits import SOFTWARE, TECHNIQUE, ReportTrait, report_traits
from consilience.model.arrays import Flags, Floats, Ints

Sorted = TypeVar("Sorted", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class TraitPostings:
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
class KnownReports:
    """The known reports, ordered by subject, day and origin; `first` is the first report of each subject.

    `days` are ordinals, 0 when not dated; `lengths` count the traits of a report and `techniques` the
    techniques among them; `newest` is the last day.
    """

    subjects: Sequence[str]
    origins: Sequence[str]
    traits: Mapping[ReportTrait, int]
    is_software: Flags
    owners: Ints
    first: Ints
    days: Ints
    lengths: Ints
    techniques: Ints
    reports: TraitPostings
    holders: TraitPostings
    newest: int

    def sizes(self) -> Ints:
        """The number of reports of each subject."""
        return np.diff(np.append(self.first, len(self.owners)))

    def counts(self, trait: int, without: Ints) -> tuple[Ints, Floats]:
        """The subjects that show a trait, ascending, and in how many reports, some reports left out."""
        holders, reports = self.holders.of(trait)
        found = reports.astype(float)
        if len(without):
            left_out = without[np.isin(without, self.reports.of(trait)[0])]
            np.subtract.at(found, np.searchsorted(holders, self.owners[left_out]), 1)
        return holders, found


def _with_traits(
    activities: Iterable[Activity], names: Mapping[str, str]
) -> tuple[list[Activity], list[tuple[ReportTrait, ...]]]:
    """The sorted activities of a subject that show software or techniques, and what each shows."""
    found = [(each, report_traits(each, names)) for each in sorted(activities) if each.subject]
    return [each for each, traits in found if traits], [traits for _, traits in found if traits]


def known_reports(activities: Iterable[Activity], names: Mapping[str, str]) -> KnownReports:
    """The known activities as columns; those without software and techniques say nothing here and are left out."""
    reports, shown = _with_traits(activities, names)
    subjects, place = _numbered(each.subject for each in reports)
    entries = list(chain.from_iterable(shown))
    every, number = _numbered(entries)
    owners = _ints(place[each.subject] for each in reports)
    lengths = _ints(map(len, shown))
    columns = _ints(number[trait] for trait in entries)
    within = np.repeat(np.arange(len(reports), dtype=np.int64), lengths)
    days = _ints(each.day for each in reports)
    return KnownReports(
        subjects=subjects,
        origins=tuple(each.origin for each in reports),
        traits=number,
        is_software=np.array([what == SOFTWARE for what, _ in every], dtype=np.bool_),
        owners=owners,
        first=np.searchsorted(owners, np.arange(len(subjects), dtype=np.int64)),
        days=days,
        lengths=lengths,
        techniques=_ints(sum(what == TECHNIQUE for what, _ in traits) for traits in shown),
        reports=_postings(columns, within, len(every)),
        holders=_postings(columns, owners[within], len(every)),
        newest=int(days.max(initial=0)),
    )


def _numbered(values: Iterable[Sorted]) -> tuple[tuple[Sorted, ...], dict[Sorted, int]]:
    """The values sorted, each once, and the place of each."""
    ordered = tuple(sorted(set(values)))
    return ordered, {value: number for number, value in enumerate(ordered)}


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _postings(traits: Ints, places: Ints, count: int) -> TraitPostings:
    width = int(places.max(initial=0)) + 1
    pairs, counts = np.unique(traits * width + places, return_counts=True)
    starts = np.searchsorted(pairs, np.arange(count + 1, dtype=np.int64) * width).astype(np.int64)
    return TraitPostings(starts, np.diff(starts), pairs % width, counts.astype(np.int64))
