"""Rows of the release log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from consilience.model.channel import LogEntry
from consilience.model.digest import digest
from consilience.model.errors import CaseError, InputError

_HIDDEN = ("id",)


def check_place(partner: str, length: int, entries: Sequence[LogEntry]) -> None:
    """Nothing. Raises CaseError when the entries do not follow the log as it now is."""
    if any(entry.partner != partner for entry in entries):
        raise InputError("an entry is for somebody else", "release log", "publish to one partner at a time")
    if [entry.seq for entry in entries] != list(range(length + 1, length + 1 + len(entries))):
        raise CaseError("somebody else published at the same time", "release log", "publish again")


def release_act(partner: str, entries: Sequence[LogEntry]) -> str:
    """The id of the act that adds these entries."""
    told = [[entry.seq, entry.object, entry.version, entry.sha256] for entry in entries]
    return "re-" + digest([partner, told])[:20]


def log_rows(act: str, entries: Sequence[LogEntry]) -> Iterator[dict[str, Any]]:
    """The rows of these entries."""
    return ({"id": act, **asdict(entry)} for entry in entries)


def log_entry(row: Mapping[str, Any]) -> LogEntry:
    """The entry of a row."""
    return LogEntry(**{name: value for name, value in row.items() if name not in _HIDDEN})
