"""A feed: a collection elsewhere that a case reads again and again, and how far it has come."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A collection of a TAXII server by the name that the case has for it.

    `publisher` and `tlp` stand where an object does not say them. The password is never kept: `password_env` names the
    variable of the environment that holds it. `added` is the moment, in the server's own words, up to which it was
    read; `seen` are the versions that were read at that moment.
    """

    name: str
    root: str
    collection: str
    publisher: str
    tlp: str = ""
    user: str = ""
    password_env: str = ""
    plain: bool = False
    private: tuple[str, ...] = ()
    recorded: str = ""
    by: str = ""
    added: str = ""
    seen: tuple[str, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """The feed as JSON."""
        return {**asdict(self), "private": list(self.private), "seen": len(self.seen)}
