"""Rows of bytes as features, where instructions cannot be told apart: other machines, and code without functions.

Twelve bytes in a row, distances of calls and jumps of x86 masked out by how they look, thinned by winnowing. Two builds
of one source for the same machine share many of them; nothing else does.
"""

from __future__ import annotations

import numpy as np

from consilience.analyse.arrays import ByteArray
from consilience.analyse.containers.image import Image
from consilience.analyse.hashing import ODD, distinct, half_mixed, mixed, words_of
from consilience.model.code import Channel, Numbers, Places

GRAM, WINDOW = 12, 32
PIECE = 1 << 19
"""How many bytes are processed at once; grams across the borders are lost."""

_LIKE_X86 = frozenset({"x86_64", "x86", ""})
_LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
_EIGHTH, _HALF = np.uint64(8), np.uint64(32)
_FIXED = (0x39, 0x3B, 0x63, 0x80, 0x81, 0x83, 0x88, 0x89, 0x8A, 0x8B, 0x8D, 0xC6, 0xC7, 0xFF)
_NAMES_FIXED = np.zeros(256, dtype=bool)
_NAMES_FIXED[list(_FIXED)] = True


def rows_of_bytes(image: Image) -> Channel:
    """The features of what can be run of a program, with the address at which each is first seen."""
    values, places = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int64)]
    for section, view in image.code():
        whole = np.frombuffer(view, dtype=np.uint8)
        if image.machine in _LIKE_X86:
            whole = _masked(whole)
        for start in range(0, len(whole), PIECE):
            value, place = _winnowed(np.ascontiguousarray(whole[start : start + PIECE]))
            values.append(value)
            places.append(place + start + section.address)
    return Channel(*distinct(np.concatenate(values), np.concatenate(places)))


def _masked(code: ByteArray) -> ByteArray:
    """The bytes with zeros for what looks like the distance of a call or jump, or to an operand at a fixed place."""
    masked = np.concatenate((code, np.zeros(6, dtype=np.uint8)))
    first, second = masked[:-6], masked[1:-5]
    near = np.flatnonzero(((first & 0xFE) == 0xE8) | ((first == 0x0F) & ((second & 0xF0) == 0x80)))
    near += masked[near] == 0x0F
    fixed = np.flatnonzero(_NAMES_FIXED[first] & ((second & 0xC7) == 5)) + 1
    for place in (near, fixed):
        for each in range(1, 5):
            masked[place + each] = 0
    return masked[:-6]


def _winnowed(code: ByteArray) -> tuple[Numbers, Places]:
    """The numbers of rows of bytes that are the least in some window of such rows; rows of one byte aside."""
    many = len(code) - GRAM + 1
    if many < WINDOW:
        return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    words = words_of(code)
    front = words[:many].copy()
    back = words[GRAM - 8 : GRAM - 8 + many]
    value = half_mixed(front) ^ ((back >> _HALF) * ODD)
    value[front == ((front << _EIGHTH) | (front & np.uint64(0xFF)))] = _LAST
    least, step = value, 1
    while step < WINDOW:
        least = np.minimum(least[:-step], least[step:])
        step *= 2
    # A row is chosen when it is the least of a window that begins at any of the places up to its own.
    reach = np.concatenate((np.zeros(WINDOW - 1, dtype=np.uint64), least, np.zeros(WINDOW - 1, dtype=np.uint64)))
    step = 1
    while step < WINDOW:
        reach = np.maximum(reach[:-step], reach[step:])
        step *= 2
    place = np.flatnonzero((reach[:many] == value) & (value != _LAST))
    return mixed(value[place] ^ ODD), place
