"""What a dump holds, of any dialect, as values.

A `Dump` is one compiled chunk and its main `Prototype`; a prototype is one function: code, constants and the
functions defined in it. Strings are bytes, as Lua has them; numbers are int or float as they were written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from consilience.analyse.lua.errors import DumpError


class BoxedInteger(NamedTuple):
    """A 64-bit integer that LuaJIT keeps as a boxed value of C."""

    value: int
    signed: bool


class TableConstant(NamedTuple):
    """A table that LuaJIT keeps ready-made: its values from index 0 (often nil), and its other pairs."""

    array: tuple[Plain, ...]
    pairs: tuple[tuple[Plain, Plain], ...]


Plain: TypeAlias = "bytes | int | float | None"
"""What a table of constants may hold; True and False are ints to Python."""


class Variable(NamedTuple):
    """A local variable and the instructions at which it begins and ends to live."""

    name: bytes
    begin: int
    end: int


class DebugInfo(NamedTuple):
    """What stripping takes away. `lines` gives the line of each instruction; any part may be missing."""

    source: bytes | None = None
    lines: bytes = b""
    absolute: bytes = b""
    variables: tuple[Variable, ...] = ()
    upvalues: tuple[bytes | None, ...] = ()


class Prototype(NamedTuple):
    """One function as it was compiled.

    `code` holds little-endian words of 4 bytes, whatever the order in the file. `constants` are in the order in which
    instructions count them; in LuaJIT, tables and the functions defined here are among them, and `numbers` apart.
    `captures` says, as the file does, where each upvalue comes from. `line` is 0 in the main chunk, and in LuaJIT
    unknown (0) without debug information.
    """

    offset: int
    parameters: int
    vararg: bool
    stack: int
    upvalues: int
    code: bytes
    constants: tuple[Constant, ...]
    numbers: tuple[int | float, ...]
    children: tuple[Prototype, ...]
    captures: bytes
    line: int
    last_line: int
    debug: DebugInfo


Constant: TypeAlias = "bytes | int | float | complex | BoxedInteger | TableConstant | Prototype | None"

NO_DEBUG = DebugInfo()


@dataclass(frozen=True, slots=True)
class Dump:
    """One compiled chunk. `size` bytes of the file belong to it; `private` marks versions no release of Lua has."""

    dialect: str
    main: Prototype
    size: int
    stripped: bool
    big_endian: bool = False
    private: bool = False
    chunk: bytes | None = None
    flags: tuple[str, ...] = ()
    _walked: list[Prototype] = field(default_factory=list, repr=False, compare=False)

    @property
    def prototypes(self) -> tuple[Prototype, ...]:
        """All functions of the chunk, the main one first, each before those defined in it."""
        if not self._walked:
            self._walked.extend(_walk(self.main))
        return tuple(self._walked)


@dataclass(frozen=True, slots=True)
class DumpLimits:
    """How much one dump may hold. `items` counts all that costs memory: instructions, constants, variables, functions.

    Every item takes at least one byte of the file, so memory stays in proportion to its size whatever its counts claim.
    """

    size: int = 64 * 1024**2
    items: int = 20_000_000
    prototypes: int = 500_000
    depth: int = 200


class DumpBudget:
    """What is left of the limits while one dump is read."""

    __slots__ = ("depth", "items", "prototypes")

    def __init__(self, limits: DumpLimits) -> None:
        self.items = limits.items
        self.prototypes = limits.prototypes
        self.depth = limits.depth

    def spend(self, items: int, offset: int) -> None:
        """Takes one function with so many items.

        Raises:
            DumpError: when the dump holds more than the limits allow.
        """
        self.items -= items
        self.prototypes -= 1
        if self.items < 0 or self.prototypes < 0:
            raise DumpError("the dump holds more than a reader is allowed to take", offset)


def _walk(main: Prototype) -> Iterator[Prototype]:
    waiting = [main]
    while waiting:
        prototype = waiting.pop()
        yield prototype
        waiting.extend(reversed(prototype.children))
