"""The code of a program as features that survive recompilation: each a 64-bit number, with where it stands.

Blocks are runs of instructions without a branch, addresses masked out. Grams are the operations of six instructions in
a row, without registers, thinned by winnowing. Constants are numbers wider than 16 bits that are no address. Functions
are whole bodies, addresses masked out: they explain ("the same function"), and say little that blocks do not.

Code is taken in slices that end where a function does, so that the columns of one slice stay near the processor.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from consilience.model.code import CODE_CHANNELS, Channel, Numbers, Places
from consilience.read.sample.code import x86
from consilience.read.sample.image import Image
from consilience.read.sample.mixing import ODD, distinct, mask, mixed, runs

GRAM = 6
WINDOW = 6
SHORTEST_BLOCK = 4
SMALLEST_CONSTANT = 0x10000
SLICE = 1 << 18
"""How many bytes of code are taken at once, about."""

_LOW = np.uint64(0xFFFFFFFF)
_ODDER = np.uint64(0xC2B2AE3D27D4EB4F)
_BRANCHES = frozenset({0xE8, 0xE9, 0xEB, 0xC3, 0xC2, *range(0x70, 0x80), *range(0xE0, 0xE4)})

Found = tuple[Numbers, Places]
"""Features with the places at which they stand."""


def code_of(image: Image) -> tuple[dict[str, Channel], int]:
    """The features of the code of a program by channel, and how many instructions they come from.

    Without any where its machine cannot be read, or where the file tells no function.
    """
    if image.machine not in {"x86_64", "x86"}:
        return {}, 0
    parts = list(_parts(image))
    if not parts:
        return {}, 0
    told = {name: _unique([part[name] for part, _ in parts]) for name in CODE_CHANNELS}
    return told, sum(many for _, many in parts)


def _parts(image: Image) -> Iterator[tuple[dict[str, Found], int]]:
    """For each slice of code what its instructions give: features by channel, and how many instructions there are."""
    extent = max((each.address + each.size for each in image.sections), default=0)
    for section, view in image.code():
        inside = (image.functions[:, 0] >= section.address) & (image.functions[:, 0] < section.address + section.stored)
        rows = np.minimum(image.functions[inside] - section.address, len(view))
        whole = np.frombuffer(view, dtype=np.uint8)
        for functions in _slices(rows):
            start, end = int(functions[0, 0]), int(functions[-1, 1])
            piece = whole[start : end + x86.PAD]
            code = np.concatenate((piece, np.zeros(x86.PAD + end - start - len(piece) + x86.PAD, dtype=np.uint8)))
            found = x86.decoded(code[: end - start + x86.PAD], image.bits)
            at, of = x86.walked(found.length, functions - start)
            if not len(at):
                continue
            read = _Instructions(code, found, at, of, image.bits, (image.base, image.base + extent))
            told = {
                "function": read.functions(),
                "block": read.blocks(),
                "gram": read.grams(),
                "constant": read.constants(),
            }
            yield {name: (value, place + start + section.address) for name, (value, place) in told.items()}, len(at)


def _slices(functions: Places) -> Iterator[Places]:
    """The rows of functions in groups that lie close together; gaps that hold none are left out."""
    if not len(functions):
        return
    start, end = functions[:, 0], functions[:, 1]
    apart = np.append(False, start[1:] - end[:-1] > SLICE // 64)
    first = 0
    for row in range(1, len(functions) + 1):
        if row == len(functions) or apart[row] or end[row] - start[first] > SLICE:
            yield functions[first:row]
            first = row


class _Instructions:
    """The instructions of one section, as columns: one row an instruction, in the order of their places."""

    def __init__(
        self, code: x86.Bytes, found: x86.Decoded, at: Places, of: Places, bits: int, image: tuple[int, int]
    ) -> None:
        self.code, self.at, self.of, self.bits, self.image = code, at, of, bits, image
        self.length = found.length[at].astype(np.int64)
        start = at + found.prefixes[at]
        first, second = code[start], code[start + 1]
        escaped = first == 0x0F
        third = escaped & ((second == 0x38) | (second == 0x3A))
        self.plain = np.where(escaped, 0, first)
        self.branch = np.isin(self.plain, list(_BRANCHES)) & ~escaped | (escaped & ((second & 0xF0) == 0x80))
        modrm_at = start + 1 + escaped + third
        known = x86.tables(bits)
        self.has_modrm = np.where(escaped, known.modrm[1][second] | third, known.modrm[0][first]).astype(bool)
        self.modrm = np.where(self.has_modrm, code[modrm_at], 0)
        self.memory_at = modrm_at
        kind = np.where(escaped, known.kind[1][second], known.kind[0][first])
        self.relative = (kind == 9) | (kind == 8)
        self.wide = kind == 3
        self.full = kind == 4
        self.indirect = (first == 0xFF) & ((self.modrm & 0x38) >= 0x10) & ~escaped
        group = (
            ((first >= 0x80) & (first <= 0x83))
            | ((first & 0xFE) == 0xC0)
            | ((first & 0xFC) == 0xD0)
            | ((first & 0xF8) == 0xD8)
            | ((first & 0xFE) == 0xF6)
            | ((first & 0xFE) == 0xFE)
        ) & ~escaped
        opcode = np.where(third, code[start + 2], np.where(escaped, second, first)).astype(np.uint64)
        shape = (escaped.astype(np.uint64) << np.uint64(9)) | (third.astype(np.uint64) << np.uint64(10))
        shape |= ((self.modrm >= 0xC0) & self.has_modrm).astype(np.uint64) << np.uint64(8)
        registers = np.where(group, (self.modrm >> 3) & 7, 0).astype(np.uint64) << np.uint64(11)
        self.operation = opcode | shape | registers

    def masked(self) -> Numbers:
        """A number for each instruction that depends on its bytes, but not on addresses in them."""
        low, high = self._word(self.at), self._word(self.at + 8)
        low &= mask(self.length)
        high &= mask(self.length - 8)
        tail = np.where(self.relative, np.where(self.length >= 5, 4, 1), 0)
        tail = np.where(self._absolute(), 4, tail)
        low &= mask(self.length - tail)
        high &= mask(self.length - 8 - tail)
        fixed = self.has_modrm & ((self.modrm & 0xC7) == 5)
        place = self.memory_at + 1 - self.at
        low = np.where(fixed, low & ~_field(place), low)
        high = np.where(fixed, high & ~_field(place - 8), high)
        return mixed(low ^ (mixed(high) * _ODDER))

    def functions(self) -> Found:
        """A number for the whole body of each function."""
        value = self.masked()
        first = np.flatnonzero(np.concatenate(([True], np.diff(self.of) != 0)))
        return runs(value, first), self.at[first]

    def blocks(self) -> Found:
        """A number for each block of at least four instructions."""
        value = self.masked()
        target = self.at + self.length + self._displacement()
        led = target[self.relative & (self.plain != 0xE8)]
        starts = np.zeros(len(self.at), dtype=bool)
        starts[np.searchsorted(self.at, led[np.isin(led, self.at)])] = True
        ends = (self.branch & (self.plain != 0xE8)) | self.indirect
        starts[1:] |= ends[:-1] | (np.diff(self.of) != 0)
        starts[0] = True
        first = np.flatnonzero(starts)
        many = np.diff(np.append(first, len(value)))
        kept = many >= SHORTEST_BLOCK
        return runs(value, first)[kept], self.at[first][kept]

    def grams(self) -> Found:
        """The numbers of six operations in a row that are the least of a window of six such rows."""
        many = len(self.at) - GRAM + 1
        if many < 1:
            return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
        value = np.zeros(many, dtype=np.uint64)
        stirred = mixed(self.operation)
        for each in range(GRAM):
            value = value * ODD + stirred[each : each + many]
        value = mixed(value)
        whole = self.of[:many] == self.of[GRAM - 1 :]
        value = np.where(whole, value, np.uint64(0xFFFFFFFFFFFFFFFF))
        windows = max(1, many - WINDOW + 1)
        least = value[:windows].copy()
        for each in range(1, min(WINDOW, many)):
            np.minimum(least, value[each : each + windows], out=least)
        chosen = np.zeros(many, dtype=bool)
        for each in range(min(WINDOW, many)):
            chosen[each : each + windows] |= value[each : each + windows] == least
        chosen &= whole
        return value[chosen], self.at[:many][chosen]

    def constants(self) -> Found:
        """The numbers wider than 16 bits, signs aside, that are no address of the program."""
        eight = self.full & (self.length >= 9)
        four = (self.wide | self.full) & (self.length >= 5) & ~eight
        row = np.flatnonzero(four | eight)
        four = four[row]
        end = self.at[row] + self.length[row]
        value = np.where(four, self._word(end - 4) & _LOW, self._word(end - 8))
        negative = np.where(four, value ^ _LOW, ~value)
        kept = (value >= SMALLEST_CONSTANT) & (negative >= SMALLEST_CONSTANT)
        kept &= ~((value >= self.image[0]) & (value < self.image[1]))
        return value[kept], self.at[row][kept]

    def _absolute(self) -> npt.NDArray[np.bool_]:
        """Whether the last four bytes are an address of the program, as 32-bit code has them."""
        value = self._word(self.at + self.length - 4) & _LOW
        inside = (value >= self.image[0]) & (value < self.image[1])
        told: npt.NDArray[np.bool_] = (self.wide | self.full) & (self.length >= 5) & inside
        return told if self.image[0] >= SMALLEST_CONSTANT else np.zeros_like(told)

    def _displacement(self) -> Places:
        four = (self._word(self.at + self.length - 4) & _LOW).astype(np.uint32).view(np.int32)
        one = self.code[self.at + self.length - 1].view(np.int8)
        return np.where(self.length >= 5, four, one).astype(np.int64)

    def _word(self, place: Places) -> Numbers:
        words = np.ndarray((len(self.code) - 7,), dtype="<u8", buffer=self.code, strides=(1,))
        return words[np.clip(place, 0, len(words) - 1)]


def _field(place: Places) -> Numbers:
    """For each place the number with ones in the four bytes from there, as far as they lie in these eight."""
    return mask(place + 4) & ~mask(place)


def _unique(parts: list[Found]) -> Channel:
    value, place = (np.concatenate([part[which] for part in parts]) for which in range(2))
    return Channel(*distinct(value, place))
