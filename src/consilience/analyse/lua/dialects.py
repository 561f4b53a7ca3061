"""The instructions of each dialect, from `opcodes.toml`: their names, and where their operands are in a word."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

_LAYOUTS = {
    "luajit": {"A": (8, 0xFF), "B": (24, 0xFF), "C": (16, 0xFF), "wide": (16, 0xFFFF), "all": (8, 0xFFFFFF)},
    "lua-5.1": {"A": (6, 0xFF), "B": (23, 0x1FF), "C": (14, 0x1FF), "wide": (14, 0x3FFFF), "all": (6, 0x3FFFFFF)},
    "lua-5.4": {"A": (7, 0xFF), "B": (16, 0xFF), "C": (24, 0xFF), "wide": (15, 0x1FFFF), "all": (7, 0x1FFFFFF)},
}
_OPCODE_MASK = {"luajit": 0xFF, "lua-5.1": 0x3F, "lua-5.4": 0x7F}
_UNUSED = "-"


class Operand(NamedTuple):
    """One operand: what it may be (a word of `opcodes.toml`), and where in the word it is."""

    kind: str
    shift: int
    mask: int


class Opcode(NamedTuple):
    """One instruction of a dialect; `number` counts the names of its family, in the same way in all its versions."""

    name: str
    number: int
    operands: tuple[Operand, ...]


class Dialect(NamedTuple):
    """A version of Lua as its instructions make it. `canonical` turns bytes of opcodes into those of the family."""

    name: str
    family: str
    mask: int
    opcodes: tuple[Opcode, ...]
    ends: frozenset[int]
    never: frozenset[int]
    canonical: bytes
    numbers: Mapping[str, int]

    @property
    def is_luajit(self) -> bool:
        """True for the versions of LuaJIT."""
        return self.family == "luajit"


@lru_cache(maxsize=1)
def dialects() -> Mapping[str, Dialect]:
    """All dialects by their names."""
    tables = tomllib.loads(files("consilience.analyse.lua").joinpath("opcodes.toml").read_text("utf-8"))
    return {name: _dialect(name, row, tables["operands"]) for name, row in tables["dialects"].items()}


@lru_cache(maxsize=1)
def family_names() -> Mapping[str, tuple[str, ...]]:
    """The names of the instructions of each family, in the order of their numbers."""
    tables = tomllib.loads(files("consilience.analyse.lua").joinpath("opcodes.toml").read_text("utf-8"))
    return {family: tuple(rows) for family, rows in tables["operands"].items()}


def _dialect(name: str, row: Mapping[str, Any], operands: Mapping[str, Mapping[str, str]]) -> Dialect:
    family = row["family"]
    given = {**operands[family], **row.get("changed", {})}
    ranks = {each: rank for rank, each in enumerate(operands[family])}
    order = row["order"].split()
    opcodes = tuple(Opcode(each, ranks[each], _operands(given[each], row["layout"])) for each in order)
    numbers = {each: number for number, each in enumerate(order)}
    canonical = bytearray([0xFF]) * 256
    for number, opcode in enumerate(opcodes):
        canonical[number] = opcode.number
    return Dialect(
        name=name,
        family=family,
        mask=_OPCODE_MASK[row["layout"]],
        opcodes=opcodes,
        ends=frozenset(numbers[each] for each in row["ends"].split()),
        never=frozenset(numbers[each] for each in row.get("never", "").split()),
        canonical=bytes(canonical),
        numbers=numbers,
    )


def _operands(text: str, layout: str) -> tuple[Operand, ...]:
    words = text.split()
    places = _LAYOUTS[layout]
    if layout == "luajit" and words[1] == _UNUSED:
        words = [words[0], words[2]]
    names = {1: ("all",), 2: ("A", "wide"), 3: ("A", "B", "C")}[len(words)]
    return tuple(Operand(kind, *places[place]) for kind, place in zip(words, names, strict=True))
