"""Packed bytes, unpacked a piece at a time: nothing is held but the piece and what the packing needs."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from consilience.analyse.archive.member import Stream
from consilience.analyse.containers.bounds import Damaged

PIECE = 65_536
MAX_DICTIONARY = 72 * 1024**2
"""The most memory that unpacking xz or LZMA may ask for: what the strongest of the usual settings needs."""

DEFLATE_WINDOW, GZIP_WINDOW = -15, 31
_FAULTS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


class Decompressor(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool:
        """Whether the packed bytes came to their end."""

    @property
    def unused_data(self) -> bytes:
        """What was given behind their end."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """At most so many unpacked bytes."""


class _Zlib:
    """A decompressor of zlib that keeps what it could not use yet, as the others do."""

    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, most: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, most)


class StoredStream:
    """Bytes that are not packed, read as the packed ones are."""

    def __init__(self, raw: memoryview) -> None:
        self._raw, self._at = raw, 0

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        piece = bytes(self._raw[self._at : self._at + min(size, PIECE)])
        self._at += len(piece)
        return piece


class UnpackedStream:
    """What packed bytes unpack to. `make` gives a decompressor; `several` says that one may follow another.

    `read` raises Damaged where the packed bytes are damaged or end too early.
    """

    def __init__(self, packed: Stream, make: Callable[[], Decompressor], several: bool = False) -> None:
        self._packed, self._make, self._several = packed, make, several
        self._inner, self._left, self._ended = make(), b"", False

    def read(self, size: int) -> bytes:
        """The next unpacked bytes, `size` at most; none at the end."""
        while not self._ended:
            if self._inner.eof and not self._again():
                break
            fresh = b""
            if self._left or getattr(self._inner, "needs_input", True):
                fresh, self._left = self._left or self._packed.read(PIECE), b""
            try:
                piece = self._inner.decompress(fresh, min(size, PIECE))
            except _FAULTS as fault:
                raise Damaged(f"the packed bytes are damaged: {fault}"[:120]) from None
            if piece:
                return piece
            if not fresh and not self._inner.eof:
                raise Damaged("it ends in the middle of the packed bytes")
        return b""

    def _again(self) -> bool:
        """Whether other packed bytes follow in the same file; padding is let pass."""
        left = self._inner.unused_data or self._packed.read(PIECE)
        if not self._several or not left.strip(b"\0"):
            self._ended = True
            return False
        self._inner, self._left = self._make(), left
        return True


class ZipDecrypted:
    """The bytes of a member of a zip that the old cipher hides, with the twelve bytes before them taken off.

    Source: the published description of the format (APPNOTE, section 6.1). Raises Damaged under another password.
    """

    def __init__(self, raw: memoryview, password: bytes, check: int) -> None:
        self._keys = (0x12345678, 0x23456789, 0x34567890)
        for byte in password:
            self._turn(byte)
        self._raw, self._at = raw, 0
        if len(raw) < 12 or self.read(12)[-1] != check:
            raise Damaged("it is encrypted under another password")

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        piece = bytes(self._raw[self._at : self._at + min(size, PIECE)])
        self._at += len(piece)
        clear_bytes = bytearray()
        first, second, third = self._keys
        for byte in piece:
            mixed = third | 2
            clear = byte ^ (mixed * (mixed ^ 1)) >> 8 & 0xFF
            first = (first >> 8) ^ _TABLE[(first ^ clear) & 0xFF]
            second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
            third = (third >> 8) ^ _TABLE[(third ^ (second >> 24)) & 0xFF]
            clear_bytes.append(clear)
        self._keys = first, second, third
        return bytes(clear_bytes)

    def _turn(self, byte: int) -> None:
        first, second, third = self._keys
        first = (first >> 8) ^ _TABLE[(first ^ byte) & 0xFF]
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        self._keys = first, second, (third >> 8) ^ _TABLE[(third ^ (second >> 24)) & 0xFF]


def deflated() -> Decompressor:
    """A decompressor of deflate without any header, as in a zip."""
    return _Zlib(DEFLATE_WINDOW)


def gzipped() -> Decompressor:
    """A decompressor of gzip."""
    return _Zlib(GZIP_WINDOW)


def bzipped() -> Decompressor:
    """A decompressor of bzip2."""
    return bz2.BZ2Decompressor()


def xzipped() -> Decompressor:
    """A decompressor of xz, within the memory that is allowed."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DICTIONARY)


def lzma_of(properties: bytes) -> Decompressor:
    """A decompressor of bare LZMA with these five bytes of properties. Raises Damaged when they cannot be."""
    byte, size = properties[0], int.from_bytes(properties[1:5], "little")
    if byte >= 225 or len(properties) != 5:
        raise Damaged("its LZMA properties cannot be")
    if size > MAX_DICTIONARY:
        raise Damaged(f"unpacking it needs {size:,} bytes of memory; at most {MAX_DICTIONARY:,} are given")
    rest, literal = divmod(byte, 9)
    properties_of_filter = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(size, 4096),
        "lc": literal,
        "lp": rest % 5,
        "pb": rest // 5,
    }
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[properties_of_filter])
    except _FAULTS as fault:
        raise Damaged(f"its LZMA properties cannot be: {fault}"[:120]) from None


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        rows.append(value)
    return tuple(rows)


_TABLE = _table()
"""The checksum CRC-32 of each byte, with which the old cipher of zip mixes its keys."""
