"""The intermediate language of .NET as features of the same four kinds as machine code has.

Operations count without the short forms that compilers choose by size: `br.s` is `br`, and `ldarg.0` is `ldarg`. Blocks
are runs of four instructions or more without a branch, tokens and targets left out; constants are numbers wider than 16
bits, real ones as their bits. Source: ECMA-335, partition III.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from consilience.analyse.arrays import ByteArray
from consilience.analyse.code.boundaries import instruction_starts
from consilience.analyse.code.constants import SMALLEST
from consilience.analyse.code.features import GRAM, SHORTEST_BLOCK, WINDOW
from consilience.analyse.containers.image import Image
from consilience.analyse.hashing import distinct, mask, mixed, ordered, words_of
from consilience.model.code import Channel, Numbers, Places

SWITCH, PREFIX = 0x45, 0xFE
MAX_CODE = 64 * 1024**2
_PAD = 16
_SALT = np.uint64(0x494C) << np.uint64(32)
"""So that no feature of this language is one of a machine's by chance of its numbering."""

_SIZES = {
    1: (*range(0x0E, 0x14), 0x1F, *range(0x2B, 0x38), 0xDE, 0x112, 0x119),
    2: tuple(range(0x109, 0x10F)),
    4: (
        *(0x20, 0x22, 0x27, 0x28, 0x29, *range(0x38, 0x46), *range(0x6F, 0x76), 0x79, *range(0x7B, 0x82), 0x8C, 0x8D),
        *(0x8F, 0xA3, 0xA4, 0xA5, 0xC2, 0xC6, 0xD0, 0xDD, 0x106, 0x107, 0x115, 0x116, 0x11C),
    ),
    8: (0x21, 0x23),
}
"""How many bytes follow an opcode; those that begin with FE are counted from 0x100."""

_BRANCHES = (*range(0x2B, 0x46), 0x27, 0x2A, 0x7A, 0xDC, 0xDD, 0xDE, 0x111, 0x11A)
_TARGETED = (*range(0x2B, 0x45), 0xDD, 0xDE)
_COUNTED = (0x1F, 0x20, 0x21, 0x22, 0x23, *range(0x0E, 0x14), *range(0x109, 0x10F))
"""The opcodes whose operand is a number or the place of a variable, and stays the same in the same code elsewhere."""

_FOLDED = {
    **{short: short + 0x0D for short in range(0x2B, 0x38)},
    **dict.fromkeys(range(0x02, 0x06), 0x0E),
    **dict.fromkeys(range(0x06, 0x0A), 0x11),
    **dict.fromkeys(range(0x0A, 0x0E), 0x13),
    **dict.fromkeys((*range(0x15, 0x1F), 0x1F), 0x20),
    **dict(zip(range(0x109, 0x10F), range(0x0E, 0x14), strict=True)),
    0xDE: 0xDD,
}


def il_of(image: Image) -> tuple[dict[str, Channel], int]:
    """The features of the methods of an assembly by channel, and how many instructions they come from."""
    code, rows, moved = _gathered(image)
    if not len(rows):
        return {}, 0
    length, opcode = _decoded(code)
    at, of = instruction_starts(length, rows)
    if not len(at):
        return {}, 0
    opcode, place = opcode[at], at + moved[of]
    blocks, bodies = _blocks(code, at, of, opcode)
    grams, constants = _grams(opcode, of), _constants(code, at, opcode)
    channels = {"function": bodies, "block": blocks, "gram": grams, "constant": constants}
    return {name: Channel(*distinct(value, place[row])) for name, (row, value) in channels.items()}, len(at)


def _gathered(image: Image) -> tuple[ByteArray, Places, Places]:
    """The code of all methods in a row, where in it each lies, and how far that is from its address."""
    data = np.frombuffer(image.data, dtype=np.uint8)
    start, size, at = (
        image.functions[:, 0],
        np.zeros(len(image.functions), dtype=np.int64),
        image.functions[:, 0].copy(),
    )
    for each in image.sections:
        inside = (start >= each.address) & (start < each.address + each.stored)
        size[inside] = np.minimum(image.functions[inside, 1], each.address + each.stored) - start[inside]
        at[inside] += each.offset - each.address
    size[np.cumsum(size) > MAX_CODE] = 0
    end = np.cumsum(size)
    place = np.repeat(at - (end - size), size) + np.arange(int(size.sum()))
    code = np.concatenate([data[place], np.zeros(_PAD, dtype=np.uint8)])
    return code, np.column_stack((end - size, end)), start - (end - size)


def _decoded(code: ByteArray) -> tuple[Any, Places]:
    """For every byte how long the instruction is that would begin there, and its opcode."""
    first, second = code[:-_PAD].astype(np.int64), code[1 : 1 - _PAD].astype(np.int64)
    long = first == PREFIX
    opcode = np.where(long, 0x100 + second, first)
    length = 1 + long + _OPERAND[opcode]
    switch = np.flatnonzero(opcode == SWITCH)
    many = words_of(code)[switch + 1] & mask(np.full(len(switch), 4))
    length[switch] = 5 + 4 * np.minimum(many, np.uint64(len(code))).astype(np.int64)
    return length, opcode


def _operands(code: ByteArray, at: Places, opcode: Places) -> Numbers:
    """What follows each opcode, as one number."""
    return words_of(code)[at + 1 + (opcode >= 0x100)] & mask(_OPERAND[opcode])


FoundAt = tuple[Places, Numbers]
"""The rows of the instructions with which features begin, and the features."""


def _blocks(code: ByteArray, at: Places, of: Places, opcode: Places) -> tuple[FoundAt, FoundAt]:
    """A number for each block that is long enough, and for the whole body of each method, out of its blocks."""
    operand = _operands(code, at, opcode)
    value = mixed(_FOLD[opcode] + _SALT)
    value ^= np.where(_IS[opcode] & 1 != 0, mixed(operand + _value_of(opcode)), mixed(_value_of(opcode)))
    jumps = np.flatnonzero(_IS[opcode] & 4)
    size = _OPERAND[opcode[jumps]]
    step = np.where(
        size == 1, operand[jumps].astype(np.uint8).view(np.int8), operand[jumps].astype(np.uint32).view(np.int32)
    )
    leads = at[jumps] + 1 + size + step
    marked = np.zeros(len(code) + 1, dtype=bool)
    marked[leads[(leads >= 0) & (leads < len(code))]] = True
    starts = marked[at]
    starts[1:] |= (_IS[opcode[:-1]] & 2 != 0) | (of[1:] != of[:-1])
    starts[0] = True
    first = np.flatnonzero(starts)
    sums = ordered(mixed(value), first)
    long = np.diff(np.append(first, len(value))) >= SHORTEST_BLOCK
    whole = np.flatnonzero(np.append(True, of[first[1:]] != of[first[:-1]]))
    return (first[long], sums[long]), (first[whole], ordered(sums, whole))


def _value_of(opcode: Places) -> Numbers:
    """The number or place that a short form holds in itself: 3 of `ldc.i4.3` and of `ldarg.3`."""
    return _HELD[opcode]


def _grams(opcode: Places, of: Places) -> FoundAt:
    """The numbers of six operations in a row that are the least of a window of six such rows."""
    many = len(opcode) - GRAM + 1
    if many < 1:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64)
    stirred = mixed(_FOLD[opcode] + _SALT)
    windows = np.lib.stride_tricks.sliding_window_view(stirred, GRAM).ravel()
    value = ordered(windows, np.arange(many, dtype=np.int64) * GRAM)
    whole = of[:many] == of[GRAM - 1 :]
    value[~whole] = np.uint64(0xFFFFFFFFFFFFFFFF)
    width = min(WINDOW, many)
    rows = many - width + 1
    least = value[:rows].copy()
    for each in range(1, width):
        np.minimum(least, value[each : each + rows], out=least)
    chosen = np.zeros(many, dtype=bool)
    for each in range(width):
        chosen[each : each + rows] |= value[each : each + rows] == least
    row = np.flatnonzero(chosen & whole)
    return row, value[row]


def _constants(code: ByteArray, at: Places, opcode: Places) -> FoundAt:
    """The numbers wider than 16 bits, signs aside."""
    row = np.flatnonzero((opcode >= 0x20) & (opcode <= 0x23))
    value = _operands(code, at[row], opcode[row])
    ones = mask(_OPERAND[opcode[row]])
    chosen = (value >= SMALLEST) & ((value ^ ones) >= SMALLEST)
    return row[chosen], value[chosen]


def _tables() -> tuple[Places, Numbers, ByteArray, Numbers]:
    operand = np.zeros(512, dtype=np.int64)
    for size, opcodes in _SIZES.items():
        operand[list(opcodes)] = size
    operand[SWITCH] = 4
    fold = np.arange(512, dtype=np.uint64)
    for short, long in _FOLDED.items():
        fold[short] = long
    kind = np.zeros(512, dtype=np.uint8)
    for bit, opcodes in ((1, _COUNTED), (2, _BRANCHES), (4, _TARGETED)):
        kind[list(opcodes)] |= bit
    held = np.zeros(512, dtype=np.uint64)
    for first in (0x02, 0x06, 0x0A):
        held[first : first + 4] = np.arange(4)
    held[0x16:0x1F] = np.arange(9)
    held[0x15] = np.uint64(0xFFFFFFFF)
    return operand, fold, kind, held


_OPERAND, _FOLD, _IS, _HELD = _tables()
