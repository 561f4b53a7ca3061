"""Channels to other houses: the log of what a partner may fetch, and their keys."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from consilience.model.digest import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One version of an object that a partner may fetch, at its place in what they may fetch.

    `seq` counts from 1 for each partner, so that it tells nothing of others. `text` is the object as JSON; empty when
    the object is withdrawn and has no last version. `gone` tells that earlier versions are not given any more.
    """

    seq: int
    partner: str
    object: str
    version: str
    added: str
    sha256: str
    text: str
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a partner: never the secret, only its SHA-256. Times are ISO, UTC; `retired` is empty while it holds."""

    id: str
    partner: str
    sha256: str
    expires: str
    recorded: str
    by: str = ""
    retired: str = ""

    @property
    def row_id(self) -> str:
        """The id of this state of the key."""
        return "ak-" + digest(asdict(self))[:20]

    def holds(self, now: str) -> bool:
        """Whether the key opens anything at this time."""
        return not self.retired and now < self.expires
