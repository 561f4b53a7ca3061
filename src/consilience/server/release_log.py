"""The release log of one partner, a page at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consilience.model.channel import LogEntry
from consilience.model.protocols import Keeper
from consilience.server.filters import InvalidParameter, LogQuery, moment


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries in the order in which they were added, and whether more follow."""

    entries: tuple[LogEntry, ...]
    more: bool


class PartnerLog:
    """What one partner may fetch, read on from where it ended at the last request."""

    def __init__(self, keeper: Keeper, partner: str) -> None:
        self._keeper = keeper
        self._partner = partner
        self._log: list[LogEntry] = []
        self._places: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def page(self, query: LogQuery, object: str = "") -> LogPage:
        """One page of all objects, or of the versions of one; an object that was withdrawn shows its end only."""
        self._read_on()
        found: list[LogEntry] = []
        for entry in self._from(query.after, object):
            if self._fits(entry, query):
                if len(found) == query.limit:
                    return LogPage(tuple(found), True)
                found.append(entry)
        return LogPage(tuple(found), False)

    def has(self, object: str) -> bool:
        """Whether anything of this object may be fetched."""
        self._read_on()
        places = self._places.get(object)
        return bool(places and self._log[places[-1]].text)

    def _read_on(self) -> None:
        with self._lock:
            for entry in self._keeper.release_log(self._partner, len(self._log)):
                self._places.setdefault(entry.object, []).append(len(self._log))
                self._log.append(entry)

    def _from(self, after: int, object: str) -> Iterator[LogEntry]:
        places: Iterable[int] = self._places.get(object, ()) if object else range(after, len(self._log))
        return (self._log[place] for place in places if place >= after)

    def _fits(self, entry: LogEntry, query: LogQuery) -> bool:
        newest = self._log[self._places[entry.object][-1]]
        return (
            bool(entry.text)
            and (entry is newest or not newest.gone)
            and entry.added > query.added_after
            and self._is_of_version(entry, query.versions)
            and query.allows("id", entry.object)
            and query.allows("type", entry.object.partition("--")[0])
            and ("spec_version" not in query.matches or query.allows("spec_version", spec_version(entry)))
        )

    def _is_of_version(self, entry: LogEntry, versions: frozenset[str]) -> bool:
        """Whether an entry is one of these versions of its object: `all`, `first`, `last`, or a time."""
        places = self._places[entry.object]
        oldest, newest = self._log[places[0]], self._log[places[-1]]
        return (
            "all" in versions
            or ("last" in versions and entry is newest)
            or ("first" in versions and (newest.gone or entry is oldest))
            or canonical_version(entry.version) in versions
        )


def spec_version(entry: LogEntry) -> str:
    """The version of STIX of an object; 2.1 where it does not say, as cyber-observables need not."""
    return str(json.loads(entry.text).get("spec_version", "2.1"))


def canonical_version(version: str) -> str:
    """The version in the spelling of `moment`; as it is where it cannot be read as a time."""
    try:
        return moment(version)
    except InvalidParameter:
        return version
