"""The instructions of a slice of code as columns: one row an instruction, in the order of their places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from consilience.analyse.arrays import ByteArray, Words
from consilience.analyse.code import x86
from consilience.analyse.code.operations import FAR, FIXED, FOUR, FULL, RELATIVE, THREE, TWO, WIDE, operations
from consilience.analyse.containers.calls import SMALLEST_ADDRESS
from consilience.analyse.hashing import mask, mixed, words_of
from consilience.model.arrays import Flags
from consilience.model.code import Numbers, Places

_CALL = 0xE8
_ODDER = np.uint64(0xC2B2AE3D27D4EB4F)
_MASKS = mask(np.array([*range(16), *(size - (4 if size >= 5 else 1) for size in range(16))]))
"""By the size of an instruction, its bytes; then the same without the relative address that it ends in."""

Range = tuple[int, int]


class Instructions:
    """What the instructions at `at` are, of the functions in the rows `of`.

    `code` is the slice with bytes of zero behind it, `found` what begins at each byte of it, and `image` the addresses
    [from, to) that are the program's own. `place` is where in an instruction the byte after its opcode stands.
    """

    def __init__(
        self, code: ByteArray, found: x86.Decoded, at: Places, of: Places, bits: int, image: Range = (0, 0)
    ) -> None:
        self.code, self.at, self.of, self.bits, self.image = code, at, of, bits, image
        self.words = words_of(code)
        self.size = found.length[at]
        self.low = self.words[at]
        self.prefixes = found.prefixes[at]
        known = operations(bits)
        # The opcode and what follows it, as one number: the row and the byte that follows are cut out of it.
        opcode = (self.low >> (self.prefixes << np.uint8(3)).astype(np.uint64)).astype(np.uint32)
        far = np.flatnonzero(self.prefixes > 4)
        opcode[far] = self.words[at[far] + self.prefixes[far]].astype(np.uint32)
        row = known.row.take(opcode.astype(np.uint16))
        two = row >= TWO
        follows = (np.where(two, opcode >> np.uint32(16), opcode >> np.uint32(8)) & np.uint32(0xFF)).astype(np.uint8)
        self.place = self.prefixes + np.uint8(1) + two
        self.implied = np.zeros(len(row), dtype=np.uint8)
        self._third(row, follows, opcode)
        self._vector(row, follows)
        self.row = row
        key = (row.astype(np.uint32) << np.uint32(8)) | follows
        self.follows = follows
        self.traits = known.traits.take(key)
        self.operation = known.operation.take(key)

    def _third(self, row: npt.NDArray[np.uint16], follows: ByteArray, opcode: Words) -> None:
        """Put in the rows of opcodes of three bytes."""
        which = np.flatnonzero((row == TWO + 0x38) | (row == TWO + 0x3A))
        if len(which):
            row[which] = np.where(row[which] == TWO + 0x38, THREE, FOUR) + follows[which]
            follows[which] = opcode[which] >> np.uint32(24)
            self.place[which] += np.uint8(1)

    def _vector(self, row: npt.NDArray[np.uint16], follows: ByteArray) -> None:
        """Put in the rows of what has a VEX or EVEX prefix: those of the same opcodes without it."""
        which = np.flatnonzero((row == 0xC5) | (row == 0xC4) | (row == 0x62))
        if self.bits == 32:
            which = which[follows[which] >= 0xC0]
        if not len(which):
            return
        short, long = row[which] == 0xC5, row[which] == 0x62
        before = (3 - short.astype(np.int64)) + long
        chosen = follows[which].astype(np.int64) & np.where(long, 7, 0x1F)
        place = self.at[which] + self.prefixes[which] + before
        self.implied[which] = self.code[place - np.where(long, 2, 1)] & 3
        row[which] = np.where(short, 1, np.clip(chosen, 1, 3)) * 256 + self.code[place]
        follows[which] = self.code[place + 1]
        self.place[which] = self.prefixes[which] + before + 1

    def masked(self) -> Numbers:
        """A number for each instruction that depends on its bytes, but not on addresses in them."""
        relative = self.traits & RELATIVE
        value = self.low & _MASKS.take((relative << np.uint8(4)) | self.size)
        addressed = self._addressed()
        for row, place in addressed:
            value[row] &= ~_field(place)
        wide = np.flatnonzero(self.size > 8)
        if len(wide):
            high = self.words[self.at[wide] + 8] & mask(self.size[wide].astype(np.int64) - 8 - 4 * relative[wide])
            for row, place in addressed:
                inside = np.zeros(len(relative), dtype=np.int64)
                inside[row] = place
                some = inside[wide] > 0
                high[some] &= ~_field(inside[wide[some]] - 8)
            value[wide] ^= mixed(high ^ _ODDER)
        return value

    def _addressed(self) -> list[tuple[Places, ByteArray]]:
        """The rows in which an address of four bytes stands, and where in the instruction, by how it got there."""
        fixed = np.flatnonzero(self.traits & FIXED != 0)
        found = [(fixed, self.place[fixed] + np.uint8(1))]
        if self.image[0] >= SMALLEST_ADDRESS:
            row = np.flatnonzero((self.traits & (WIDE | FULL) != 0) & (self.size >= 5))
            row = row[self._own(self.ends(row))]
            far = np.flatnonzero(self.traits & FAR != 0)
            far = far[self._own(self.displacements(far))]
            found += [(row, self.size[row] - np.uint8(4)), (far, self._displaced(far))]
        return found

    def ends(self, row: Places) -> Words:
        """The last four bytes of these instructions as numbers; each must be four bytes long or more."""
        number: Words = _fours(self.code)[self.at[row] + self.size[row] - 4]
        return number

    def displacements(self, row: Places) -> Words:
        """The displacements of these instructions, which must have one of four bytes."""
        number: Words = _fours(self.code)[self.at[row] + self._displaced(row)]
        return number

    def leads(self) -> Places:
        """Where in the slice relative branches lead to, calls aside."""
        row = np.flatnonzero((self.traits & RELATIVE != 0) & (self.row != _CALL))
        long = self.size[row] >= 5
        end = self.at[row] + self.size[row]
        last = self.code[end - 1].view(np.int8).astype(np.int64)
        last[long] = _fours(self.code)[end[long] - 4].view(np.int32)
        return np.asarray(end + last)

    def has_prefix(self, row: Places, byte: int) -> Flags:
        """Whether these instructions have this prefix among their first four."""
        found = np.zeros(len(row), dtype=bool)
        some = np.flatnonzero(self.prefixes[row])
        many, at = self.prefixes[row[some]], self.at[row[some]]
        for each in range(4):
            found[some] |= (many > each) & (self.code[at + each] == byte)
        return found

    def _displaced(self, row: Places) -> ByteArray:
        """Where in these instructions the displacement stands: after the ModRM byte, and a SIB byte if there is one."""
        byte = self.follows[row]
        place: ByteArray = self.place[row] + np.uint8(1) + ((byte & 7 == 4) & (byte < 0xC0))
        return place

    def _own(self, value: Words) -> Flags:
        """Whether numbers are addresses of the program."""
        own: Flags = (value >= self.image[0]) & (value < self.image[1])
        return own


def _fours(code: ByteArray) -> Words:
    return np.ndarray((len(code) - 3,), dtype="<u4", buffer=code, strides=(1,))


def _field(place: npt.NDArray[np.integer]) -> Numbers:
    """For each place the number with ones in the four bytes from there, as far as they lie in these eight."""
    whole = place.astype(np.int64)
    field: Numbers = mask(whole + 4) & ~mask(whole)
    return field
