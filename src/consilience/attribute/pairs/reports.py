"""Reports in columns, and what third parties show once everything of a pair's own is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from consilience.attribute.activity import Activity
from consilience.model.arrays import Flags, Floats, Ints
from consilience.model.subject import TOOL_TYPES

SOFTWARE = "software"
TECHNIQUE = "attack-pattern"


def values_of(activity: Activity) -> frozenset[tuple[str, str]]:
    """The software and techniques an activity shows; a family is one value whether called malware or tool."""
    return frozenset(
        (SOFTWARE, value) if kind in TOOL_TYPES else (TECHNIQUE, value)
        for kind, value in activity.traits
        if kind in TOOL_TYPES or kind == TECHNIQUE
    )


def called_tools(activities: Iterable[Activity]) -> frozenset[str]:
    """The families that any of these activities calls a tool rather than malware."""
    return frozenset(value for each in activities for kind, value in each.traits if kind == "tool")


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports as sparse columns: entry *e* says that report `report[e]` shows value `value[e]`.

    `values` names the values in sorted order; `tools` are the families that anybody calls a tool; `software` and
    `malware` mark the values that are families, and those of them that nobody calls a tool;
    `subject` and `origin` hold one number per report, `holding` one per entry: which pair of value and subject it is.
    `holding_value` and `holding_subject` take such a pair apart; they are sorted by value.
    """

    activities: tuple[Activity, ...]
    values: tuple[tuple[str, str], ...]
    place: Mapping[tuple[str, str], int]
    tools: frozenset[str]
    software: Flags
    malware: Flags
    report: Ints
    value: Ints
    first: Ints
    subject: Ints
    origin: Ints
    holding: Ints
    holding_value: Ints
    holding_subject: Ints
    subjects: Mapping[str, int] = field(repr=False)
    origins: Mapping[str, int] = field(repr=False)

    def sums(self, weights: Floats) -> Floats:
        """What the values of each report weigh together."""
        return np.asarray(np.bincount(self.report, weights[self.value], len(self.activities)), dtype=np.float64)


def reports_of(activities: Iterable[Activity]) -> Reports:
    """The reports that show software or techniques, in the order of their subjects, dates and origins."""
    shown = {each: found for each in activities if (found := values_of(each))}
    reports = tuple(sorted(shown))
    values = tuple(sorted({value for each in shown.values() for value in each}))
    place = {value: number for number, value in enumerate(values)}
    report, value = _entries([shown[each] for each in reports], place)
    subject, subjects = _numbered([each.subject for each in reports])
    origin, origins = _numbered([each.origin for each in reports])
    width = max(1, len(subjects))
    tools = called_tools(reports)
    software = np.array([kind == SOFTWARE for kind, _ in values], dtype=np.bool_)
    unique, holding = np.unique(value * width + subject[report], return_inverse=True)
    return Reports(
        activities=reports,
        values=values,
        place=place,
        tools=tools,
        software=software,
        malware=software & np.array([name not in tools for _, name in values], dtype=np.bool_),
        report=report,
        value=value,
        first=np.searchsorted(unique // width, np.arange(len(values) + 1)),
        subject=subject,
        origin=origin,
        holding=holding,
        holding_value=unique // width,
        holding_subject=unique % width,
        subjects=subjects,
        origins=origins,
    )


def _entries(shown: Sequence[frozenset[tuple[str, str]]], place: Mapping[tuple[str, str], int]) -> tuple[Ints, Ints]:
    """The entries of what reports show, as two columns: the number of the report, and of the value."""
    rows = [(number, place[value]) for number, values in enumerate(shown) for value in sorted(values)]
    report, value = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return report, value


def _numbered(names: Sequence[str]) -> tuple[Ints, dict[str, int]]:
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([numbers[name] for name in names], dtype=np.int64), numbers


@dataclass(frozen=True, slots=True)
class ThirdParties:
    """What reports show that are of neither side: own subjects and own documents of the pair left out.

    `others` marks the reports that count; `by_reports` and `by_subjects` say, for each value, in how many of them
    and with how many subjects it is; `holds` marks the pairs of value and subject that are left.
    """

    reports: Reports
    others: Flags
    by_reports: Ints
    by_subjects: Ints
    holds: Flags

    def holders(self, place: int) -> Ints:
        """The subjects among third parties that show a value."""
        span = slice(self.reports.first[place], self.reports.first[place + 1])
        found: Ints = self.reports.holding_subject[span][self.holds[span]]
        return found


def third_parties(reports: Reports, a: Activity, b: Activity) -> ThirdParties:
    """The third parties of a pair: neither side's subject and neither side's document is one of them.

    Counting the pair itself, or other reports of its own subjects, would let the answer into the count: software
    that one operator alone uses is in many reports because it is that operator's.
    """
    own = np.zeros(len(reports.activities), dtype=np.bool_)
    for side in (a, b):
        if side.subject in reports.subjects and side.subject:
            own |= reports.subject == reports.subjects[side.subject]
        if side.origin in reports.origins:
            own |= reports.origin == reports.origins[side.origin]
    counted = ~own[reports.report]
    holds = np.bincount(reports.holding[counted], minlength=len(reports.holding_value)) > 0
    size = len(reports.values)
    return ThirdParties(
        reports=reports,
        others=~own,
        by_reports=np.bincount(reports.value[counted], minlength=size),
        by_subjects=np.bincount(reports.holding_value[holds], minlength=size),
        holds=holds,
    )
