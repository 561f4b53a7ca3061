"""The Lua in a file: its dumps, wherever they stand, or the source that it is; as a profile, marks and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consilience.analyse.lua.code_profile import dumps_profile, source_profile
from consilience.analyse.lua.components import Components
from consilience.analyse.lua.dialects import dialects, family_names
from consilience.analyse.lua.dump import Dump, DumpLimits
from consilience.analyse.lua.errors import DumpError
from consilience.analyse.lua.names import standard_names
from consilience.analyse.lua.reading import find_dumps, read_dump_at
from consilience.analyse.lua.recognised import begins_as_dump
from consilience.analyse.lua.source import LuaSource, read_source
from consilience.model.code import CodeProfile

LARGEST = 128 * 1024**2
MOST_DUMPS = 4_096
COMMONPLACE = "names that Lua itself gives every program (string.format, io.open, pairs) are not compared"
_LIMITS = DumpLimits(size=LARGEST)


@dataclass(frozen=True, slots=True)
class LuaContent:
    """The Lua of one file: dumps with their offsets and components (None of forks), or one source."""

    profile: CodeProfile
    dumps: tuple[tuple[int, Dump, Components | None], ...] = ()
    source: LuaSource | None = None
    notes: tuple[str, ...] = ()


def load_tables() -> None:
    """Loads the tables that reading needs: a locked process can open no file any more."""
    for table in (dialects, family_names, standard_names):
        table()


def dumps_in(data: bytes, sample: str) -> LuaContent | None:
    """All dumps of these bytes as one profile; None when none is there.

    Raises:
        DumpError: the bytes begin as a dump, which is damaged, and hold no other.
    """
    found: list[tuple[int, Dump]] = []
    notes: list[str] = []
    try:
        for each in find_dumps(data, _LIMITS):
            found.append(each)
            if len(found) >= MOST_DUMPS:
                notes.append(f"more than {MOST_DUMPS:,} dumps begin here, and the rest were not read")
                break
    except DumpError as error:
        notes.append(str(error))
    if begins_as_dump(data) and (not found or found[0][0]):
        notes.append(_damage(data, bool(found)))
    if not found:
        return None
    dumps = [dump for _, dump in found]
    profile, parts = dumps_profile(data, dumps, sample)
    notes += [*_rest(data, dumps), *_forks(dumps, parts), COMMONPLACE]
    rows = tuple((at, dump, part) for (at, dump), part in zip(found, parts, strict=True))
    return LuaContent(profile, rows, notes=tuple(notes))


def source_in(data: bytes, sample: str) -> LuaContent:
    """A source as a profile. Raises DumpError when it cannot be scanned."""
    source = read_source(data)
    note = "a source has no instructions: its names, numbers, texts and modules are compared"
    return LuaContent(source_profile(data, source, sample), source=source, notes=(note, COMMONPLACE))


def _damage(data: bytes, others: bool) -> str:
    """What is wrong with the dump that the bytes begin as; raises it when they hold no others."""
    try:
        read_dump_at(data, 0, _LIMITS)
    except DumpError as error:
        if not others:
            raise
        return f"the dump at the beginning is damaged: {error.what}"
    return ""


def _rest(data: bytes, dumps: Sequence[Dump]) -> list[str]:
    left = len(data) - sum(dump.size for dump in dumps)
    if not left or not begins_as_dump(data):
        return []
    return [f"{left:,} of {len(data):,} bytes belong to no dump"]


def _forks(dumps: Sequence[Dump], parts: Sequence[Components | None]) -> list[str]:
    many = sum(part is None for part in parts)
    if not many:
        return []
    return [f"instructions are numbered as in no release in {many} of {len(dumps)} dumps: strings and numbers count"]
