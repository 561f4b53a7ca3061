"""The strings of a program, plain and UTF-16, as numbers with the offset in the file at which each is first seen."""

from __future__ import annotations

import numpy as np

from consilience.analyse.containers.image import Image
from consilience.analyse.hashing import distinct, texts
from consilience.model.arrays import Flags
from consilience.model.code import Channel, Places, no_features

SHORTEST = 6
LONGEST = 1_024
MAX_STRINGS = 200_000

_PRINTABLE = np.zeros(256, dtype=bool)
_PRINTABLE[0x20:0x7F] = True
_PRINTABLE[9] = True
_PRINTABLE_BYTES = _PRINTABLE.tobytes()


def strings_of(image: Image) -> Channel:
    """The strings of a program of six characters or more, outside of what can be run, where bytes only look like text.

    A string in UTF-16 gives the same number as the same string in plain bytes. Of a longer one than 1,024 characters
    the beginning counts.
    """
    raw = np.frombuffer(image.data, dtype=np.uint8)
    values, places = [], []
    for start, end in _outside(image, len(raw)):
        view = np.concatenate((raw[start:end], np.zeros(16, dtype=np.uint8)))
        printable = np.frombuffer(view.tobytes().translate(_PRINTABLE_BYTES), dtype=np.bool_)
        at, size = _runs(printable)
        values.append(texts(view, at, size))
        places.append(at + start)
        wide = printable[:-1] & (view[1:] == 0)
        for odd in (0, 1):
            at, size = _runs(wide[odd::2])
            if len(at):
                low = np.concatenate((view[odd:-1:2], np.zeros(8, dtype=np.uint8)))
                values.append(texts(low, at, size))
                places.append(2 * at + odd + start)
    if not values:
        return no_features()
    value, place = np.concatenate(values)[:MAX_STRINGS], np.concatenate(places)[:MAX_STRINGS]
    return Channel(*distinct(value, place))


def text_at(data: bytes, offset: int) -> str:
    """The string at an offset at which `strings_of` found one; empty when none is there."""
    piece = data[offset : offset + 2 * LONGEST]
    step = 2 if piece[1:2] == b"\0" else 1
    end = 0
    while end < len(piece) and _PRINTABLE[piece[end]] and (step == 1 or piece[end + 1 : end + 2] == b"\0"):
        end += step
    return piece[:end:step][:LONGEST].decode("ascii", "replace")


def _outside(image: Image, size: int) -> list[tuple[int, int]]:
    """The pieces of the file that no section that can be run holds."""
    runnable = sorted(
        (each.offset, each.offset + each.stored) for each in image.sections if each.runnable and each.stored
    )
    pieces, at = [], 0
    for start, end in runnable:
        if start > at:
            pieces.append((at, start))
        at = max(at, end)
    return [*pieces, (at, size)] if at < size else pieces


def _runs(printable: Flags) -> tuple[Places, Places]:
    """Where runs of printable bytes begin that are long enough, and how long they are; the last byte ends none."""
    edges = np.flatnonzero(printable[1:] != printable[:-1]) + 1
    if len(printable) and printable[0]:
        edges = np.concatenate(([0], edges))
    edges = edges[: len(edges) // 2 * 2]
    start, size = edges[::2], edges[1::2] - edges[::2]
    chosen = size >= SHORTEST
    return start[chosen], np.minimum(size[chosen], LONGEST)
