"""What of an activity this engine compares: software and techniques, each once, under one name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from consilience.attribute.activity import Activity
from consilience.model.names import family

SOFTWARE = "software"
TECHNIQUE = "technique"

ReportTrait = tuple[str, str]
"""`software` or `technique`, and the canonical name."""

_WHAT = {"malware": SOFTWARE, "tool": SOFTWARE, "attack-pattern": TECHNIQUE}
KINDS = frozenset(_WHAT)
"""The kinds of trait that this engine reads."""


def report_traits(activity: Activity, names: Mapping[str, str]) -> tuple[ReportTrait, ...]:
    """The software and techniques of an activity, sorted; numbers and other names of tools resolved by `names`."""
    found = set()
    for kind, value in activity.traits:
        what = _WHAT.get(kind)
        if what == SOFTWARE:
            found.add((what, names.get(value, value)))
        elif what:
            found.add((what, value))
    return tuple(sorted(found))


def implied(tools: Iterable[Activity], names: Mapping[str, str]) -> Mapping[ReportTrait, frozenset[ReportTrait]]:
    """The techniques that each tool is itself described with, by the tool as a trait."""
    found: dict[ReportTrait, set[ReportTrait]] = {}
    for tool in tools:
        name = family(tool.subject.split("/", 1)[-1])
        described = (each for each in report_traits(tool, names) if each[0] == TECHNIQUE)
        found.setdefault((SOFTWARE, names.get(name, name)), set()).update(described)
    return {tool: frozenset(techniques) for tool, techniques in found.items()}
