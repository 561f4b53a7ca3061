"""The code of a program as features that survive recompilation: each a 64-bit number, with where it stands.

Blocks are runs of instructions without a branch, addresses masked out. Grams are the operations of six instructions in
a row, without registers, thinned by winnowing. Constants are numbers wider than 16 bits, addresses left out. Functions
are whole bodies, addresses masked out: they explain ("the same function"), and say little that blocks do not.

Code is taken in slices that end where a function does, so that the columns of one slice stay near the processor.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from consilience.analyse.code import x86
from consilience.analyse.code.arm64 import Arm64
from consilience.analyse.code.boundaries import instruction_starts
from consilience.analyse.code.byte_rows import rows_of_bytes
from consilience.analyse.code.constants import Found, constants
from consilience.analyse.code.instructions import Instructions
from consilience.analyse.code.operations import BRANCH, MOVE
from consilience.analyse.containers.image import Image
from consilience.analyse.hashing import ODD, distinct, half_mixed, mixed, ordered, ordered_short, powers
from consilience.model.code import CODE_CHANNELS, Channel, Places

GRAM = 6
WINDOW = 6
SHORTEST_BLOCK = 4
SLICE = 1 << 19
"""About how many bytes of code are processed at once."""

READ = frozenset({"x86_64", "x86", "aarch64"})
"""The machines whose code is read."""


def code_of(image: Image) -> tuple[dict[str, Channel], int]:
    """The features of the code of a program by channel, and how many instructions they come from.

    Where its machine cannot be read, or no function is known, the grams are rows of bytes, and the other channels are
    empty.
    """
    parts = list(_parts(image)) if image.machine in READ else []
    if not parts:
        found = rows_of_bytes(image)
        return ({"gram": found} if len(found.value) else {}), 0
    channels = {name: _unique([part[name] for part, _ in parts]) for name in CODE_CHANNELS}
    return channels, sum(many for _, many in parts)


def ready_for_code() -> None:
    """Read a few inert bytes as code, which makes the tables for code of 64 bits."""
    code = np.zeros(1 << 12, dtype=np.uint8)
    found = x86.decoded(code, 64)
    at, of = instruction_starts(found.length, np.array([[0, 1024]]))
    read = Instructions(code, found, at, of, 64)
    _bodies(read)
    constants(read, Image(format="", machine="", bits=64, base=0, entry=0, data=bytes(16)), 0)
    powers(SLICE // 2)


def _parts(image: Image) -> Iterator[tuple[dict[str, Found], int]]:
    """For each slice of code what its instructions give: features by channel, and how many instructions there are."""
    own = image.own()
    for section, view in image.code():
        inside = (image.functions[:, 0] >= section.address) & (image.functions[:, 0] < section.address + section.stored)
        within = np.minimum(image.functions[inside] - section.address, len(view))
        whole = np.frombuffer(view, dtype=np.uint8)
        for functions in _slices(within):
            start, end = int(functions[0, 0]), int(functions[-1, 1])
            read: Instructions | Arm64
            if image.machine == "aarch64":
                read = Arm64(whole[start:end], functions - start)
                wide = read.constants(image, start + section.address)
            else:
                piece = whole[start : end + x86.PAD]
                code = np.concatenate((piece, np.zeros(x86.PAD + end - start - len(piece) + x86.PAD, dtype=np.uint8)))
                found = x86.decoded(code[: end - start + x86.PAD], image.bits)
                at, of = instruction_starts(found.length, functions - start)
                read = Instructions(code, found, at, of, image.bits, own)
                wide = constants(read, image, start + section.address)
            if not len(read.at):
                continue
            bodies, blocks = _bodies(read)
            channels = {"function": bodies, "block": blocks, "gram": _grams(read), "constant": wide}
            yield (
                {name: (value, place + start + section.address) for name, (value, place) in channels.items()},
                len(read.at),
            )


def _slices(functions: Places) -> Iterator[Places]:
    """The rows of functions in groups that lie close together; gaps that hold none are left out."""
    if not len(functions):
        return
    start, end = functions[:, 0], np.maximum.accumulate(functions[:, 1])
    apart = np.append(np.flatnonzero(start[1:] - end[:-1] > SLICE // 64) + 1, len(functions))
    first = 0
    while first < len(functions):
        fits = int(np.searchsorted(end, start[first] + SLICE, side="right"))
        last = min(max(fits, first + 1), int(apart[np.searchsorted(apart, first, side="right")]))
        yield functions[first:last]
        first = last


def _bodies(read: Instructions | Arm64) -> tuple[Found, Found]:
    """A number for the whole body of each function, and one for each block of at least four instructions."""
    leads = read.leads()
    marked = np.zeros(len(read.code) + 1, dtype=bool)
    marked[leads[(leads >= 0) & (leads < len(read.code))]] = True
    starts = marked[read.at]
    starts[1:] |= (read.traits & BRANCH != 0)[:-1] | (read.of[1:] != read.of[:-1])
    starts[0] = True
    first = np.flatnonzero(starts)
    sums = ordered_short(half_mixed(read.masked()), first)
    many = np.diff(np.append(first, len(read.at)))
    long = many >= SHORTEST_BLOCK
    # A body is the sequence of its blocks, each as its number, so that instructions are gone through once.
    whole = np.flatnonzero(np.concatenate(([True], read.of[first[1:]] != read.of[first[:-1]])))
    body = ordered(sums, whole)
    return (body, read.at[first[whole]]), (sums[long], read.at[first[long]])


def _grams(read: Instructions | Arm64) -> Found:
    """The numbers of six operations in a row that are the least of a window of six such rows.

    What only moves values is passed over: compilers, and code of 32 and of 64 bits, differ most in it.
    """
    chosen = np.flatnonzero(read.traits & MOVE == 0)
    at, of, operation = read.at[chosen], read.of[chosen], read.operation[chosen]
    many = len(at) - GRAM + 1
    if many < 1:
        return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    each_stirred = _OPERATIONS.take(operation)
    value = each_stirred[:many] * _POWERS[0]
    for each in range(1, GRAM):
        value += each_stirred[each : each + many] * _POWERS[each]
    value = mixed(value)
    whole = of[:many] == of[GRAM - 1 :]
    value[~whole] = np.uint64(0xFFFFFFFFFFFFFFFF)
    # The least of six is the least of two threes, and that of three the least of a two and one more.
    least = value
    for step in (1, 1, 3) if many >= WINDOW else (1,) * (many - 1):
        least = np.minimum(least[:-step], least[step:])
    # What is the least of a window is the largest of the least of all windows that it is in.
    if many >= WINDOW:
        edge = np.zeros(WINDOW - 1, dtype=np.uint64)
        least = np.concatenate((edge, least, edge))
        for step in (1, 1, 3):
            least = np.maximum(least[:-step], least[step:])
    chosen = value == least
    chosen &= whole
    return value[chosen], at[:many][chosen]


_POWERS = np.array([pow(int(ODD), each, 1 << 64) for each in range(GRAM - 1, -1, -1)], dtype=np.uint64)
_OPERATIONS = mixed(np.arange(1 << 16, dtype=np.uint64))


def _unique(parts: list[Found]) -> Channel:
    value, place = (np.concatenate([part[which] for part in parts]) for which in range(2))
    return Channel(*distinct(value, place))
