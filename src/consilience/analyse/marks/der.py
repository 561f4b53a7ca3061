"""Reading DER, the notation of certificates and signatures, within bounds; the only error is `Damaged`.

Source: ITU-T X.690. Lengths are definite, tags are of one byte, and nothing is read twice, so that the time is bounded
by the size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from consilience.analyse.containers.bounds import Damaged

INTEGER, BITS, OCTETS, OBJECT, UTC_TIME, TIME = 0x02, 0x03, 0x04, 0x06, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
MAX_ITEMS = 4_096
_WIDE, _UNIVERSAL = 0x1E, 0x1C
_TIME = re.compile(r"(\d{2,4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class DerItem:
    """One value: its tag, the bytes from its tag to its end, and how many of them stand before its content."""

    tag: int
    raw: bytes
    head: int

    @property
    def content(self) -> bytes:
        """What the value holds."""
        return self.raw[self.head :]

    def items(self) -> list[DerItem]:
        """The values within this one. Raises Damaged when they are not whole."""
        if not self.tag & 0x20:
            raise Damaged(f"a value of tag {self.tag:#x} holds no others")
        found, at = [], self.head
        while at < len(self.raw):
            each = item_at(self.raw, at)
            found.append(each)
            at += len(each.raw)
            if len(found) > MAX_ITEMS:
                raise Damaged(f"more than {MAX_ITEMS} values in one")
        return found

    def within(self, *places: int) -> DerItem:
        """The value at the end of a path of places. Raises Damaged when there is none."""
        found = self
        for place in places:
            inside = found.items()
            if place >= len(inside):
                raise Damaged("a value is missing in a certificate or signature")
            found = inside[place]
        return found

    def number(self) -> int:
        """The integer that this is."""
        if self.tag != INTEGER or not self.content:
            raise Damaged("a number is missing in a certificate or signature")
        return int.from_bytes(self.content, "big", signed=True)

    def object(self) -> str:
        """The object identifier that this is, as numbers with dots."""
        if self.tag != OBJECT or not self.content or self.content[-1] & 0x80:
            raise Damaged("an object identifier is missing in a certificate or signature")
        numbers, value = [], 0
        for byte in self.content[:64]:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))

    def text(self) -> str:
        """The text that this is."""
        form = {_WIDE: "utf-16-be", _UNIVERSAL: "utf-32-be"}.get(self.tag, "utf-8")
        return self.content[:1024].decode(form, "replace")

    def time(self) -> str:
        """The time that this is, as ISO 8601 in UTC to the second; Damaged when it is none."""
        match = _TIME.fullmatch(self.content[:32].decode("ascii", "replace"))
        if self.tag not in {UTC_TIME, TIME} or match is None or len(match[1]) == 3:
            raise Damaged("a time is missing in a certificate or signature")
        year, month, day, hour, minute, second = (int(part) for part in match.groups())
        if len(match[1]) == 2:
            year += 1900 if year >= 50 else 2000
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            raise Damaged("a time in a certificate or signature is none") from None


def item_at(data: bytes, at: int = 0) -> DerItem:
    """The value that begins at a place. Raises Damaged when it is not whole."""
    head = data[at : at + 2]
    if len(head) < 2 or head[0] & 0x1F == 0x1F or head[1] in {0x80, 0xFF}:
        raise Damaged("a certificate or signature ends early, or is in no form that is read")
    size, begin = head[1], at + 2
    if size & 0x80:
        many = size & 0x7F
        if many > 4 or begin + many > len(data):
            raise Damaged("a length in a certificate or signature cannot be")
        size, begin = int.from_bytes(data[begin : begin + many], "big"), begin + many
    if begin + size > len(data):
        raise Damaged("a certificate or signature ends early")
    return DerItem(head[0], data[at : begin + size], begin - at)


def tagged(items: Sequence[DerItem], tag: int) -> DerItem | None:
    """The first value of a tag; None when there is none."""
    return next((each for each in items if each.tag == tag), None)
