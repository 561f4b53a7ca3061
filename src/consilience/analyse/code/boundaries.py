"""Which instructions the functions of a slice are made of, once it is known how long each would be at every byte.

Functions are cut into lanes of some hundred bytes, which are walked side by side. Where the first instruction of a lane
begins is guessed: code falls into step with itself within a few instructions, wherever one begins. A lane into which
the one before it does not lead was guessed wrong, and is walked again, by itself.
"""

from __future__ import annotations

import numpy as np

from consilience.analyse.arrays import ByteArray
from consilience.model.arrays import Flags
from consilience.model.code import Places

LONGEST, SHORTEST, RUN_UP = 160, 64, 32
"""How many bytes a lane has, and how many before it are walked to guess where it begins."""

_TOGETHER = 8
"""How many instructions are stepped over before lanes that have ended are dropped."""


def instruction_starts(length: ByteArray, functions: Places) -> tuple[Places, Places]:
    """Where the instructions of functions begin, and the row of `functions` that each belongs to; in order.

    `functions` are [start, end) rows, sorted by start; one that reaches into the next ends there. An instruction that
    would reach past the end is still given.
    """
    size = len(length)
    start, end = functions[:, 0], np.minimum(functions[:, 1], size)
    end[:-1] = np.minimum(end[:-1], start[1:])
    row = np.flatnonzero((start >= 0) & (start < end))
    if not len(row):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    start, end = start[row], end[row]
    lane = min(max(size // 1_024, SHORTEST), LONGEST)
    many = (end - start + lane - 1) // lane
    of = np.repeat(np.arange(len(row)), many)
    inside = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    begin = start[of] + lane * inside
    stop = np.minimum(begin + lane, end[of])
    # Lanes that have ended may walk on a little, and wait behind the last byte, where the length is zero.
    lengths = np.concatenate((length, np.zeros(1, dtype=np.uint8)))
    seen = np.zeros(size, dtype=bool)
    entry = begin.copy()
    guessed = np.flatnonzero(inside)
    if len(guessed):
        entry[guessed] = _run(lengths, begin[guessed] - RUN_UP, begin[guessed], None)
    left = _run(lengths, entry, stop, seen)
    wrong = guessed[left[guessed - 1] != entry[guessed]]
    _again(length, seen, wrong, (entry, left, begin, stop), inside)
    at = np.flatnonzero(seen)
    return at, np.repeat(row, np.diff(np.searchsorted(at, np.append(start, size))))


def _run(lengths: ByteArray, place: Places, stop: Places, seen: Flags | None) -> Places:
    """Where lanes that are entered at `place` are left: the first instruction at `stop` or behind it.

    Some steps are taken together, also by lanes that end meanwhile; what they saw behind their end does not count.
    """
    left, lane = np.empty_like(place), np.arange(len(place))
    while len(place):
        steps = np.empty((_TOGETHER + 1, len(place)), dtype=np.int64)
        steps[0] = place
        for each in range(_TOGETHER):
            np.add(steps[each], lengths.take(steps[each], mode="clip"), out=steps[each + 1])
        inside = steps[:-1] < stop
        if seen is not None:
            seen[steps[:-1][inside]] = True
        going = steps[-1] < stop
        ended = (~going).nonzero()[0]
        left[lane[ended]] = steps[inside.sum(axis=0)[ended], ended]
        place, stop, lane = steps[-1][going], stop[going], lane[going]
    return left


def _again(
    length: ByteArray, seen: Flags, wrong: Places, lanes: tuple[Places, Places, Places, Places], inside: Places
) -> None:
    """Walk those lanes that were guessed wrong, and on from each until it leads to where a lane was entered."""
    entry, left, begin, stop = lanes
    for first_wrong in wrong.tolist():
        lane = first_wrong
        while lane < len(entry) and inside[lane] and left[lane - 1] != entry[lane]:
            place, first, last = int(left[lane - 1]), int(begin[lane]), int(stop[lane])
            entry[lane] = place
            seen[first:last] = False
            sizes, found = length[first:last].tolist(), []
            while place < last:
                found.append(place)
                place += sizes[place - first]
            seen[found] = True
            left[lane] = place
            lane += 1
