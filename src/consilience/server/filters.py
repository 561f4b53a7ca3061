"""What a request asks for: filters, the size of a page, and where it goes on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from consilience.model.digest import canonical_json

PAGE, LARGEST_PAGE = 100, 1_000
MATCHES = ("id", "type", "version", "spec_version")
_MAC = 16


class InvalidParameter(Exception):
    """A parameter that cannot be used; its text may be shown to the sender."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which entries of a release log, by date added and `match[…]`, how many, and after which place."""

    matches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    added_after: str = ""
    limit: int = PAGE
    after: int = 0

    @property
    def versions(self) -> frozenset[str]:
        """Which versions: `last` where none is named."""
        return self.matches.get("version", frozenset({"last"}))

    def allows(self, name: str, value: str) -> bool:
        """Whether a value passes the filter of this name; it does where none is given."""
        return name not in self.matches or value in self.matches[name]


class Cursors:
    """Makes and checks the texts that say where a listing goes on; each is good for one partner and one question."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, b"taxii next", hashlib.sha256).digest()

    def made(self, place: int, asked: bytes) -> str:
        """The cursor of a place in the answer to this question."""
        packed = struct.pack(">Q", place)
        return base64.urlsafe_b64encode(packed + self._mac(packed, asked)).decode().rstrip("=")

    def place(self, cursor: str, asked: bytes) -> int:
        """The place of a cursor. Raises InvalidParameter when it was made for another question or by somebody else."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        packed, mac = raw[:8], raw[8:]
        if len(packed) < 8 or not hmac.compare_digest(mac, self._mac(packed, asked)):
            raise InvalidParameter("`next` is not one that this server gave for this question")
        return int(struct.unpack(">Q", packed)[0])

    def _mac(self, packed: bytes, asked: bytes) -> bytes:
        return hmac.new(self._key, packed + asked, hashlib.sha256).digest()[:_MAC]


def query_of(query: Sequence[tuple[str, str]], about: Sequence[str], cursors: Cursors) -> tuple[LogQuery, bytes]:
    """What this query asks about a partner's resource, and the question as bytes that cursors are bound to.

    Raises InvalidParameter for a parameter that has no meaning, or is given twice.
    """
    given = dict(query)
    if len(given) < len(query):
        raise InvalidParameter("a parameter is given twice")
    matches = _matches(given)
    added_after = moment(given["added_after"]) if "added_after" in given else ""
    asked = canonical_json([list(about), {name: sorted(each) for name, each in matches.items()}, added_after])
    after = cursors.place(given["next"], asked) if "next" in given else 0
    return LogQuery(matches, added_after, _limit(given.get("limit")), after), asked


def _matches(given: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The values of each `match[…]`, times of versions in one spelling."""
    matches = {name: _several(given[f"match[{name}]"]) for name in MATCHES if f"match[{name}]" in given}
    if not all(matches.values()):
        raise InvalidParameter("a match[] is empty")
    if "version" in matches:
        words = {"first", "last", "all"}
        matches["version"] = frozenset(each if each in words else moment(each) for each in matches["version"])
    return matches


def moment(text: str) -> str:
    """A time in UTC with six digits of the second, so that the order of texts is that of times."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidParameter("a time is not written as 2024-05-01T12:00:00.000000Z") from None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _several(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise InvalidParameter("`limit` must be a whole number above 0")
    return min(int(text), LARGEST_PAGE)
