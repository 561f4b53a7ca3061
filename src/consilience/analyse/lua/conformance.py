"""Whether the code of a dump means what the standard numbers of its dialect say.

Forks renumber the instructions so that standard tools fail; constants and the form of the file stay. The numbers are
standard when every operand is in range: each constant there and of its type, each jump within its function, each
function ending in a return. One wrong operand is enough for doubt, since compilers write none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from consilience.analyse.lua.dialects import Dialect, Operand, dialects
from consilience.analyse.lua.dump import BoxedInteger, Dump, Prototype, TableConstant
from consilience.analyse.lua.impossible_operands import impossible_instructions
from consilience.analyse.lua.instructions import IS_CONSTANT, K_BIT, target

TOLERATED = 0.001

Check = Callable[[int, int], bool]


class Conformance(NamedTuple):
    """How many instructions of a dump have impossible operands, or stand where theirs cannot stand."""

    instructions: int
    impossible: int

    @property
    def standard(self) -> bool:
        """True when the numbers of the instructions are those of the dialect."""
        return self.impossible <= TOLERATED * self.instructions


def conformance(dump: Dump, enough: int = 0) -> Conformance:
    """How well the instructions of a dump fit the standard numbers of its dialect.

    With `enough`, only the first functions that hold so many instructions are looked at, of which a fork gets
    many wrong.
    """
    looked: list[Prototype] = []
    total = 0
    for prototype in dump.prototypes:
        looked.append(prototype)
        total += len(prototype.code) // 4
        if enough and total >= enough:
            break
    return Conformance(total, impossible_instructions(looked, dialects()[dump.dialect]))


def is_raw_next(word: int, number: int, dialect: Dialect) -> bool:
    """Whether the next word is not an instruction: Lua 5.1 puts a long count there."""
    return dialect.name == "lua-5.1" and number == dialect.numbers["SETLIST"] and not word >> 14 & 0x1FF


class Allowed:
    """What the operands of one function may be."""

    def __init__(self, prototype: Prototype, dialect: Dialect) -> None:
        self.dialect = dialect
        self.length = len(prototype.code) // 4
        constants = prototype.constants
        registers = range(prototype.stack + 1)
        functions = len(prototype.children)
        self._many: dict[str, int] = {}
        self.ranges: Mapping[str, range | _Either | _Places] = {
            "reg": registers,
            "rk": _Either(registers, len(constants)),
            "constant": range(len(constants)),
            "text": _Places(constants, bytes),
            "table": _Places(constants, TableConstant),
            "boxed": _Places(constants, (BoxedInteger, complex)),
            "function": _Places(constants, Prototype) if dialect.is_luajit else range(functions),
            "number": range(len(prototype.numbers)),
            "up": range(prototype.upvalues),
            "bool": range(2),
            "small": range(3),
        }

    def many(self, kind: str) -> int:
        """How many values an operand of this kind may have here, at least one."""
        if kind not in self._many:
            allowed = self.ranges.get(kind, range(self.length + 1))
            self._many[kind] = max(1, len(allowed))
        return self._many[kind]

    def checks(self, number: int) -> tuple[Check, ...]:
        """The checks of the operands of an instruction; one that fails for a number the dialect never writes."""
        if number >= len(self.dialect.opcodes) or number in self.dialect.never:
            return (_never,)
        return self.checks_of(self.dialect.opcodes[number].operands)

    def checks_of(self, operands: Iterable[Operand]) -> tuple[Check, ...]:
        """The checks of operands, each of which takes the word and its place."""
        return tuple(self._check(each) for each in operands if each.kind not in ("any", "-"))

    def _check(self, operand: Operand) -> Check:
        _, shift, mask = operand
        if operand.kind in ("jump", "back", "ahead"):
            dialect, length = self.dialect, self.length
            return lambda word, place: 0 <= target(word >> shift & mask, place, operand, dialect) <= length
        allowed = self.ranges[operand.kind]
        if operand.kind == "rk" and self.dialect.family == "lua-5.4":
            return lambda word, place: (word >> shift & mask) + (word >> K_BIT & 1) * IS_CONSTANT in allowed
        return lambda word, place: word >> shift & mask in allowed


class _Either:
    """Registers, and constants counted from 256."""

    def __init__(self, registers: range, constants: int) -> None:
        self.registers = registers
        self.constants = range(IS_CONSTANT, IS_CONSTANT + constants)

    def __len__(self) -> int:
        return len(self.registers) + len(self.constants)

    def __contains__(self, given: object) -> bool:
        return given in self.registers or given in self.constants


class _Places:
    """The places of constants of a type."""

    def __init__(self, constants: tuple[object, ...], kind: type | tuple[type, ...]) -> None:
        self.constants = constants
        self.kind = kind

    def __len__(self) -> int:
        return sum(isinstance(each, self.kind) for each in self.constants)

    def __contains__(self, given: object) -> bool:
        assert isinstance(given, int)
        return given < len(self.constants) and isinstance(self.constants[given], self.kind)


def _never(word: int, place: int) -> bool:
    return False
