"""Hashing of many things at once: numbers stirred, and runs of numbers or bytes as one number each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from consilience.analyse.arrays import ByteArray
from consilience.model.code import Numbers, Places

ODD = np.uint64(0x9E3779B97F4A7C15)
_EVEN = np.uint64(0xD1B54A32D192ED02)
_SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)
_FACTORS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)
_MASKS = np.array([(1 << (8 * each)) - 1 for each in range(9)], dtype=np.uint64)


def mixed(value: Numbers) -> Numbers:
    """Each number stirred so that every bit depends on every other (the finaliser of splitmix64)."""
    value = value ^ (value >> _SHIFTS[0])
    value *= _FACTORS[0]
    value ^= value >> _SHIFTS[1]
    value *= _FACTORS[1]
    value ^= value >> _SHIFTS[2]
    return value


def half_mixed(value: Numbers) -> Numbers:
    """Each number stirred in half as many passes: enough for numbers that are summed and then mixed."""
    value = value * _FACTORS[0]
    value ^= value >> _HALF
    value *= _FACTORS[1]
    return value


def ordered(value: Numbers, first: Places) -> Numbers:
    """A number for each run of values that were stirred before, that depends on their order; runs begin at `first`.

    Each value is turned by an odd factor that its place in the run alone decides.
    """
    many = np.diff(np.append(first, len(value)))
    inside = np.arange(len(value), dtype=np.int64) - np.repeat(first, many)
    total: Numbers = np.add.reduceat(value * (inside.view(np.uint64) * _EVEN + ODD), first)
    return mixed(total ^ many.astype(np.uint64))


def ordered_short(value: Numbers, first: Places) -> Numbers:
    """What `ordered` gives, for many short runs, and with other numbers: one pass less for each value.

    Each value is turned by a power of an odd factor, and each sum turned back by as much as its run begins late.
    """
    forth, back = powers(len(value))
    total: Numbers = np.add.reduceat(value * forth[: len(value)], first) * back[first]
    return mixed(total ^ np.diff(np.append(first, len(value))).astype(np.uint64))


_POWERS: list[tuple[Numbers, Numbers]] = []


def powers(many: int) -> tuple[Numbers, Numbers]:
    """The first powers of the odd factor, and of its inverse; as many or more."""
    if not _POWERS or len(_POWERS[0][0]) < many:
        size = 1 << max(10, (many - 1).bit_length())
        forth, back = np.full(size, ODD), np.full(size, np.uint64(pow(int(ODD), -1, 1 << 64)))
        forth[0] = back[0] = 1
        _POWERS[:] = [(np.multiply.accumulate(forth), np.multiply.accumulate(back))]
    return _POWERS[0]


def mask(many: npt.NDArray[np.integer]) -> Numbers:
    """For each count of bytes the number whose lowest that many bytes are all ones."""
    ones: Numbers = _MASKS[np.clip(many, 0, 8)]
    return ones


def words_of(raw: ByteArray) -> Numbers:
    """A view of the eight bytes that begin at every byte; as long as the bytes, less seven."""
    return np.ndarray((max(0, len(raw) - 7),), dtype="<u8", buffer=raw, strides=(1,))


def texts(raw: ByteArray, start: Places, size: Places) -> Numbers:
    """A number for each run of bytes, from its bytes alone; at least seven bytes must follow the last run."""
    if not len(start):
        return np.empty(0, dtype=np.uint64)
    many = (size + 7) // 8
    first = np.cumsum(many) - many
    inside = 8 * (np.arange(int(many.sum()), dtype=np.int64) - np.repeat(first, many))
    value = words_of(raw)[np.repeat(start, many) + inside] & mask(np.repeat(size, many) - inside)
    return ordered(mixed(value), first) ^ mixed(size.astype(np.uint64))


def distinct(value: Numbers, place: Places) -> tuple[Numbers, Places]:
    """The values sorted, each once, with the lowest place that each comes with.

    Not `numpy.unique`, which loads more of numpy at its first use: a locked process can load nothing any more.
    """
    if not len(value):
        return value, place
    order = np.argsort(value)
    value = value[order]
    first = np.flatnonzero(np.concatenate(([True], value[1:] != value[:-1])))
    return value[first], np.minimum.reduceat(place[order], first)
