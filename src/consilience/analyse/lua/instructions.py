"""The instructions of a function: their opcodes at once, or one by one with operands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from struct import unpack
from typing import NamedTuple

from consilience.analyse.lua.dialects import Dialect, Operand, dialects
from consilience.analyse.lua.dump import Dump, Prototype

IS_CONSTANT = 0x100
BIAS = {"luajit": 0x8000, "lua-5.1": 0x1FFFF, "lua-5.4": 0xFFFFFF}
K_BIT = 15
_JUMPS = ("jump", "back", "ahead")


class Instruction(NamedTuple):
    """One instruction: its place in the function from 0, its name, and its operands as numbers.

    A jump is the place it leads to. A register or constant is a register below 256, else 256 and the constant's place.
    """

    place: int
    name: str
    operands: tuple[int, ...]


def opcodes(prototype: Prototype, dialect: Dialect) -> bytes:
    """The number of each instruction as the dialect counts them, one byte each."""
    return prototype.code[::4].translate(_masked(dialect.mask)) if dialect.mask != 0xFF else prototype.code[::4]


def words(prototype: Prototype) -> tuple[int, ...]:
    """The instructions as numbers of 32 bits."""
    return unpack(f"<{len(prototype.code) // 4}I", prototype.code)


def instructions(dump: Dump, prototype: Prototype) -> Iterator[Instruction]:
    """The instructions of one function of the dump, by the standard numbers of its dialect.

    A number that the dialect does not have is named by its digits and has no operands.
    """
    dialect = dialects()[dump.dialect]
    known = len(dialect.opcodes)
    for place, word in enumerate(words(prototype)):
        number = word & dialect.mask
        if number < known:
            opcode = dialect.opcodes[number]
            yield Instruction(place, opcode.name, tuple(value(word, place, each, dialect) for each in opcode.operands))
        else:
            yield Instruction(place, str(number), ())


def value(word: int, place: int, operand: Operand, dialect: Dialect) -> int:
    """What an operand says, in the form that `Instruction` describes."""
    given = (word >> operand.shift) & operand.mask
    if operand.kind in _JUMPS:
        return target(given, place, operand, dialect)
    if operand.kind == "rk" and dialect.family == "lua-5.4":
        return given | (word >> K_BIT & 1) * IS_CONSTANT
    return given


def target(given: int, place: int, operand: Operand, dialect: Dialect) -> int:
    """The place to which a jump leads; for a jump in one direction, near the place where it does.

    In 5.4 and 5.5 a loop jumps back by its operand from the next instruction, and ahead by it.
    """
    if operand.kind == "jump":
        return place + 1 + given - BIAS[dialect.family]
    return place + 1 - given if operand.kind == "back" else place + 1 + given


@lru_cache(maxsize=4)
def _masked(mask: int) -> bytes:
    return bytes(number & mask for number in range(256))
