"""The opcodes of functions as features: whole functions, n-grams, and the numbers that instructions load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from consilience.analyse.hashing import mixed, ordered
from consilience.analyse.lua.comparable_sets import FEWEST_INSTRUCTIONS, GRAM
from consilience.analyse.lua.dialects import Dialect, family_names
from consilience.analyse.lua.dump import Prototype
from consilience.analyse.lua.features import SMALL
from consilience.model.code import Numbers, Places

_REACH = 4_096
_LOADS: Mapping[str, tuple[tuple[str, ...], int, int]] = {
    "luajit": (("KSHORT",), 16, 0x8000),
    "lua-5.4": (("LOADI", "LOADF"), 15, 0xFFFF),
}
"""Which instructions of a family load a number, from which bit on it stands in the word, and what is taken off it."""


class OpcodeFeatures(NamedTuple):
    """Features with their places, not sorted: functions, n-grams, numbers loaded."""

    functions: tuple[Numbers, Places]
    grams: tuple[Numbers, Places]
    loaded: tuple[Numbers, Places]


def operations(data: bytes, prototypes: Sequence[Prototype], dialect: Dialect) -> OpcodeFeatures:
    """The features of the code of functions of one dialect, whose instructions have its standard numbers."""
    rows = [each for each in prototypes if each.code]
    code = b"".join([each.code for each in rows])
    opcode = canonical(code, dialect)
    size = np.array([len(each.code) // 4 for each in rows], dtype=np.int64)
    offset = np.array([each.offset for each in rows], dtype=np.int64)
    if len(opcode) < GRAM:
        none = opcode[:0], offset[:0]
        return OpcodeFeatures(none, none, none)
    first = np.cumsum(size) - size
    family = _family(dialect)
    shape = np.array([each.parameters << 32 | len(each.children) for each in rows], dtype=np.uint64)
    whole = mixed(ordered(mixed(opcode | family << np.uint64(8)), first) ^ mixed(shape | family << np.uint64(56)))
    kept = size >= FEWEST_INSTRUCTIONS
    gram = grams(opcode, dialect)
    left = np.repeat(first + size, size) - np.arange(len(opcode))
    inside = np.flatnonzero(left[: len(gram)] >= GRAM)
    start = np.array([_code_at(data, each) for each in rows], dtype=np.int64)
    at = np.repeat(start - 4 * first, size) + 4 * np.arange(len(opcode))
    loads, loaded = _immediates(np.frombuffer(code, dtype="<u4"), dialect)
    return OpcodeFeatures((whole[kept], offset[kept]), (gram[inside], at[inside]), (loaded, at[loads]))


def grams(opcode: Numbers, dialect: Dialect) -> Numbers:
    """A number for each six opcodes that follow each other; the family is in it, so that two families never agree."""
    many = len(opcode) - GRAM + 1
    gram = np.full(many, _family(dialect) << np.uint64(8 * GRAM), dtype=np.uint64)
    for step in range(GRAM):
        gram |= opcode[step : step + many] << np.uint64(8 * step)
    return mixed(gram)


def canonical(code: bytes, dialect: Dialect) -> Numbers:
    """The opcodes of these words as the family of the dialect counts them."""
    table = np.frombuffer(dialect.canonical, dtype=np.uint8)
    opcode: Numbers = table[np.frombuffer(code, dtype=np.uint8)[::4] & np.uint8(dialect.mask)].astype(np.uint64)
    return opcode


def _family(dialect: Dialect) -> np.uint64:
    return np.uint64(1 + sorted(family_names()).index(dialect.family))


def _code_at(data: bytes, prototype: Prototype) -> int:
    """Where the instructions of a function stand; where it starts when they are kept in another order of bytes."""
    start, code = prototype.offset, prototype.code
    return max(start, data.find(code, start, start + len(code) + _REACH))


def _immediates(words: npt.NDArray[np.uint32], dialect: Dialect) -> tuple[Places, Numbers]:
    """The instructions that load a number which is not small, and the numbers as 64 bits."""
    names, shift, bias = _LOADS.get(dialect.family, ((), 0, 0))
    opcode = words & np.uint32(dialect.mask)
    loads = np.zeros(len(words), dtype=bool)
    for name in names:
        loads |= opcode == dialect.numbers[name]
    at = np.flatnonzero(loads)
    given = (words[at] >> np.uint32(shift)).astype(np.int64)
    value = np.where(given >= bias, given - 2 * bias, given) if dialect.is_luajit else given - bias
    telling = np.abs(value) >= SMALL.stop
    return at[telling], value[telling].astype(np.uint64)
