"""The bytes of a file as its reader sees them: unpacked on the way when they are gzip, up to the first damage."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

GZIP_MAGIC = b"\x1f\x8b"
HEAD = 65_536
MAX_LINE = 1_048_576
MAX_UNPACKED = 4 * 1024**3
RATIO_FREE = 64 * 1024**2
MAX_RATIO = 200
_PIECE = 16_384
_GZIP_WINDOW = 31


class Unpacking(io.RawIOBase):
    """The content of a gzip file, read piece by piece.

    It ends at the first damage, which `damage` then describes, so that what came before is kept. `used` counts the
    packed bytes used. A file that unpacks to more than `limit` bytes, or to far more than its size, is damage too.
    """

    def __init__(self, raw: bytes, limit: int = MAX_UNPACKED) -> None:
        self.damage = ""
        self.used = 0
        self._raw = raw
        self._limit = limit
        self._given = 0
        self._member = zlib.decompressobj(_GZIP_WINDOW)

    def readable(self) -> bool:
        """True: the stream can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """The number of bytes put into the buffer; 0 at the end, or where damage begins."""
        piece = self._piece(min(len(buffer), _PIECE))
        buffer[: len(piece)] = piece
        return len(piece)

    def _piece(self, size: int) -> bytes:
        while not self.damage:
            if self._member.eof and not self._next_member():
                return b""
            chunk = self._member.unconsumed_tail or self._chunk()
            try:
                piece = self._member.decompress(chunk, size)
            except zlib.error:
                self.damage = "the packed data is damaged"
                return b""
            if piece:
                self._given += len(piece)
                self._check_size()
                return b"" if self.damage else piece
            if not chunk and not self._member.eof:
                self.damage = "the file ends in the middle of the packed data"
        return b""

    def _chunk(self) -> bytes:
        chunk = self._raw[self.used : self.used + _PIECE]
        self.used += len(chunk)
        return chunk

    def _next_member(self) -> bool:
        """Whether another gzip file follows in the same file, as `cat a.gz b.gz` makes them; padding is let pass."""
        self.used -= len(self._member.unused_data)
        if self._raw.startswith(GZIP_MAGIC, self.used):
            self._member = zlib.decompressobj(_GZIP_WINDOW)
            return True
        if self._raw[self.used :].strip(b"\0"):
            self.damage = "other bytes follow the packed data"
        return False

    def _check_size(self) -> None:
        if self._given > self._limit:
            self.damage = f"the file unpacks to more than {self._limit:,} bytes"
        elif self._given > RATIO_FREE and self._given > MAX_RATIO * self.used:
            self.damage = f"the file unpacks to more than {MAX_RATIO} times its size"


class Content:
    """The content of a file as a stream, and where it is damaged."""

    def __init__(self, raw: bytes) -> None:
        self._unpacking = Unpacking(raw) if raw.startswith(GZIP_MAGIC) else None
        self.stream: io.BufferedIOBase = (
            io.BufferedReader(self._unpacking, HEAD) if self._unpacking else io.BytesIO(raw)
        )

    @property
    def packed(self) -> bool:
        """True when the file is gzip."""
        return self._unpacking is not None

    @property
    def damage(self) -> str:
        """What is wrong with the packed data, known once everything before it was read; else empty."""
        return self._unpacking.damage if self._unpacking else ""

    @property
    def used(self) -> int:
        """The bytes of the file that were used so far."""
        return self._unpacking.used if self._unpacking else self.stream.tell()

    def lines(self, longest: int = MAX_LINE) -> Iterator[tuple[int, bytes]]:
        """The lines with their numbers from 1, without line ends and without the mark some editors put first.

        Of a line longer than `longest` only one byte more than that is given. The half line before damage is not given.
        """
        number = 0
        while line := self.stream.readline(longest + 3):
            number += 1
            ended = line.endswith(b"\n")
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            text = line.rstrip(b"\r\n")
            if not ended and len(text) > longest:
                text = text[: longest + 1]
                self._skip_line()
            elif not ended and self.damage:
                return
            yield number, text

    def _skip_line(self) -> None:
        while rest := self.stream.readline(MAX_LINE):
            if rest.endswith(b"\n"):
                return


def head_of(raw: bytes) -> bytes:
    """The first unpacked bytes of a file, from its first raw bytes."""
    return Content(raw).stream.read(HEAD)
