"""Tar archives, read from the first byte to the last: old and POSIX headers, long names of GNU and pax.

Source: POSIX (pax interchange format) and what GNU tar documents of its own headers.
"""

from __future__ import annotations

from consilience.analyse.archive.member import Member, Members, Stream
from consilience.analyse.archive.rules import Allowance, RuleBroken, check_name
from consilience.analyse.archive.streams import PIECE
from consilience.analyse.containers.bounds import Damaged

BLOCK = 512
LONGEST_NAME = 65_536
_LINKS, _FILES, _WITHOUT_BYTES = (b"1", b"2"), (b"\0", b"0", b"5", b"7"), (b"1", b"2", b"3", b"4", b"5", b"6")
_FOLDER, _LONG_NAME, _LONG_LINK, _OF_NEXT, _OF_ALL = b"5", b"L", b"K", b"x", b"g"


class CountedStream:
    """The bytes of an archive as they are unpacked, each counted against what may be."""

    def __init__(self, stream: Stream, allowance: Allowance) -> None:
        self._stream, self._allowance = stream, allowance
        self._left = b""

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end. Raises RuleBroken when they are too many."""
        if not self._left:
            self._left = self._stream.read(PIECE)
            self._allowance.unpack(len(self._left))
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def exactly(self, size: int) -> bytes:
        """So many bytes. Raises Damaged when there are fewer."""
        pieces = []
        while size > 0:
            piece = self.read(size)
            if not piece:
                raise Damaged("it ends in the middle of a member")
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def peek(self, size: int) -> bytes:
        """The first bytes, `size` at most, which stay to be read."""
        while len(self._left) < size:
            piece = self._stream.read(PIECE)
            if not piece:
                break
            self._allowance.unpack(len(piece))
            self._left += piece
        return self._left[:size]


class _MemberStream:
    """The bytes of one member within the stream of the archive."""

    def __init__(self, whole: CountedStream, size: int) -> None:
        self._whole, self.left = whole, size

    def read(self, size: int) -> bytes:
        piece = self._whole.read(min(size, self.left))
        if not piece and self.left:
            raise Damaged("it ends in the middle of a member")
        self.left -= len(piece)
        return piece


def tar_members(whole: CountedStream, allowance: Allowance) -> Members:
    """The members of a tar. Raises RuleBroken when there are too many, Damaged where a header cannot be."""
    long_name = ""
    stated: dict[str, str] = {}
    while (block := whole.read(BLOCK)) and (block := block + whole.exactly(BLOCK - len(block))).strip(b"\0"):
        name, size, kind = _header(block)
        if kind in {_LONG_NAME, _LONG_LINK, _OF_NEXT, _OF_ALL}:
            text = whole.exactly(_padded(min(size, LONGEST_NAME + 1)))[:size]
            if size > LONGEST_NAME:
                raise Damaged(f"a header of {size:,} bytes is longer than any name")
            if kind == _LONG_NAME:
                long_name = text.rstrip(b"\0").decode("utf-8", "replace")
            elif kind == _OF_NEXT:
                stated = _stated(text)
            continue
        allowance.list_members(1)
        name, size = stated.get("path", long_name or name), _size(stated.get("size"), size)
        long_name, stated = "", {}
        size = 0 if kind in _WITHOUT_BYTES else size
        part = _MemberStream(whole, size)
        if fault := _fault(name, kind):
            yield Member(name, fault=fault)
        elif kind != _FOLDER:
            yield Member(name, size, part)
        while part.left:
            part.read(part.left)
        whole.exactly(-size % BLOCK)


def _header(block: bytes) -> tuple[str, int, bytes]:
    """The name, size and type in a header. Raises Damaged when its sum is wrong."""
    stated_sum = _octal(block[148:156])
    plain = block[:148] + b" " * 8 + block[156:]
    if stated_sum != sum(plain):
        raise Damaged("the sum of a header is wrong")
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].partition(b"\0")[0]):
        name = prefix + b"/" + name
    return name.decode("utf-8", "replace"), _octal(block[124:136]), block[156:157]


def _octal(field: bytes) -> int:
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        raise Damaged("a number of a header is not one") from None


def _stated(text: bytes) -> dict[str, str]:
    """The fields of a pax header; what cannot be read ends it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text) and len(found) < 100:
        space = text.find(b" ", at, at + 10)
        if space < 0 or not text[at:space].isdigit() or (size := int(text[at:space])) < space - at + 3:
            break
        key, _, value = text[space + 1 : at + size - 1].partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        at += size
    return found


def _size(stated: str | None, in_header: int) -> int:
    if stated is None:
        return in_header
    if not stated.isascii() or not stated.isdigit() or len(stated) > 18:
        raise Damaged("the size of a member is not a number")
    return int(stated)


def _padded(size: int) -> int:
    return size + -size % BLOCK


def _fault(name: str, kind: bytes) -> RuleBroken | None:
    """Why a member is not read; None when it may be."""
    try:
        check_name(name)
    except RuleBroken as fault:
        return fault
    if kind in _LINKS:
        return RuleBroken("it is a link; no links are followed")
    if kind not in _FILES:
        return RuleBroken(f"it is not a file (type {kind.decode('ascii', 'replace')}); nothing else is read")
    return None
