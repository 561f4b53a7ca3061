"""The instructions of AArch64 code as columns, with the same meaning as those of x86: one row an instruction.

Every instruction is four bytes long, so that nothing has to be walked. Source: the encoding index of Arm's manual of
the A64 instruction set.
"""

from __future__ import annotations

import numpy as np

from consilience.analyse.arrays import ByteArray, Words
from consilience.analyse.code.constants import SMALLEST
from consilience.analyse.code.operations import BRANCH, MOVE, RELATIVE
from consilience.analyse.containers.image import Image
from consilience.analyse.hashing import words_of
from consilience.model.arrays import Flags
from consilience.model.code import Numbers, Places

NEAR = 4
"""How many instructions after an address of a page, or the first part of a number, its rest is looked for."""

_RELATIVE = (
    (0x7C000000, 0x14000000, 0x03FFFFFF),
    (0xFF000000, 0x54000000, 0x00FFFFE0),
    (0x7E000000, 0x34000000, 0x00FFFFE0),
    (0x7E000000, 0x36000000, 0x0007FFE0),
)
"""Relative branches: the bits that identify them, their values, and the bits of the distance, down to bit 5 or 0."""

_ADDRESS = (0x1F000000, 0x10000000, 0x60FFFFE0)
_LITERAL = (0x3B000000, 0x18000000, 0x00FFFFE0)
_OFFSET = 0x003FFC00
_GROUPS = 16
_KEPT = {
    **dict.fromkeys((8, 9), 0x7F800000),
    **dict.fromkeys((10, 11), 0xFF000000),
    **dict.fromkeys((4, 6, 12, 14), 0x3FE00C00),
    **dict.fromkeys((5, 13), 0x7FE0FC00),
    **dict.fromkeys((7, 15), 0xFFE0FC00),
}
"""By group (bits 25 to 28) the bits of an instruction that say what it does: no registers, numbers or widths."""
_WHAT = np.array([_KEPT.get(each, 0xFFFF0000) for each in range(_GROUPS)], dtype=np.uint32)


class Arm64:
    """What the instructions of the functions in the rows [start, end) of `functions` are, in a slice of code."""

    def __init__(self, code: ByteArray, functions: Places) -> None:
        self.code = code
        whole = code[: len(code) // 4 * 4].view("<u4")
        start = (functions[:, 0] + 3) // 4
        end = np.minimum(functions[:, 1] // 4, len(whole))
        many = np.maximum(end - start, 0)
        self.of = np.repeat(np.arange(len(functions)), many)
        place = np.arange(len(self.of)) - np.repeat(np.cumsum(many) - many - start, many)
        self.at: Places = 4 * place
        self.word: Words = whole[place]
        self.traits = np.zeros(len(place), dtype=np.uint8)
        self.jumps = [np.empty(0, dtype=np.int64)]
        self._branches()
        self._moves()
        group = (self.word >> np.uint32(25)) & np.uint32(15)
        what = (self.word & ~self.hidden & _WHAT[group]) | group
        self.operation = ((what * np.uint32(0x9E3779B1)) >> np.uint32(16)).astype(np.uint16)

    def _is(self, bits: int, value: int) -> Flags:
        matches: Flags = (self.word & np.uint32(bits)) == np.uint32(value)
        return matches

    def _branches(self) -> None:
        self.hidden = np.zeros(len(self.word), dtype=np.uint32)
        for bits, value, distance in _RELATIVE:
            row = np.flatnonzero(self._is(bits, value))
            self.hidden[row] = distance
            call = (value == 0x14000000) & (self.word[row] >= 0x80000000)
            low = 0 if distance & 1 else 5
            width = distance.bit_length() - low
            steps = ((self.word[row] & np.uint32(distance)) >> np.uint32(low)).astype(np.int64)
            steps -= (steps >> (width - 1)) << width
            self.traits[row[~call]] |= RELATIVE | BRANCH
            self.jumps.append((self.at[row] + 4 * steps)[~call])
        for bits, value, field in (_ADDRESS, _LITERAL):
            self.hidden[self._is(bits, value)] = field
        indirect = self._is(0xFE000000, 0xD6000000) & (self.word & np.uint32(0x00600000) != np.uint32(0x00200000))
        self.traits[indirect] |= BRANCH

    def _moves(self) -> None:
        """Mark what only moves values: copies of registers, loads and stores, parts of numbers, and hints."""
        moves = self._is(0x7FE0FFE0, 0x2A0003E0) | self._is(0x1F800000, 0x12800000) | self._is(0xFFFFF000, 0xD5032000)
        moves |= self._is(0x0A000000, 0x08000000)
        self.traits[moves] |= MOVE

    def masked(self) -> Numbers:
        """A number for each instruction that depends on its bits, but not on addresses in them."""
        hidden = self.hidden.copy()
        row, _, _ = self._paged()
        hidden[row] = _OFFSET
        value: Numbers = (self.word & ~hidden).astype(np.uint64)
        return value

    def leads(self) -> Places:
        """Where in the slice relative branches lead to."""
        return np.concatenate(self.jumps)

    def _paged(self) -> tuple[Places, Places, Places]:
        """The instructions that add an offset to the address of a page: rows, rows of the page, and the offsets."""
        offset = self._is(0x7F800000, 0x11000000) | self._is(0x3B000000, 0x39000000)
        page = self._is(0x9F000000, 0x90000000)
        register = self.word & np.uint32(31)
        source = (self.word >> np.uint32(5)) & np.uint32(31)
        rows, pages = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for back in range(1, min(NEAR, len(self.word) - 1) + 1):
            first = np.flatnonzero(page[:-back] & offset[back:])
            first = first[(register[first] == source[first + back]) & (self.of[first] == self.of[first + back])]
            rows.append(first + back)
            pages.append(first)
        row = np.concatenate(rows)
        word = self.word[row].astype(np.int64)
        scale = np.where(word & 0x08000000 != 0, word >> 30, 0)
        scale = np.where((word & 0x0C800000 == 0x0C800000), 4, scale)
        return row, np.concatenate(pages), ((word >> 10) & 0xFFF) << scale

    def constants(self, image: Image, origin: int) -> tuple[Numbers, Places]:
        """The wide numbers that are put together, or loaded from a fixed place that cannot be written."""
        value, row = self._moved()
        loaded, place = self._loaded(image, origin)
        value, row = np.concatenate((value, loaded)), np.concatenate((row, place))
        chosen = (value >= SMALLEST) & (~value >= SMALLEST) & ((value ^ np.uint64(0xFFFFFFFF)) >= SMALLEST)
        return value[chosen], self.at[row[chosen]]

    def _moved(self) -> tuple[Numbers, Places]:
        """Numbers put together out of parts of 16 bits, each into the same register."""
        row = np.flatnonzero(self._is(0x7F800000, 0x52800000) | self._is(0x7F800000, 0x12800000))
        word = self.word[row].astype(np.uint64)
        shift = ((word >> np.uint64(21)) & np.uint64(3)) << np.uint64(4)
        value = ((word >> np.uint64(5)) & np.uint64(0xFFFF)) << shift
        narrow = word < 0x80000000
        value = np.where(word & 0x60000000 == 0, ~value, value)
        value[narrow] &= np.uint64(0xFFFFFFFF)
        for ahead in range(1, NEAR + 3):
            after = np.minimum(row + ahead, len(self.word) - 1)
            more = self.word[after].astype(np.uint64)
            here = (more & 0x7F800000 == 0x72800000) & (more & 31 == word & 31) & (self.of[after] == self.of[row])
            place = ((more >> np.uint64(21)) & np.uint64(3)) << np.uint64(4)
            part = (more >> np.uint64(5)) & np.uint64(0xFFFF)
            put = (value & ~(np.uint64(0xFFFF) << place)) | (part << place)
            value = np.where(here, put, value)
        return value, row

    def _loaded(self, image: Image, origin: int) -> tuple[Numbers, Places]:
        """Numbers of four, eight or sixteen bytes that are loaded from read-only data, each eight bytes one."""
        row, page, offset = self._paged()
        word = self.word[page].astype(np.int64)
        high = (((word >> 5) & 0x7FFFF) << 2 | (word >> 29) & 3) << 12
        high -= (high >> 32) << 33
        address = ((origin + self.at[page]) & ~0xFFF) + high + offset
        word = self.word[row].astype(np.int64)
        size = np.where(word & 0x04800000 == 0x04800000, 16, 1 << (word >> 30))
        load = ((word & 0x3B000000) == 0x39000000) & (word & 0x00400000 != 0) & (size >= 4)
        load |= ((word & 0x3FC00000) == 0x3DC00000) & (size == 16)
        row, address, size = row[load], address[load], size[load]
        words = words_of(np.frombuffer(image.data, dtype=np.uint8))
        values, rows = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int64)]
        for each in image.sections if len(words) else ():
            if each.writable or not each.stored:
                continue
            for step in (0, 8):
                inside = (address >= each.address) & (address + size <= each.address + each.stored) & (size > step)
                at = np.minimum(address[inside] - each.address + each.offset + step, len(words) - 1)
                value = words[at]
                values.append(np.where(size[inside] == 4, value & np.uint64(0xFFFFFFFF), value))
                rows.append(row[inside])
        return np.concatenate(values), np.concatenate(rows)
