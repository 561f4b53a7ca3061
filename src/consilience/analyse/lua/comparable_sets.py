"""What of a dump can be compared with others, as sets.

Strings and most numbers survive every compiler; the order of opcodes survives stripping and rebuilding, not another
family of compilers. Nothing here comes from debug information, so stripping a dump changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple, TypeAlias

from consilience.analyse.lua.conformance import conformance
from consilience.analyse.lua.dialects import Dialect, dialects
from consilience.analyse.lua.dump import BoxedInteger, Dump, Prototype, TableConstant
from consilience.analyse.lua.instructions import opcodes, words

GRAM = 6
ENOUGH_CHECKED = 5_000
FEWEST_STRINGS = 3
FEWEST_INSTRUCTIONS = 8
_KEY_BYTES = 10
_SHORT = 64

Number: TypeAlias = "int | float"


class Shape(NamedTuple):
    """What the form of a function is under every compiler: how much it takes and holds, not what."""

    parameters: int
    children: int
    strings: int


class Function(NamedTuple):
    """What one function holds. `names` is a key of its set of strings, `sequence` one of its opcodes in their order;
    either is empty when there is too little to tell functions apart by."""

    prototype: Prototype
    shape: Shape
    strings: frozenset[bytes]
    numbers: frozenset[Number]
    names: str
    sequence: str


class ComparableSets(NamedTuple):
    """The functions of a dump with what they hold, and the opcode n-grams of all, in the numbers of the family.

    `standard` is False for forks with instructions of their own: then `grams` and every `sequence` are empty.
    """

    dialect: str
    family: str
    standard: bool
    functions: tuple[Function, ...]
    grams: frozenset[bytes]

    @property
    def strings(self) -> frozenset[bytes]:
        """All strings."""
        return frozenset().union(*(function.strings for function in self.functions))

    @property
    def numbers(self) -> frozenset[Number]:
        """All numbers."""
        return frozenset().union(*(function.numbers for function in self.functions))


def comparable_sets(dump: Dump) -> ComparableSets:
    """The comparable content of a dump."""
    dialect = dialects()[dump.dialect]
    standard = conformance(dump, ENOUGH_CHECKED).standard
    grams: set[bytes] = set()
    marks: dict[bytes, bytes] = {}
    functions = tuple(_function(each, dialect, standard, grams, marks) for each in dump.prototypes)
    return ComparableSets(dump.dialect, dialect.family, standard, functions, frozenset(grams))


def _function(
    prototype: Prototype, dialect: Dialect, standard: bool, grams: set[bytes], marks: dict[bytes, bytes]
) -> Function:
    texts, numbers = strings_and_numbers(prototype)
    strings = set(texts)
    sequence = b""
    if standard:
        numbers.update(_immediate(prototype, dialect))
        sequence = opcodes(prototype, dialect).translate(dialect.canonical)
        grams.update([sequence[at : at + GRAM] for at in range(len(sequence) - GRAM + 1)])
    shape = Shape(prototype.parameters, len(prototype.children), len(strings))
    return Function(
        prototype,
        shape,
        frozenset(strings),
        frozenset(numbers),
        _key(*sorted(_mark(each, marks) for each in strings)) if len(strings) >= FEWEST_STRINGS else "",
        _key(dialect.family.encode(), bytes(str(shape), "ascii"), sequence)
        if len(sequence) >= FEWEST_INSTRUCTIONS
        else "",
    )


def _key(*parts: bytes) -> str:
    state = blake2b(digest_size=_KEY_BYTES)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def _mark(text: bytes, marks: dict[bytes, bytes]) -> bytes:
    """The string, or its hash where it is long: in Lua 5.5 a few bytes name one string again and again."""
    if len(text) <= _SHORT:
        return text
    if text not in marks:
        marks[text] = blake2b(text, digest_size=_SHORT).digest()
    return marks[text]


def strings_and_numbers(prototype: Prototype) -> tuple[list[bytes], set[Number]]:
    """The strings of a function in the order of its constants, with those of its tables, and its numbers."""
    strings: list[bytes] = []
    numbers: set[Number] = {_whole(each) for each in prototype.numbers}
    for constant in prototype.constants:
        kind = type(constant)
        if kind is bytes:
            strings.append(constant)  # type: ignore[arg-type]
        elif kind is int or kind is float:
            numbers.add(_whole(constant))  # type: ignore[arg-type]
        elif isinstance(constant, BoxedInteger):
            numbers.add(constant.value)
        elif isinstance(constant, TableConstant):
            for item in _items(constant):
                if isinstance(item, bytes):
                    strings.append(item)
                else:
                    numbers.add(_whole(item))
    return strings, numbers


def _items(table: TableConstant) -> Iterator[bytes | Number]:
    for item in chain(table.array, chain.from_iterable(table.pairs)):
        if item is not None and not isinstance(item, bool):
            yield item


def _whole(number: Number) -> Number:
    """The number as an int where it is one, since compilers differ in which they keep."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _immediate(prototype: Prototype, dialect: Dialect) -> set[Number]:
    """The numbers that instructions load without a constant."""
    if dialect.is_luajit:
        wanted = {dialect.numbers["KSHORT"]}
    elif dialect.family == "lua-5.4":
        wanted = {dialect.numbers["LOADI"], dialect.numbers["LOADF"]}
    else:
        return set()
    mask = dialect.mask
    loads = {word for word in set(words(prototype)) if word & mask in wanted}
    if dialect.is_luajit:
        return {(word >> 16) - (word >> 31 << 16) for word in loads}
    return {(word >> 15) - 0xFFFF for word in loads}
