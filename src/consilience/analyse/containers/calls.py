"""Functions of x86 code that nothing in the file lists: where calls lead to, and where padding ends.

A byte that looks like a call and is none leads anywhere in four gigabytes, hardly ever back into the code. So a target
inside the code is believed; an address among the data must have padding, or the end of another function,
before it, because tables of switches hold addresses as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from consilience.analyse.arrays import ByteArray
from consilience.analyse.containers.image import Section
from consilience.model.arrays import Flags
from consilience.model.code import Places

CALL, RETURN, RETURN_MORE = 0xE8, 0xC3, 0xC2
PADDING = (0xCC, 0x90)
ALIGNED = 16
SHORTEST = 4
MAX_POINTERS = 4_000_000
SMALLEST_ADDRESS = 0x10000
"""Where code lies below, addresses and other numbers look alike."""

_ENDS = np.zeros(256, dtype=bool)
_ENDS[[*PADDING, RETURN]] = True


def called(data: bytes, sections: Sequence[Section], entries: Iterable[int], base: int) -> Places:
    """The functions of the sections that can be run, as [start, end) rows; `entries` are addresses that are named.

    `base` is what addresses among the data are counted from; they are taken to be of four bytes.
    """
    raw, named = np.frombuffer(data, dtype=np.uint8), np.array(sorted(entries), dtype=np.int64)
    pointers = _pointers(raw, sections, base)
    found = [np.empty((0, 2), dtype=np.int64)]
    for each in sections:
        if each.runnable and each.stored:
            code = raw[each.offset : each.offset + each.stored]
            found.append(_of_section(code, named - each.address, pointers - each.address) + each.address)
    rows = np.concatenate(found)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    rows[:-1, 1] = np.minimum(rows[:-1, 1], rows[1:, 0])
    return rows[rows[:, 1] - rows[:, 0] >= SHORTEST]


def _of_section(code: ByteArray, named: Places, pointers: Places) -> Places:
    size = len(code)
    starts = np.zeros(size + 1, dtype=bool)
    starts[_leads(code)] = True
    starts[named[(named >= 0) & (named < size)]] = True
    pointers = pointers[(pointers > 0) & (pointers < size)]
    starts[pointers[_after_an_end(code, pointers)]] = True
    aligned = np.arange(ALIGNED, size, ALIGNED)
    aligned = aligned[(code[aligned - 1] == PADDING[0]) & (code[aligned] != PADDING[0])]
    sure = (code[aligned - 2] == PADDING[0]) | (code[aligned - 2] == RETURN) | (code[aligned - 4] == RETURN_MORE)
    starts[aligned[sure]] = True
    start = np.flatnonzero(starts[:size])
    if not len(start):
        return np.empty((0, 2), dtype=np.int64)
    # A function ends with the last byte before the next that is not padding.
    solid = np.flatnonzero((code != PADDING[0]) & (code != PADDING[1]))
    if not len(solid):
        return np.empty((0, 2), dtype=np.int64)
    last = np.searchsorted(solid, np.append(start[1:], size)) - 1
    end = np.where(last >= 0, solid[np.maximum(last, 0)] + 1, 0)
    return np.column_stack((start, np.maximum(end, start)))


def _leads(code: ByteArray) -> Places:
    """Where in the code the four bytes behind every call lead to, each once."""
    at = np.flatnonzero(code[: max(0, len(code) - 4)] == CALL)
    if not len(at):
        return at
    fours = np.ndarray((len(code) - 3,), dtype="<i4", buffer=np.ascontiguousarray(code), strides=(1,))
    distance = fours[at + 1].astype(np.int64)
    target = at + 5 + distance
    inside: Places = target[(distance != 0) & (target >= 0) & (target < len(code))]
    return inside


def _after_an_end(code: ByteArray, place: Places) -> Flags:
    """At which places padding or a return has just ended."""
    before, more = code[place - 1], code[np.maximum(place - 3, 0)]
    after: Flags = _ENDS[before] | ((more == RETURN_MORE) & (place > 2))
    return after


def _pointers(raw: ByteArray, sections: Sequence[Section], base: int) -> Places:
    """The addresses that stand at every fourth byte of sections without code, of what they may be."""
    found = [np.empty(0, dtype=np.int64)]
    lowest = base + min((each.address for each in sections if each.runnable), default=0)
    for each in sections if lowest >= SMALLEST_ADDRESS else ():
        if not each.runnable and each.stored >= 4 and each.offset % 4 == 0:
            words = raw[each.offset : each.offset + each.stored // 4 * 4].view("<u4")[:MAX_POINTERS].astype(np.int64)
            words -= base
            found.append(words[(words > 0) & (words < 1 << 31)])
    return np.concatenate(found)
