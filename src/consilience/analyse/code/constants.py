"""The wide numbers in code, addresses left out: in instructions, and in what instructions load from a fixed place.

Compilers keep the same number where they like: in an instruction, or beside the code among data that cannot be written.
Both give the same feature.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from consilience.analyse.arrays import ByteArray
from consilience.analyse.code.instructions import Instructions
from consilience.analyse.code.operations import FAR, FIXED, FULL, THREE, TWO, WIDE
from consilience.analyse.containers.image import Image
from consilience.analyse.hashing import words_of
from consilience.model.arrays import Flags
from consilience.model.code import Numbers, Places

SMALLEST = 0x10000
_NARROW, _DOUBLE, _SINGLE = 0x66, 0xF2, 0xF3
_PLAIN = (0x8B, *(8 * each + 3 for each in range(8)))
_LONG = 16
_LOW = np.uint64(0xFFFFFFFF)

Found = tuple[Numbers, Places]
"""Features with the places at which they stand."""


def constants(read: Instructions, image: Image, origin: int) -> Found:
    """The constants of a slice that begins at the address `origin`, and the places in the slice that use them."""
    parts = [_immediate(read), _displaced(read), *_loaded(read, image, origin)]
    value, place = (np.concatenate([part[which] for part in parts]) for which in range(2))
    return value, place


def _immediate(read: Instructions) -> Found:
    row = np.flatnonzero((read.traits & (WIDE | FULL) != 0) & (read.size >= 5))
    narrow = read.has_prefix(row, _NARROW)
    row = row[~narrow]
    value = read.ends(row).astype(np.uint64)
    whole = (read.traits[row] & FULL != 0) & (read.size[row] >= 9)
    value[whole] = read.words[read.at[row[whole]] + read.size[row[whole]] - 8]
    chosen = _wide(value, whole) & ~_within(value, read.image)
    return value[chosen], read.at[row[chosen]]


def _displaced(read: Instructions) -> Found:
    """What is added to a register as the displacement of an address: sums are often made so."""
    row = np.flatnonzero(read.traits & FAR != 0)
    value = read.displacements(row).astype(np.uint64)
    first, end = read.image
    chosen = _wide(value, np.zeros(len(row), dtype=bool))
    chosen &= ~_within(value, (first, end)) & ~_within(value, (0, end - first))
    return value[chosen], read.at[row[chosen]]


def _loaded(read: Instructions, image: Image, origin: int) -> list[Found]:
    """What is loaded from a fixed place that cannot be written; of long values each eight bytes are one."""
    row = np.flatnonzero(read.traits & FIXED != 0)
    loading: Flags = _loads().max(axis=0) > 0
    row = row[loading[read.row[row]]]
    size = _sizes(read, row)
    row, size = row[size > 0], size[size > 0]
    at = _stored(image, _fixed(read, row, image, origin), size)
    row, size, at = row[at >= 0], size[at >= 0], at[at >= 0]
    words = words_of(np.frombuffer(image.data, dtype=np.uint8))
    behind = np.flatnonzero(size == _LONG)
    found = []
    for here, place in ((row, at), (row[behind], at[behind] + 8)):
        value = words[np.minimum(place, len(words) - 1)]
        four = size == 4 if len(here) == len(row) else np.zeros(len(here), dtype=bool)
        value = np.where(four, value & _LOW, value)
        first, end = read.image
        chosen = _wide(value, ~four) & ~_within(value, (first, end)) & ~_within(value, (0, end - first))
        found.append((value[chosen], read.at[here[chosen]]))
    return found


def _fixed(read: Instructions, row: Places, image: Image, origin: int) -> Places:
    """The addresses of the operands at fixed places."""
    displacement = read.displacements(row)
    if read.bits == 32:
        return displacement.astype(np.int64) - image.base
    found: Places = origin + read.at[row] + read.size[row] + displacement.view(np.int32)
    return found


def _stored(image: Image, address: Places, size: Places) -> Places:
    """Where in the file what lies at addresses is stored, if it cannot be written; -1 where it is not."""
    offset = np.full(len(address), -1, dtype=np.int64)
    for each in image.sections:
        if not each.writable and each.stored:
            inside = (address >= each.address) & (address + size <= each.address + each.stored)
            offset[inside] = address[inside] - each.address + each.offset
    return offset


def _sizes(read: Instructions, row: Places) -> Places:
    """How many bytes these instructions load from memory; 0 for those that load no number."""
    known, opcode, implied = _loads(), read.row[row], read.implied[row]
    double = (implied == 3) | read.has_prefix(row, _DOUBLE)
    single = (implied == 2) | read.has_prefix(row, _SINGLE)
    size = known[np.where(double, 3, np.where(single, 2, 0)), opcode].astype(np.int64)
    size[_long(read, row) & (size == 4) & (opcode < TWO)] = 8
    return size


@lru_cache(maxsize=1)
def _loads() -> ByteArray:
    """For each mandatory prefix (none, -, F3, F2) and each opcode how many bytes are loaded."""
    sizes = np.zeros((4, 1024), dtype=np.uint8)
    sizes[:, list(_PLAIN)] = 4
    sizes[:, TWO + 0xAF] = 4
    vector = [TWO + each for each in (*range(0x10, 0x30), *range(0x50, 0x80), *range(0xC2, 0xC7), *range(0xD0, 0x100))]
    sizes[0, [*vector, *range(THREE, 1024)]] = 16
    sizes[2, vector], sizes[3, vector] = 4, 8
    sizes[2, TWO + 0x6F], sizes[2, TWO + 0x7E] = 16, 8
    return sizes


def _long(read: Instructions, row: Places) -> Flags:
    last = read.code[read.at[row] + np.maximum(read.prefixes[row].astype(np.int64) - 1, 0)]
    long: Flags = (read.prefixes[row] > 0) & (last & 0xF8 == 0x48) & (read.bits == 64)
    return long


def _wide(value: Numbers, whole: Flags) -> Flags:
    """Whether numbers of four bytes, or of eight, are wider than 16 bits, signs aside."""
    negative = np.where(whole, ~value, value ^ _LOW)
    wide: Flags = (value >= SMALLEST) & (negative >= SMALLEST)
    return wide


def _within(value: Numbers, addresses: tuple[int, int]) -> Flags:
    within: Flags = (value >= np.uint64(addresses[0])) & (value < np.uint64(addresses[1]))
    return within
