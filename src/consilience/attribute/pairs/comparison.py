"""Two reports side by side, with how rare each of their values is among third parties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.pairs.reports import (
    SOFTWARE,
    TECHNIQUE,
    Reports,
    ThirdParties,
    called_tools,
    third_parties,
    values_of,
)
from consilience.model.arrays import Flags, Floats, Ints

LEAST_VALUES = 3
SHARPNESS = 1.5


@dataclass(frozen=True)
class Comparison:
    """Two reports side by side; the same for both orders.

    `names` are the values that reports show, then those that only these two show; `left`, `right` and `shared` are
    places in it, `software` marks families, `malware` those nobody calls a tool. `by_reports` and `by_subjects` count
    third parties for each name. `explained` are the techniques that the shared software accounts for.
    """

    reports: Reports
    third: ThirdParties
    names: tuple[tuple[str, str], ...]
    left: Flags
    right: Flags
    software: Flags
    malware: Flags
    explained: Flags
    by_reports: Floats
    by_subjects: Floats
    years: float | None

    @property
    def shared(self) -> Flags:
        """The values both show."""
        return self.left & self.right

    @property
    def families(self) -> Ints:
        """The places of the shared software, rarest among third parties first."""
        places = np.flatnonzero(self.shared & self.software)
        return places[np.argsort(self.by_subjects[places], kind="stable")]

    @cached_property
    def rare(self) -> Floats:
        """The surprise of each value among third-party reports (natural logarithm); it never counts the pair."""
        surprise: Floats = np.log((len(self.reports.activities) + 1) / (self.by_reports + 1))
        return surprise

    @cached_property
    def exclusive(self) -> Floats:
        """The surprise of each value among third-party subjects (natural logarithm)."""
        surprise: Floats = np.log((len(self.reports.subjects) + 1) / (self.by_subjects + 1))
        return surprise

    def unshared(self, side: Flags) -> Ints:
        """The places of the software that one side shows and the other does not."""
        return np.flatnonzero(side & self.software & ~self.shared)

    def named(self, places: Iterable[int]) -> tuple[str, ...]:
        """The bare names of some values."""
        return tuple(self.names[place][1] for place in places)

    def holders(self, place: int) -> Ints:
        """The third-party subjects that show a value."""
        return self.third.holders(place) if place < len(self.reports.values) else np.zeros(0, dtype=np.int64)

    @cached_property
    def whole(self) -> ReportSimilarity:
        """How alike the two reports are, and each with every report, in software and techniques."""
        return self.similarity(np.ones(len(self.names), dtype=np.bool_))

    def similarity(self, among: Flags) -> ReportSimilarity:
        """How alike the two reports are, and each with every report: cosine of the surprises of these values."""
        weights = np.where(among, self.rare, 0.0) ** (2 * SHARPNESS)
        known = weights[: len(self.reports.values)]
        norms = np.sqrt(self.reports.sums(known)) + 1e-9
        sides = [np.where(side, weights, 0.0) for side in (self.left, self.right)]
        sizes = [float(np.sqrt(side.sum())) or 1.0 for side in sides]
        between = float(sides[0][self.right].sum()) / (sizes[0] * sizes[1])
        return ReportSimilarity(
            between=between,
            left=self.reports.sums(sides[0][: len(known)]) / (sizes[0] * norms),
            right=self.reports.sums(sides[1][: len(known)]) / (sizes[1] * norms),
        )


@dataclass(frozen=True, slots=True)
class ReportSimilarity:
    """Cosines between 0 and 1: `between` the two, `left` and `right` one side with each of the reports."""

    between: float
    left: Floats
    right: Floats


def comparison_of(reports: Reports, a: Activity, b: Activity, techniques: Mapping[str, frozenset[str]]) -> Comparison:
    """The comparison of two reports; `techniques` are those of each family, whoever uses it."""
    a, b = sorted((a, b))
    shown = [values_of(side) for side in (a, b)]
    unseen = sorted((shown[0] | shown[1]) - reports.place.keys())
    names = (*reports.values, *unseen)
    place = dict(reports.place) | {name: len(reports.values) + number for number, name in enumerate(unseen)}
    third = third_parties(reports, a, b)
    marks = [_marks((place[value] for value in side), len(names)) for side in shown]
    software = np.append(reports.software, [kind == SOFTWARE for kind, _ in unseen]).astype(np.bool_)
    malware = np.append(reports.malware, software[len(reports.values) :])
    malware[[place[SOFTWARE, tool] for tool in called_tools((a, b))]] = False
    explained = _explained(shown[0] & shown[1], techniques)
    return Comparison(
        reports=reports,
        third=third,
        names=names,
        left=marks[0],
        right=marks[1],
        software=software,
        malware=malware,
        explained=_marks((place[each] for each in explained if each in place), len(names)),
        by_reports=np.append(third.by_reports, np.zeros(len(unseen))),
        by_subjects=np.append(third.by_subjects, np.zeros(len(unseen))),
        years=_years_between(a, b),
    )


def _years_between(a: Activity, b: Activity) -> float | None:
    """The years between the days of two reports; None where one is not dated."""
    return abs(a.day - b.day) / 365.25 if a.day and b.day else None


def _explained(shared: Iterable[tuple[str, str]], techniques: Mapping[str, frozenset[str]]) -> set[tuple[str, str]]:
    """The techniques that shared software accounts for, each also where only its parent technique is named."""
    found = {each for kind, name in shared if kind == SOFTWARE for each in techniques.get(name, ())}
    return {(TECHNIQUE, name) for each in found for name in (each, each.split(".", 1)[0])}


def _marks(places: Iterable[int], size: int) -> Flags:
    marks = np.zeros(size, dtype=np.bool_)
    marks[list(places)] = True
    return marks
