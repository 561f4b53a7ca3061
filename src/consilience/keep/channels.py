"""Additions to a release log."""

from __future__ import annotations

from collections.abc import Sequence

from consilience.model.channel import LogEntry
from consilience.model.digest import digest
from consilience.model.errors import CaseError, InputError


def check_place(partner: str, length: int, entries: Sequence[LogEntry]) -> None:
    """Raise CaseError when the entries do not follow the log as it now is."""
    if any(entry.partner != partner for entry in entries):
        raise InputError("an entry is for another partner", "release log", "publish to one partner at a time")
    if [entry.seq for entry in entries] != list(range(length + 1, length + 1 + len(entries))):
        raise CaseError("somebody else published at the same time", "release log", "publish again")


def release_act(partner: str, entries: Sequence[LogEntry]) -> str:
    """The id of the act that adds these entries."""
    added = [[entry.seq, entry.object, entry.version, entry.sha256] for entry in entries]
    return "re-" + digest([partner, added])[:20]
