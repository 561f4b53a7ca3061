"""Pages of the release log of one partner."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consilience.model.channel import LogEntry
from consilience.model.protocols import Keeper
from consilience.server.filters import Unusable, Wanted, moment


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in the order in which they were added, and whether more follow."""

    entries: tuple[LogEntry, ...]
    more: bool


class View:
    """What one partner may fetch, read on from where it ended at the last request."""

    def __init__(self, keeper: Keeper, partner: str) -> None:
        self._keeper = keeper
        self._partner = partner
        self._log: list[LogEntry] = []
        self._places: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def page(self, wanted: Wanted, object: str = "") -> Page:
        """One page of all objects, or of the versions of one; an object that was withdrawn shows its end only."""
        self._read_on()
        found: list[LogEntry] = []
        for entry in self._from(wanted.after, object):
            if self._fits(entry, wanted):
                if len(found) == wanted.limit:
                    return Page(tuple(found), True)
                found.append(entry)
        return Page(tuple(found), False)

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

    def _fits(self, entry: LogEntry, wanted: Wanted) -> bool:
        places = self._places[entry.object]
        newest = self._log[places[-1]]
        if not entry.text or (newest.gone and entry is not newest):
            return False
        if entry.added <= wanted.added_after:
            return False
        matches, versions = wanted.matches, wanted.versions
        if "all" not in versions and not (
            ("last" in versions and entry is newest)
            or ("first" in versions and (newest.gone or entry is self._log[places[0]]))
            or canonical_version(entry.version) in versions
        ):
            return False
        if "id" in matches and entry.object not in matches["id"]:
            return False
        if "type" in matches and entry.object.partition("--")[0] not in matches["type"]:
            return False
        return "spec_version" not in matches or spec_version(entry) in matches["spec_version"]


def spec_version(entry: LogEntry) -> str:
    """The version of STIX of an object; 2.1 where it does not say, as cyber-observables need not."""
    return str(json.loads(entry.text).get("spec_version", "2.1"))


def canonical_version(version: str) -> str:
    """The version in the spelling of `moment`; as it is when it is no time."""
    try:
        return moment(version)
    except Unusable:
        return version
