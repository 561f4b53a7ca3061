"""Which instructions the functions of a slice are made of, once it is known how long each would be at every byte.

Functions are cut into lanes of some hundred bytes, which are walked side by side. Where the first instruction of a lane
begins is guessed: code falls into step with itself within a few instructions, wherever one begins. A lane into which
the one before it does not lead was guessed wrong, and is walked again, by itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LANE, RUN_UP = 160, 32
_TOGETHER = 8
"""How many steps are taken before lanes that have ended are left behind."""


def walked(length: Bytes, functions: Places) -> tuple[Places, Places]:
    """Where the instructions of functions begin, and the row of `functions` that each belongs to; in order.

    `functions` are [start, end) rows, sorted by start; one that reaches into the next ends there. An instruction that
    would reach past the end is still told.
    """
    size = len(length)
    start, end = functions[:, 0], np.minimum(functions[:, 1], size)
    end[:-1] = np.minimum(end[:-1], start[1:])
    row = np.flatnonzero((start >= 0) & (start < end))
    if not len(row):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    start, end = start[row], end[row]
    many = (end - start + LANE - 1) // LANE
    of = np.repeat(np.arange(len(row)), many)
    inside = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    begin = start[of] + LANE * inside
    stop = np.minimum(begin + LANE, end[of])
    lengths = np.append(length, np.uint8(0))
    seen = np.zeros(size + 1, dtype=bool)
    entry = begin.copy()
    guessed = np.flatnonzero(inside)
    if len(guessed):
        entry[guessed] = _run(lengths, begin[guessed] - RUN_UP, begin[guessed], None)
    left = _run(lengths, entry, stop, seen)
    wrong = guessed[left[guessed - 1] != entry[guessed]]
    _again(length, seen, wrong, (entry, left, begin, stop), inside)
    seen[size] = False
    at = np.flatnonzero(seen)
    return at, np.repeat(row, np.diff(np.searchsorted(at, np.append(start, size))))


def _run(lengths: Bytes, place: Places, stop: Places, seen: Flags | None) -> Places:
    """Where lanes that are entered at `place` are left: the first instruction at `stop` or behind it.

    The byte behind the last has the length 0: lanes that have ended wait there.
    """
    nowhere = len(lengths) - 1
    place, stop, left, lane = place.copy(), stop.copy(), np.empty_like(place), np.arange(len(place))
    ended = np.flatnonzero(place >= stop)
    while len(place):
        for _ in range(_TOGETHER):
            if len(ended):
                left[lane[ended]] = place[ended]
                place[ended], stop[ended] = nowhere, nowhere + 1
            if seen is not None:
                seen[place] = True
            place += lengths.take(place)
            ended = np.flatnonzero(place >= stop)
        going = np.flatnonzero(stop <= nowhere)
        if len(going) < len(place):
            place, stop, lane = place[going], stop[going], lane[going]
            ended = np.flatnonzero(place >= stop)
    return left


def _again(
    length: Bytes, seen: Flags, wrong: Places, lanes: tuple[Places, Places, Places, Places], inside: Places
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
