"""What the dumps of one file, or a source, give to compare: a code profile, with places in the file.

| channel | a feature is |
|---|---|
| function | the opcodes of a function in their order, and its shape; of one family of compilers |
| block | all names and texts of a function together, three or more; the same under every compiler |
| gram | six opcodes that follow each other; of one family of compilers |
| constant | a name (of a global, field, method or key) or a number that is not small and whole |
| string | any other string of four bytes or more |
| import | a module required, or what is taken from one |

What Lua itself names is left out everywhere. A text and a wide number are the same feature as in a machine program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from struct import Struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from consilience.model.code import Channel, CodeProfile, Numbers, Places, no_features
from consilience.read.sample.lua.components import Components, components
from consilience.read.sample.lua.conformance import conformance
from consilience.read.sample.lua.dialects import Dialect, dialects, family_names
from consilience.read.sample.lua.dump import Dump, Prototype
from consilience.read.sample.lua.features import LONGEST, SHORTEST, SMALL, printable
from consilience.read.sample.lua.names import is_name, is_standard, standard_names
from consilience.read.sample.lua.profile import (
    ENOUGH_CHECKED,
    FEWEST_INSTRUCTIONS,
    FEWEST_STRINGS,
    GRAM,
    held_by,
)
from consilience.read.sample.lua.source import Source
from consilience.read.sample.mixing import distinct, mixed, ordered, texts

FORMAT = "lua"
MOST = 1_000_000
MOST_IMPORTS, MOST_NAMES = 20_000, 2_000
_LONGEST_NAME = 80
_REACH = 4_096
_REAL = Struct("<d")
_LOADS: Mapping[str, tuple[tuple[str, ...], int, int]] = {
    "luajit": (("KSHORT",), 16, 0x8000),
    "lua-5.4": (("LOADI", "LOADF"), 15, 0xFFFF),
}
"""Which instructions of a family load a number, from which bit on it stands in the word, and what is taken off it."""
_WORD = (1 << 64) - 1
_NAME_SALT = np.uint64(0x6C75616E616D6573)
_SET_SALT = np.uint64(0x6C75617365747321)


def dumps_profile(data: bytes, dumps: Sequence[Dump], sample: str) -> tuple[CodeProfile, list[Components | None]]:
    """The profile of all dumps of a file together, and the components of each; None of forks.

    Of a fork with instructions of its own, its strings and constants count alone.
    """
    standard = [conformance(dump, ENOUGH_CHECKED).standard for dump in dumps]
    parts = [components(dump) if plain else None for dump, plain in zip(dumps, standard, strict=True)]
    held = _Held(data, [each for dump in dumps for each in dump.prototypes])
    code = [_code(data, dump) for dump, plain in zip(dumps, standard, strict=True) if plain]
    for dump in dumps:
        held.take(dump)
    names = _imported(parts)
    channels = held.channels() | {
        "function": _joined([each.functions for each in code]),
        "gram": _joined([each.grams for each in code]),
        "import": _imports(names),
    }
    channels["constant"] = _joined([channels["constant"], *(each.loaded for each in code)])
    machines = sorted({dump.dialect + ("" if plain else " fork") for dump, plain in zip(dumps, standard, strict=True)})
    profile = CodeProfile(
        sample=sample,
        format=FORMAT,
        machine=", ".join(machines),
        channels=channels,
        functions=held.functions,
        imports=tuple(names),
        names=_function_names(parts),
        instructions=sum(len(each.code) // 4 for dump in dumps for each in dump.prototypes),
        size=len(data),
    )
    return profile, parts


def source_profile(data: bytes, source: Source, sample: str) -> CodeProfile:
    """The profile of a source: what a dump of it would hold too, and nothing that a compiler makes of it."""
    texts = {text: source.places.get(text, 0) for text in sorted(source.strings - standard_names()) if text}
    numbers = {_bits(each): source.places[each] for each in sorted(source.numbers) if is_telling(each)}
    names = sorted({printable(name) for name in (*source.required, *source.library) if not is_standard(name)})
    channels = _of_constants(texts, numbers) | {"import": _imports(names[:MOST_IMPORTS])}
    told = ((at, printable(name)[:_LONGEST_NAME]) for at, name in source.names.items())
    return CodeProfile(
        sample=sample,
        format=FORMAT,
        machine="Lua source",
        channels=channels,
        functions=np.array(source.starts, dtype=np.int64),
        imports=tuple(names[:MOST_IMPORTS]),
        names=tuple(sorted(told)[:MOST_NAMES]),
        size=len(data),
    )


class _Held:
    """The strings and numbers of functions, each with the place at which it is first seen."""

    def __init__(self, data: bytes, prototypes: Iterable[Prototype]) -> None:
        self.data = data
        starts = sorted(each.offset for each in prototypes)
        self.functions = np.array(starts, dtype=np.int64)
        self.ends = dict(zip(starts, [*starts[1:], len(data)], strict=True))
        self.texts: dict[bytes, int] = {}
        self.numbers: dict[int, int] = {}
        self.sets: list[set[bytes]] = []
        self.owners: list[int] = []

    def take(self, dump: Dump) -> None:
        known, standard, numbers = self.texts, standard_names(), self.numbers
        backwards = dialects()[dump.dialect].is_luajit
        for prototype in dump.prototypes:
            strings, found = held_by(prototype)
            at = prototype.offset
            for number in found:
                if is_telling(number):
                    numbers.setdefault(_bits(number), at)
            told = set(strings) - standard
            told.discard(b"")
            if not known.keys() >= told:
                for text in reversed(strings) if backwards else strings:
                    if text in told and text not in known:
                        at = self._place(text, at, prototype.offset)
                        known[text] = at
            if len(told) >= FEWEST_STRINGS:
                self.sets.append(told)
                self.owners.append(prototype.offset)

    def _place(self, text: bytes, after: int, start: int) -> int:
        """Where a string stands in its function behind the last one; where that was when it stands elsewhere."""
        found = self.data.find(text, after, min(after + len(text) + _REACH, self.ends[start]))
        return found if found >= 0 else after

    def channels(self) -> dict[str, Channel]:
        blocks = {"block": self._blocks(dict(zip(self.texts, hashed(list(self.texts)).tolist(), strict=True)))}
        return _of_constants(self.texts, self.numbers) | blocks

    def _blocks(self, value: dict[bytes, int]) -> Channel:
        if not self.sets:
            return no_features()
        many = np.fromiter(map(len, self.sets), dtype=np.int64, count=len(self.sets))
        flat = np.fromiter((value[text] for each in self.sets for text in each), dtype=np.uint64, count=int(many.sum()))
        first = np.cumsum(many) - many
        total = np.add.reduceat(mixed(flat ^ _SET_SALT), first)
        return channel(mixed(total), np.array(self.owners, dtype=np.int64))


def _of_constants(held: Mapping[bytes, int], numbers: Mapping[int, int]) -> dict[str, Channel]:
    """The constants and strings of texts and numbers of 64 bits, each with its place."""
    every = list(held)
    value = hashed(every)
    place = np.fromiter(held.values(), dtype=np.int64, count=len(every))
    names = np.fromiter((is_name(text) is not None for text in every), dtype=bool, count=len(every))
    telling = ~names & (np.fromiter(map(len, every), dtype=np.int64, count=len(every)) >= SHORTEST)
    wide = np.fromiter(numbers, dtype=np.uint64, count=len(numbers))
    at = np.fromiter(numbers.values(), dtype=np.int64, count=len(numbers))
    return {
        "constant": channel(np.concatenate((as_names(value[names]), wide)), np.concatenate((place[names], at))),
        "string": channel(value[telling], place[telling]),
    }


def hashed(every: Sequence[bytes]) -> Numbers:
    """A number for each text, as the strings of machine programs have it; of long ones the beginning counts."""
    if not every:
        return np.empty(0, dtype=np.uint64)
    cut = [text[:LONGEST] for text in every]
    size = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut))
    raw = np.frombuffer(b"".join(cut) + bytes(8), dtype=np.uint8)
    return texts(raw, np.cumsum(size) - size, size)


def as_names(value: Numbers) -> Numbers:
    """The same numbers for texts that are names, which are no texts to compare with."""
    return mixed(value ^ _NAME_SALT)


def channel(value: Numbers, place: Places) -> Channel:
    """A channel of these features; of more than a million those with the lowest numbers, which chance chose."""
    value, place = distinct(value, place)
    return Channel(value[:MOST], place[:MOST])


def is_telling(number: int | float) -> bool:
    """Whether a number is neither small and whole, nor infinite or none at all."""
    return number not in SMALL if isinstance(number, int) else isfinite(number)


def _bits(number: int | float) -> int:
    """A number as 64 bits: an integer as it is, a fraction as a double."""
    if isinstance(number, int):
        return number & _WORD
    return int.from_bytes(_REAL.pack(number), "little")


def _joined(parts: Sequence[Channel]) -> Channel:
    if not parts:
        return no_features()
    return channel(np.concatenate([each.value for each in parts]), np.concatenate([each.address for each in parts]))


class _Code(NamedTuple):
    functions: Channel
    grams: Channel
    loaded: Channel


def _code(data: bytes, dump: Dump) -> _Code:
    """The keys of whole functions, the opcode n-grams, and the numbers that instructions load, of standard code."""
    dialect = dialects()[dump.dialect]
    rows = [each for each in dump.prototypes if each.code]
    size = np.fromiter((len(each.code) // 4 for each in rows), dtype=np.int64, count=len(rows))
    offsets = np.fromiter((each.offset for each in rows), dtype=np.int64, count=len(rows))
    code = b"".join([each.code for each in rows])
    opcode = canonical(code, dialect)
    if len(opcode) < GRAM:
        return _Code(no_features(), no_features(), no_features())
    family = _family(dialect)
    shape = np.fromiter((each.parameters << 32 | len(each.children) for each in rows), dtype=np.uint64, count=len(rows))
    first = np.cumsum(size) - size
    whole = mixed(ordered(mixed(opcode | family << np.uint64(8)), first) ^ mixed(shape | family << np.uint64(56)))
    kept = size >= FEWEST_INSTRUCTIONS
    gram = grams(opcode, dialect)
    of = np.repeat(np.arange(len(rows)), size)
    place = np.arange(len(opcode)) - first[of]
    inside = (place + GRAM <= size[of])[: len(gram)]
    start = np.fromiter((_code_at(data, each) for each in rows), dtype=np.int64, count=len(rows))
    at = start[of] + 4 * place
    loads, loaded = immediates(np.frombuffer(code, dtype="<u4"), dialect)
    return _Code(
        channel(whole[kept], offsets[kept]), channel(gram[inside], at[: len(gram)][inside]), channel(loaded, at[loads])
    )


def immediates(words: npt.NDArray[np.uint32], dialect: Dialect) -> tuple[Places, Numbers]:
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


def grams(opcode: Numbers, dialect: Dialect) -> Numbers:
    """A number for each six opcodes that follow each other; the family is in it, so that two families never agree."""
    many = len(opcode) - GRAM + 1
    gram = np.full(many, _family(dialect) << np.uint64(8 * GRAM), dtype=np.uint64)
    for step in range(GRAM):
        gram |= opcode[step : step + many] << np.uint64(8 * step)
    return mixed(gram)


def _family(dialect: Dialect) -> np.uint64:
    return np.uint64(1 + sorted(family_names()).index(dialect.family))


def canonical(code: bytes, dialect: Dialect) -> Numbers:
    """The opcodes of these words as the family of the dialect counts them."""
    table = np.frombuffer(dialect.canonical, dtype=np.uint8)
    numbers = np.frombuffer(code, dtype=np.uint8)[::4] & np.uint8(dialect.mask)
    opcode: Numbers = table[numbers].astype(np.uint64)
    return opcode


def _code_at(data: bytes, prototype: Prototype) -> int:
    """Where the instructions of a function stand; where it starts when they are kept in another order of bytes."""
    code = prototype.code
    return max(prototype.offset, data.find(code, prototype.offset, prototype.offset + len(code) + _REACH))


def _imported(parts: Iterable[Components | None]) -> list[str]:
    found = {part.name for each in parts if each for part in (*each.required, *each.library)}
    return sorted(printable(name) for name in found if not is_standard(name))[:MOST_IMPORTS]


def _imports(names: Sequence[str]) -> Channel:
    if not names:
        return no_features()
    return channel(hashed([name.encode() for name in names]), np.arange(len(names)))


def _function_names(parts: Iterable[Components | None]) -> tuple[tuple[int, str], ...]:
    found = {at: printable(name)[:_LONGEST_NAME] for each in parts if each for at, name in each.names.items()}
    return tuple(sorted(found.items())[:MOST_NAMES])
