"""A program file as its parts: what every container format is turned into, and what reading code starts from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

LAST = (1 << 63) - 1

ADDRESSES = (1 << 62) - 1
"""Addresses are read up to these bits, so that sums of them stay numbers with a sign; a kernel's lose the upper two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A piece of a program in memory: `address` and `size` there, `offset` and `stored` (bytes) in the file.

    Addresses are relative to the base of the image, so that the same build at another base gives the same.
    """

    name: str
    address: int
    size: int
    offset: int
    stored: int
    runnable: bool = False
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A program for one machine, out of one file.

    `format` is pe, elf, macho or dotnet, `machine` x86_64, x86, aarch64 or the number that the file prints. `functions`
    holds a row of [start, end) addresses for each function, sorted, without overlaps (int64, shape (n, 2)); it is empty
    where the file gives none. `functions_from` says where they were found: pdata, eh-frame, function-starts, symbols,
    metadata, calls. `notes` are what was odd or cut short, for people to read.
    """

    format: str
    machine: str
    bits: int
    base: int
    entry: int
    data: bytes = field(repr=False)
    sections: tuple[Section, ...] = ()
    functions: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.empty((0, 2), dtype=np.int64), repr=False, compare=False
    )
    functions_from: str = ""
    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def code(self) -> list[tuple[Section, memoryview]]:
        """The sections that can be run, each with its bytes in the file; what lies outside the file is cut off."""
        view = memoryview(self.data)
        return [(each, view[each.offset : each.offset + each.stored]) for each in self.sections if each.runnable]

    def own(self) -> tuple[int, int]:
        """The addresses [from, to) of the program in memory."""
        first = min((each.address for each in self.sections if each.size), default=0)
        last = max((each.address + each.size for each in self.sections), default=0)
        return self.base + first, min(self.base + last, LAST)
