"""The marks of Lua: what it was compiled by, the modules it is made of, and the sources it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from consilience.analyse.lua.components import Components, spelled
from consilience.analyse.lua.content import LuaContent
from consilience.analyse.lua.dump import Dump
from consilience.analyse.lua.features import language, place, printable
from consilience.analyse.lua.names import is_standard
from consilience.analyse.marks.mark import Mark

MOST_COMPONENTS, MOST_PATHS = 200, 200
CHUNK = "the name of a chunk, which anybody can set"
_LONGEST = 200


def lua_marks(found: LuaContent) -> Iterator[Mark]:
    """What the Lua in a file shows about how it was made."""
    if found.source is not None:
        yield Mark("code:language", "Lua", "the whole file", "a source")
        for name in [each for each in found.source.required if not is_standard(each)][:MOST_COMPONENTS]:
            yield Mark("code:component", printable(name)[:_LONGEST], "the whole file", "a module it requires")
        return
    yield from _languages(found)
    yield from _first((mark for row in found.dumps for mark in _components(*row)), MOST_COMPONENTS)
    yield from _first((mark for at, dump, _ in found.dumps for mark in _path(at, dump)), MOST_PATHS)


def _first(marks: Iterator[Mark], most: int) -> Iterator[Mark]:
    """So many of the marks, each value once."""
    seen: set[str] = set()
    for mark in marks:
        if len(seen) == most:
            return
        if mark.value not in seen:
            seen.add(mark.value)
            yield mark


def _languages(found: LuaContent) -> Iterator[Mark]:
    by_language: dict[str, list[tuple[int, Dump]]] = {}
    for at, dump, parts in found.dumps:
        by_language.setdefault(language(dump, parts is not None), []).append((at, dump))
    for name, rows in by_language.items():
        stripped = sum(dump.stripped for _, dump in rows)
        functions = sum(len(dump.prototypes) for _, dump in rows)
        flags = sorted({flag for _, dump in rows for flag in dump.flags if flag != "stripped"})
        notes = [
            f"{len(rows)} dumps" if len(rows) > 1 else "1 dump",
            f"{functions} functions",
            _debug(stripped, len(rows)),
        ]
        note = ", ".join([*notes, *(f"flag {flag}" for flag in flags)])
        yield Mark("code:language", name, f"dump at {rows[0][0]:#x}", note)


def _debug(stripped: int, many: int) -> str:
    if stripped == many:
        return "stripped of debug information"
    return "with debug information" if not stripped else f"{stripped} of them stripped of debug information"


def _components(at: int, dump: Dump, parts: Components | None) -> Iterator[Mark]:
    if name := _base(dump):
        yield Mark("code:component", name, f"dump at {at:#x}", CHUNK, "low")
    if parts is None:
        return
    names = dict(parts.names)
    for note, rows in (("a module it declares", parts.declared), ("a module it requires", parts.required)):
        for part in rows:
            if not is_standard(part.name):
                yield Mark("code:component", printable(part.name)[:_LONGEST], place(part.where, names), note)


def _path(at: int, dump: Dump) -> Iterator[Mark]:
    if dump.chunk and dump.chunk.startswith(b"@"):
        path = printable(spelled(dump.chunk[1:]))
        if re.search(r"[/\\]", path) and len(path) <= 1_024:
            yield Mark("file:path", path, f"dump at {at:#x}", CHUNK, "low")


def _base(dump: Dump) -> str:
    """The last part of the name of a chunk without its ending; empty where the chunk is named by no file."""
    if not dump.chunk or not dump.chunk.startswith(b"@"):
        return ""
    path = printable(spelled(dump.chunk[1:]))
    return re.split(r"[/\\]", path)[-1].removesuffix(".lua")[:_LONGEST]
