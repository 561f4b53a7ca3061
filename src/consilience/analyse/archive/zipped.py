"""Zip archives: the directory at the end is believed only where it fits the headers before each member.

Source: the published description of the format (APPNOTE). The standard library's reader is not used: it builds all of
the directory before anything can be counted.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from consilience.analyse.archive.aes import AesDecrypted
from consilience.analyse.archive.member import Member, Members, Stream
from consilience.analyse.archive.rules import Allowance, RuleBroken, check_name
from consilience.analyse.archive.streams import StoredStream, UnpackedStream, ZipDecrypted, bzipped, deflated, lzma_of
from consilience.analyse.containers.bounds import Damaged

PASSWORD = b"infected"
"""What analysts agree on, so that nobody unpacks a sample by mistake."""

_END, _END_64, _PLACE_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_ENCRYPTED, _CHECKED_LATER, _UNICODE, _HIDDEN = 0x1, 0x8, 0x800, 0x2040
_STORED, _DEFLATED, _BZIPPED, _LZMA, _AES = 0, 8, 12, 14, 99
_LONG, _LONG_COUNT, _WIDE, _SEALED = 0xFFFFFFFF, 0xFFFF, 0x1, 0x9901
_WITHOUT_SUM = b"\x02\0"
_OLD = codecs.lookup("cp437").decode
"""Names without the mark of Unicode are in the alphabet of the first PC; a locked process can load no alphabet."""

_UNIX, _LINK, _KIND = 3, 0o120000, 0o170000
_TAIL = 65_557
"""The most bytes from the beginning of the end record to the end of the file: its comment may have 65,535."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row of the directory."""

    name: bytes
    flags: int
    method: int
    time: int
    check: int
    packed: int
    size: int
    offset: int
    made_on: int
    mode: int
    sealed: bytes


def zip_members(raw: memoryview, allowance: Allowance) -> Members:
    """The members of a zip, counted and measured by what it says of them before anything is unpacked.

    Raises RuleBroken when it holds too much or members lie over each other, Damaged when it has no directory.
    """
    at, size, many, shift = _directory(raw)
    allowance.list_members(many)
    entries = list(_entries(raw, at, size, many))
    allowance.unpack(sum(each.size for each in entries))
    places = [_place(raw, each, shift) for each in entries]
    _check_overlap(
        [(begins, start + each.packed) for each, (begins, start, _) in zip(entries, places, strict=True)], at
    )
    for entry, (_, start, name) in zip(entries, places, strict=True):
        shown_name = entry.name.decode("utf-8", "replace") if entry.flags & _UNICODE else _OLD(entry.name, "replace")[0]
        if shown_name.endswith("/") and not entry.size:
            continue
        try:
            check_name(shown_name)
            if name != entry.name:
                raise RuleBroken("its two headers name it differently")
            stream = _stream(raw[start : start + entry.packed], entry)
            summed = entry.method != _AES or entry.sealed[:2] != _WITHOUT_SUM
            yield Member(shown_name, entry.size, stream, entry.check if summed else None)
        except Damaged as fault:
            yield Member(shown_name, fault=fault)


def _end_record(raw: memoryview) -> int:
    """Where the record begins that ends a zip. Raises Damaged when there is none."""
    tail = bytes(raw[max(0, len(raw) - _TAIL) :])
    end = len(tail)
    while (end := tail.rfind(_END, 0, end + 3)) >= 0:
        if end + 22 <= len(tail) and end + 22 + int.from_bytes(tail[end + 20 : end + 22], "little") == len(tail):
            return end + len(raw) - len(tail)
    raise Damaged("it has no directory of its members at its end")


def _directory(raw: memoryview) -> tuple[int, int, int, int]:
    """Where the directory begins, its size, how many members it states, and what places in it are off by."""
    end = _end_record(raw)
    disk, of, here, many, size, at = struct.unpack_from("<4H2I", raw, end + 4)
    if disk or of or here != many:
        raise Damaged("it is one part of an archive in several")
    if _LONG in (size, at) or many == _LONG_COUNT:
        if end < 76 or raw[end - 20 : end - 16] != _PLACE_64 or raw[end - 76 : end - 72] != _END_64:
            raise Damaged("the long form of its directory is not where it must be")
        many, size, at = struct.unpack_from("<3Q", raw, end - 76 + 32)
        end -= 76
    shift = end - size - at
    if shift < 0 or size < 46 * many:
        raise Damaged("its directory does not fit between its members and its end")
    return end - size, size, many, shift


def _entries(raw: memoryview, at: int, size: int, many: int) -> Iterator[_Entry]:
    end = at + size
    for _ in range(many):
        if at + 46 > end or raw[at : at + 4] != _ENTRY:
            raise Damaged(f"its directory is damaged at {at:#x}")
        made_by, _, flags, method, time, _, check, packed, whole = struct.unpack_from("<6H3I", raw, at + 4)
        name, extra, comment, _, _, outer, offset = struct.unpack_from("<5H2I", raw, at + 28)
        after = at + 46 + name
        if after + extra + comment > end:
            raise Damaged(f"its directory is damaged at {at:#x}")
        name_bytes = bytes(raw[at + 46 : after])
        more = _fields(bytes(raw[after : after + extra]))
        whole, packed, offset = _wide(more.get(_WIDE, b""), whole, packed, offset)
        sealed = more.get(_SEALED, b"")
        yield _Entry(name_bytes, flags, method, time, check, packed, whole, offset, made_by >> 8, outer >> 16, sealed)
        at = after + extra + comment


def _fields(extra: bytes) -> dict[int, bytes]:
    """The extra fields of a member by their kind, the first of each."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        found.setdefault(kind, extra[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _wide(here: bytes, *values: int) -> list[int]:
    """The values, those that do not fit 32 bits taken out of the field that holds them."""
    found = list(values)
    for which, value in enumerate(values):
        if value == _LONG and len(here) >= 8:
            found[which], here = int.from_bytes(here[:8], "little"), here[8:]
    return found


def _place(raw: memoryview, entry: _Entry, shift: int) -> tuple[int, int, bytes]:
    """Where the header before a member begins, where its bytes do, and how that header names it."""
    at = entry.offset + shift
    if at + 30 > len(raw) or raw[at : at + 4] != _LOCAL:
        raise Damaged(f"no member begins at {at:#x}, where its directory says so")
    name, extra = struct.unpack_from("<2H", raw, at + 26)
    return at, at + 30 + name + extra, bytes(raw[at + 30 : at + 30 + name])


def _check_overlap(places: list[tuple[int, int]], end: int) -> None:
    """Raises RuleBroken when the bytes of members lie over each other, or over the directory."""
    placed = [*sorted(places), (end, end)]
    for (_, before), (after, _) in pairwise(placed):
        if before > after:
            raise RuleBroken(f"the bytes of its members lie over each other at {after:#x}; no such archive is read")


def _stream(raw: memoryview, entry: _Entry) -> Stream:
    """The bytes of a member. Raises RuleBroken for what is not read, Damaged where its header is not valid."""
    if entry.made_on == _UNIX and entry.mode & _KIND == _LINK:
        raise RuleBroken("it is a link; no links are followed")
    if entry.flags & _HIDDEN:
        raise RuleBroken("it is encrypted in a way that is not read", "unpack it, and pack it anew with AES")
    method = int.from_bytes(entry.sealed[5:7], "little") if entry.method == _AES else entry.method
    inner = _clear(raw, entry) if entry.flags & _ENCRYPTED else StoredStream(raw)
    if method == _STORED:
        return inner
    if method == _DEFLATED:
        return UnpackedStream(inner, deflated)
    if method == _BZIPPED:
        return UnpackedStream(inner, bzipped)
    if method == _LZMA:
        head = inner.read(9)
        if head[2:4] != b"\x05\0":
            raise Damaged("its LZMA properties cannot be")
        return UnpackedStream(inner, lambda: lzma_of(head[4:9]))
    raise RuleBroken(f"it is packed in a way that is not read (method {method})")


def _clear(raw: memoryview, entry: _Entry) -> ZipDecrypted | AesDecrypted:
    """The bytes of an encrypted member. Raises RuleBroken under another password than the usual one."""
    check = entry.time >> 8 if entry.flags & _CHECKED_LATER else entry.check >> 24
    try:
        if entry.method == _AES:
            return AesDecrypted(raw, PASSWORD, entry.sealed[4] if len(entry.sealed) == 7 else 0)
        return ZipDecrypted(raw, PASSWORD, check)
    except Damaged:
        todo = f"pack it anew with the password {PASSWORD.decode()}"
        raise RuleBroken(f"it is encrypted, and not with the password {PASSWORD.decode()}", todo) from None
