"""The features of a dump as traits: kind, value, and where in the dump they are.

| kind | value |
|---|---|
| `code:language` | the dialect |
| `code:string` | each string of four characters or more |
| `code:constant` | each number that is not small and whole |
| `code:function` | a key of the strings of a function, the same under every compiler; a key of its opcodes |
| `code:opcodes` | six opcodes that follow each other; one in four of them, everywhere the same ones |
| `code:import` | modules required; what is taken from libraries and modules |
| `code:component` | modules declared; the name of the chunk |
| `file:path` | the path of the source, where the chunk is named by one |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from math import isnan
from typing import NamedTuple
from zlib import crc32

from consilience.analyse.lua.comparable_sets import ComparableSets, Number, comparable_sets
from consilience.analyse.lua.components import components, spelled
from consilience.analyse.lua.dialects import family_names
from consilience.analyse.lua.dump import Dump, Prototype
from consilience.analyse.lua.source import LuaSource

SHORTEST = 4
LONGEST = 1_024
SMALL = range(-256, 257)
ONE_IN = 4
_LANGUAGES = {"luajit-": "LuaJIT ", "lua-": "Lua "}
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")


class Feature(NamedTuple):
    """One trait of a sample: its kind, its value, and the function that shows it."""

    kind: str
    value: str
    where: str


def features(dump: Dump) -> tuple[Feature, ...]:
    """All features of a dump, each once, with the first place that shows it.

    Of a fork with instructions of its own only what does not rest on them: strings, constants, keys of strings.
    """
    seen: set[tuple[str, str]] = set()
    found: list[Feature] = []
    for feature in _all(dump):
        key = feature[:2]
        if key not in seen:
            seen.add(key)
            found.append(feature)
    return tuple(found)


def source_features(source: LuaSource) -> tuple[Feature, ...]:
    """The features of a source that a dump of it would show too, whatever compiles it."""
    found = [Feature("code:language", "Lua", "source")]
    found += [Feature("code:import", printable(name), "source") for name in (*source.required, *source.library)]
    texts = dict.fromkeys(string_value(text) for text in sorted(source.strings))
    found += [Feature("code:string", value, "source") for value in texts if value]
    found += [Feature("code:constant", repr(number), "source") for number in sorted(_distinctive(source.numbers))]
    return tuple(found)


def _all(dump: Dump) -> Iterator[Feature]:
    content = comparable_sets(dump)
    yield Feature("code:language", language(dump, content.standard), "header")
    names: dict[int, str] = {}
    if content.standard:
        parts = components(dump)
        names = dict(parts.names)
        for part in (*parts.required, *parts.library):
            yield Feature("code:import", printable(part.name), place(part.where, names))
        for part in parts.declared:
            yield Feature("code:component", printable(part.name), place(part.where, names))
    yield from _chunk(dump)
    yield from _functions(content, names)
    yield from _grams(content)


def language(dump: Dump, standard: bool) -> str:
    """The dialect in words, and whether the dump is of a fork."""
    name = dump.dialect
    for prefix, words in _LANGUAGES.items():
        if name.startswith(prefix):
            name = words + name.removeprefix(prefix)
            break
    return name if standard and not dump.private else f"{name} fork"


def _chunk(dump: Dump) -> Iterator[Feature]:
    if not dump.chunk or dump.chunk[:1] != b"@":
        return
    path = printable(spelled(dump.chunk[1:]))
    base = re.split(r"[/\\]", path)[-1]
    if base:
        yield Feature("code:component", base.removesuffix(".lua"), "chunk name")
    if base != path and len(path) <= LONGEST:
        yield Feature("file:path", path, "chunk name")


def _functions(content: ComparableSets, names: dict[int, str]) -> Iterator[Feature]:
    known: set[bytes] = set()
    for function in content.functions:
        where = place(function.prototype, names)
        new = function.strings - known
        known |= new
        for value in sorted({string_value(text) for text in new} - {""}):
            yield Feature("code:string", value, where)
        for number in sorted(_distinctive(function.numbers)):
            yield Feature("code:constant", repr(number), where)
        if function.names:
            yield Feature("code:function", f"lua-strings:{function.names}", where)
        if function.sequence:
            yield Feature("code:function", f"{content.family}-code:{function.sequence}", where)


def _grams(content: ComparableSets) -> Iterator[Feature]:
    spelling = family_names()[content.family]
    for gram in sorted([each for each in content.grams if crc32(each) % ONE_IN == 0]):
        yield Feature("code:opcodes", " ".join([content.family, *[spelling[each] for each in gram]]), "code")


def _distinctive(numbers: Iterable[Number]) -> Iterator[Number]:
    """The numbers that are not small and whole, without NaN."""
    return (each for each in numbers if (each not in SMALL if isinstance(each, int) else not isnan(each)))


def string_value(text: bytes) -> str:
    """A string as the value of a trait: empty when it is too short to tell, its hash when it is too long to show."""
    if len(text) > LONGEST:
        return f"sha256:{sha256(text).hexdigest()}"
    value = printable(spelled(text)).strip()
    return value if len(value) >= SHORTEST else ""


def printable(text: str) -> str:
    """The text with characters that cannot be seen as escapes."""
    return text if text.isprintable() else _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def place(prototype: Prototype, names: dict[int, str]) -> str:
    """Where a function is, for people: its offset in the dump, its name and lines where they are known."""
    where = f"function at {prototype.offset:#x}"
    if prototype.offset in names:
        where += f" {printable(names[prototype.offset])}"
    if prototype.last_line:
        where += f", lines {prototype.line}-{prototype.last_line}"
    return where
