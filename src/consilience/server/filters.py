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


class Unusable(Exception):
    """A parameter that cannot be used; its text may be shown to the sender."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a release log, by date added and `match[…]`, how many, and after which place."""

    matches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    added_after: str = ""
    limit: int = PAGE
    after: int = 0

    @property
    def versions(self) -> frozenset[str]:
        """Which versions: `last` unless told otherwise."""
        return self.matches.get("version", frozenset({"last"}))


class Cursors:
    """Makes and checks the texts that say where a listing goes on; each is good for one partner and one question."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, b"taxii next", hashlib.sha256).digest()

    def made(self, place: int, asked: bytes) -> str:
        """The cursor of a place in the answer to this question."""
        packed = struct.pack(">Q", place)
        return base64.urlsafe_b64encode(packed + self._mac(packed, asked)).decode().rstrip("=")

    def place(self, cursor: str, asked: bytes) -> int:
        """The place of a cursor. Raises Unusable when it was made for another question or by somebody else."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        packed, mac = raw[:8], raw[8:]
        if len(packed) < 8 or not hmac.compare_digest(mac, self._mac(packed, asked)):
            raise Unusable("`next` is not one that this server gave for this question")
        return int(struct.unpack(">Q", packed)[0])

    def _mac(self, packed: bytes, asked: bytes) -> bytes:
        return hmac.new(self._key, packed + asked, hashlib.sha256).digest()[:_MAC]


def wanted_of(query: Sequence[tuple[str, str]], about: Sequence[str], cursors: Cursors) -> tuple[Wanted, bytes]:
    """What this query asks about a partner's resource, and the question as bytes that cursors are bound to.

    Raises Unusable for a parameter that has no meaning, or stands twice.
    """
    told = dict(query)
    if len(told) < len(query):
        raise Unusable("a parameter stands twice")
    matches = {name: _several(told[f"match[{name}]"]) for name in MATCHES if f"match[{name}]" in told}
    if not all(matches.values()):
        raise Unusable("a match[] is empty")
    if "version" in matches:
        words = {"first", "last", "all"}
        matches["version"] = frozenset(each if each in words else moment(each) for each in matches["version"])
    added_after = moment(told["added_after"]) if "added_after" in told else ""
    asked = canonical_json([list(about), {name: sorted(each) for name, each in matches.items()}, added_after])
    after = cursors.place(told["next"], asked) if "next" in told else 0
    return Wanted(matches, added_after, _limit(told.get("limit")), after), asked


def moment(text: str) -> str:
    """A time in UTC with six digits of the second, so that the order of texts is that of times."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable("a time is not written as 2024-05-01T12:00:00.000000Z") from None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _several(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise Unusable("`limit` must be a whole number above 0")
    return min(int(text), LARGEST_PAGE)
