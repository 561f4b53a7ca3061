"""Reading numbers out of bytes that may lie: every read is checked, and the only error is `Damaged`."""

from __future__ import annotations

import struct
from typing import Literal

import numpy as np
import numpy.typing as npt


class Damaged(ValueError):
    """The bytes are not what their format says they are; the message says where."""


class Bytes:
    """Bytes read at any place; `big` means that numbers have their highest byte first."""

    def __init__(self, data: bytes, big: bool = False) -> None:
        self.data = data
        self.order: Literal[">", "<"] = ">" if big else "<"

    def __len__(self) -> int:
        return len(self.data)

    def at(self, offset: int, size: int) -> bytes:
        """The bytes of a place. Raises Damaged when they are not all there."""
        if offset < 0 or size < 0 or offset + size > len(self.data):
            raise Damaged(f"{size} bytes at {offset:#x} lie outside the file")
        return self.data[offset : offset + size]

    def numbers(self, form: str, offset: int) -> tuple[int, ...]:
        """The numbers of a `struct` form (without its order) at a place."""
        shape = struct.Struct(self.order + form)
        if offset < 0 or offset + shape.size > len(self.data):
            raise Damaged(f"{shape.size} bytes at {offset:#x} lie outside the file")
        return shape.unpack_from(self.data, offset)

    def number(self, form: str, offset: int) -> int:
        """One number at a place."""
        return self.numbers(form, offset)[0]

    def text(self, offset: int, longest: int = 1024) -> str:
        """The text that ends at a zero byte; at most `longest` bytes of it."""
        if not 0 <= offset < len(self.data):
            raise Damaged(f"a name at {offset:#x} lies outside the file")
        end = self.data.find(b"\0", offset, offset + longest)
        raw = self.data[offset : end if end >= 0 else offset + longest]
        return raw.decode("utf-8", "replace")

    def table(self, kind: npt.DTypeLike, offset: int, rows: int) -> npt.NDArray[np.void]:
        """A table of equal rows; as many rows as are there when it runs past the end."""
        shape = np.dtype(kind).newbyteorder(self.order)
        there = min(rows, max(0, (len(self.data) - offset) // shape.itemsize)) if offset >= 0 else 0
        return np.frombuffer(self.data, dtype=shape, count=max(0, there), offset=offset if there > 0 else 0)
