"""The code of a program as features that survive recompilation: each a 64-bit number, with where it stands.

Blocks are runs of instructions without a branch, addresses masked out. Grams are the operations of six instructions in
a row, without registers, thinned by winnowing. Constants are numbers wider than 16 bits that are no address. Functions
are whole bodies, addresses masked out: they explain ("the same function"), and say little that blocks do not.

Code is taken in slices that end where a function does, so that the columns of one slice stay near the processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from consilience.model.code import CODE_CHANNELS, Channel, Numbers, Places
from consilience.read.sample.code import x86
from consilience.read.sample.image import Image
from consilience.read.sample.mixing import ODD, distinct, mask, mixed, ordered, words_of

GRAM = 6
WINDOW = 6
SHORTEST_BLOCK = 4
SMALLEST_CONSTANT = 0x10000
SLICE = 1 << 17
"""How many bytes of code are taken at once, about."""

_LOW = np.uint64(0xFFFFFFFF)
_ODDER = np.uint64(0xC2B2AE3D27D4EB4F)
_BRANCHES = (0xE9, 0xEB, 0xC3, 0xC2, *range(0x70, 0x80), *range(0xE0, 0xE4))
_MODRM, _RELATIVE, _WIDE, _FULL, _BRANCH, _GROUP = (np.uint8(1 << each) for each in range(6))

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
            functions_found, blocks = read.bodies()
            told = {"function": functions_found, "block": blocks, "gram": read.grams(), "constant": read.constants()}
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
    """The instructions of one slice, as columns: one row an instruction, in the order of their places."""

    def __init__(
        self, code: x86.Bytes, found: x86.Decoded, at: Places, of: Places, bits: int, image: tuple[int, int]
    ) -> None:
        self.code, self.at, self.of, self.image = code, at, of, image
        self.words = words_of(code)
        self.size = found.length[at]
        self.length = self.size.astype(np.int64)
        # The opcode and what follows it, as one number: every field below is cut out of it.
        self.low = self.words[at]
        prefixes = found.prefixes[at]
        self.opcode_at = prefixes.astype(np.int64)
        opcode = (self.low >> (prefixes.astype(np.uint64) << np.uint64(3))).astype(np.uint32)
        far = np.flatnonzero(prefixes > 4)
        opcode[far] = self.words[at[far] + prefixes[far]].astype(np.uint32)
        first, second = opcode & np.uint32(0xFF), (opcode >> np.uint32(8)) & np.uint32(0xFF)
        known = _known(bits)
        escaped = first == 0x0F
        third = known.third[second] & escaped
        # One row of the tables for each opcode of one byte, and behind them one for each of two.
        self.row = np.where(escaped, second + np.uint32(256), first)
        self.traits = known.traits[self.row]
        has_modrm = (self.traits & _MODRM != 0) | third
        self.modrm_at = self.opcode_at + (1 + escaped.astype(np.int8) + third)
        shift = (1 + escaped.astype(np.uint32) + third) << np.uint32(3)
        self.modrm = np.where(has_modrm, (opcode >> shift) & np.uint32(0xFF), np.uint32(0))
        self.has_modrm = has_modrm
        number = np.where(third, (opcode >> np.uint32(16)) & np.uint32(0xFF), self.row & np.uint32(0xFF))
        number |= (escaped.astype(np.uint32) << np.uint32(9)) | (third.astype(np.uint32) << np.uint32(10))
        number |= ((self.modrm >= 0xC0) & has_modrm).astype(np.uint32) << np.uint32(8)
        group = self.traits & _GROUP != 0
        number |= np.where(group, (self.modrm >> np.uint32(3)) & np.uint32(7), np.uint32(0)) << np.uint32(11)
        self.operation = number
        self.last = self.words[np.maximum(at + self.length - 8, 0)]
        short = np.flatnonzero(at + self.length < 8)
        if len(short):
            self.last[short] = _tails(code, at[short] + self.length[short])
        self.tail = self.last >> np.uint64(32)

    def masked(self) -> Numbers:
        """A number for each instruction that depends on its bytes, but not on addresses in them."""
        relative = self.traits & _RELATIVE != 0
        long = self.size >= 5
        tail = np.where(relative, np.where(long, np.int8(4), np.int8(1)), np.int8(0))
        if self.image[0] >= SMALLEST_CONSTANT:
            inside = (self.tail >= np.uint64(self.image[0])) & (self.tail < np.uint64(self.image[1]))
            tail[(self.traits & (_WIDE | _FULL) != 0) & long & inside] = 4
        kept = self.size.astype(np.int8) - tail
        low = self.low & mask(kept)
        fixed = np.flatnonzero(self.has_modrm & (self.modrm & np.uint32(0xC7) == 5))
        place = self.modrm_at[fixed] + 1
        low[fixed] &= ~_field(place)
        value = low * _ODDER
        wide = np.flatnonzero(kept > 8)
        if len(wide):
            high = self.words[self.at[wide] + 8] & mask(kept[wide] - 8)
            which = np.flatnonzero((self.has_modrm[wide]) & (self.modrm[wide] & np.uint32(0xC7) == 5))
            high[which] &= ~_field(self.modrm_at[wide[which]] + 1 - 8)
            value[wide] ^= mixed(high)
        return value

    def bodies(self) -> tuple[Found, Found]:
        """A number for the whole body of each function, and one for each block of at least four instructions."""
        value = self.masked()
        jumps = np.flatnonzero((self.traits & _RELATIVE != 0) & (self.row != 0xE8))
        leads = self.at[jumps] + self.length[jumps] + self._displacement(jumps)
        marked = np.zeros(len(self.code) + 1, dtype=bool)
        marked[leads[(leads >= 0) & (leads < len(self.code))]] = True
        starts = marked[self.at]
        changes = self.of[1:] != self.of[:-1]
        indirect = (self.row == 0xFF) & (self.modrm & np.uint32(0x38) >= 0x10)
        ends = (self.traits & _BRANCH != 0) | indirect
        starts[1:] |= ends[:-1] | changes
        starts[0] = True
        first = np.flatnonzero(starts)
        placed = mixed(value)
        sums = ordered(placed, first)
        many = np.diff(np.append(first, len(value)))
        long = many >= SHORTEST_BLOCK
        # A body is the sequence of its blocks, each told by its number, so that instructions are gone through once.
        whole = np.flatnonzero(np.concatenate(([True], self.of[first[1:]] != self.of[first[:-1]])))
        body = ordered(sums, whole)
        return (body, self.at[first[whole]]), (sums[long], self.at[first[long]])

    def grams(self) -> Found:
        """The numbers of six operations in a row that are the least of a window of six such rows."""
        many = len(self.at) - GRAM + 1
        if many < 1:
            return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
        stirred = _OPERATIONS[self.operation]
        value = stirred[:many] * _POWERS[0]
        for each in range(1, GRAM):
            value += stirred[each : each + many] * _POWERS[each]
        value = mixed(value)
        whole = self.of[:many] == self.of[GRAM - 1 :]
        value[~whole] = np.uint64(0xFFFFFFFFFFFFFFFF)
        # The least of six is the least of two threes, and that of three the least of a two and one more.
        windows = max(1, many - WINDOW + 1)
        least = value
        for step in (1, 1, 3) if many >= WINDOW else (1,) * (many - 1):
            least = np.minimum(least[:-step], least[step:])
        chosen = np.zeros(many, dtype=bool)
        for each in range(min(WINDOW, many)):
            chosen[each : each + windows] |= value[each : each + windows] == least
        chosen &= whole
        return value[chosen], self.at[:many][chosen]

    def constants(self) -> Found:
        """The numbers wider than 16 bits, signs aside, that are no address of the program."""
        row = np.flatnonzero((self.traits & (_WIDE | _FULL) != 0) & (self.size >= 5))
        eight = (self.traits[row] & _FULL != 0) & (self.size[row] >= 9)
        value = np.where(eight, self.last[row], self.tail[row])
        negative = np.where(eight, ~value, value ^ _LOW)
        kept = (value >= SMALLEST_CONSTANT) & (negative >= SMALLEST_CONSTANT)
        kept &= ~((value >= np.uint64(self.image[0])) & (value < np.uint64(self.image[1])))
        return value[kept], self.at[row][kept]

    def _displacement(self, row: Places) -> Places:
        four = self.tail[row].astype(np.uint32).view(np.int32)
        return np.asarray(np.where(self.size[row] >= 5, four, (four >> 24).astype(np.int8)), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of each opcode, in 512 rows: of one byte, then of two; `third` tells which bring a third."""

    traits: x86.Bytes
    third: npt.NDArray[np.bool_]


@lru_cache(maxsize=2)
def _known(bits: int) -> _Known:
    known = x86.tables(bits)
    traits = np.zeros(512, dtype=np.uint8)
    for half in (0, 1):
        here = traits[256 * half : 256 * (half + 1)]
        kind = known.kind[half]
        here |= known.modrm[half] * _MODRM
        here |= ((kind == x86.REL8) | (kind == x86.REL32)) * _RELATIVE
        here |= (kind == x86.IMM32) * _WIDE
        here |= (kind == x86.FULL) * _FULL
    branches = [*_BRANCHES, *range(256 + 0x80, 256 + 0x90)]
    traits[branches] |= _BRANCH
    traits[[*range(0x80, 0x84), 0xC0, 0xC1, *range(0xD0, 0xD4), *range(0xD8, 0xE0), 0xF6, 0xF7, 0xFE, 0xFF]] |= _GROUP
    third = np.zeros(256, dtype=bool)
    third[[0x38, 0x3A]] = True
    return _Known(traits, third)


_POWERS = np.array([pow(int(ODD), each, 1 << 64) for each in range(GRAM - 1, -1, -1)], dtype=np.uint64)
_OPERATIONS = mixed(np.arange(1 << 14, dtype=np.uint64))


def _tails(code: x86.Bytes, end: Places) -> Numbers:
    """The eight bytes before each end, where they would begin before the code does."""
    return np.array([int.from_bytes(code[: int(each)].tobytes().rjust(8, b"\0"), "little") for each in end], np.uint64)


def _field(place: Places) -> Numbers:
    """For each place the number with ones in the four bytes from there, as far as they lie in these eight."""
    return mask(place + 4) & ~mask(place)


def _unique(parts: list[Found]) -> Channel:
    value, place = (np.concatenate([part[which] for part in parts]) for which in range(2))
    return Channel(*distinct(value, place))
