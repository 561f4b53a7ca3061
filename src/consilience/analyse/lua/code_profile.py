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

from collections.abc import Iterable, Sequence

import numpy as np

from consilience.analyse.lua.comparable_sets import ENOUGH_CHECKED
from consilience.analyse.lua.components import Components, components
from consilience.analyse.lua.conformance import conformance
from consilience.analyse.lua.constants import (
    ConstantCollector,
    channel,
    constants_and_strings,
    hashed,
    joined,
    numbers_at,
)
from consilience.analyse.lua.dialects import dialects
from consilience.analyse.lua.dump import Dump
from consilience.analyse.lua.features import printable
from consilience.analyse.lua.names import is_standard, standard_names
from consilience.analyse.lua.opcode_features import OpcodeFeatures, operations
from consilience.analyse.lua.source import LuaSource
from consilience.model.code import Channel, CodeProfile, no_features

FORMAT = "lua"
MOST_IMPORTS, MOST_NAMES = 2_000, 2_000
_LONGEST_NAME = 80


def dumps_profile(data: bytes, dumps: Sequence[Dump], sample: str) -> tuple[CodeProfile, list[Components | None]]:
    """The profile of all dumps of a file together, and the components of each; None of forks.

    Of a fork with instructions of its own, its strings and constants count alone.
    """
    parts = [components(dump) if conformance(dump, ENOUGH_CHECKED).standard else None for dump in dumps]
    held = ConstantCollector(data, [each for dump in dumps for each in dump.prototypes])
    for dump in dumps:
        held.take(dump)
    names, code = _imported(parts), _code(data, dumps, parts)
    channels = held.channels(names, [each.loaded for each in code]) | {
        "function": joined([each.functions for each in code]),
        "gram": joined([each.grams for each in code]),
    }
    kinds = {dump.dialect if part else f"{dump.dialect} fork" for dump, part in zip(dumps, parts, strict=True)}
    profile = CodeProfile(
        sample=sample,
        format=FORMAT,
        machine=", ".join(sorted(kinds)),
        channels=channels,
        functions=held.functions,
        imports=tuple(names),
        names=_function_names(part.names.items() for part in parts if part),
        instructions=sum([len(each.code) // 4 for dump in dumps for each in dump.prototypes]),
        size=len(data),
    )
    return profile, parts


def source_profile(data: bytes, source: LuaSource, sample: str) -> CodeProfile:
    """The profile of a source: what a dump of it would hold too, and nothing that a compiler makes of it."""
    every = sorted(source.strings - standard_names())
    numbers = numbers_at({number: source.places[number] for number in sorted(source.numbers)})
    places = [source.places.get(text, 0) for text in every]
    names = _distinctive((*source.required, *source.library))
    return CodeProfile(
        sample=sample,
        format=FORMAT,
        machine="Lua source",
        channels=constants_and_strings(every, hashed(every), places, numbers) | {"import": _imports(names)},
        functions=np.array(source.starts, dtype=np.int64),
        imports=tuple(names),
        names=_function_names([source.names.items()]),
        size=len(data),
    )


def _code(data: bytes, dumps: Sequence[Dump], parts: Sequence[Components | None]) -> list[OpcodeFeatures]:
    """What the instructions give, of the dumps of each dialect together."""
    rows: dict[str, list[Dump]] = {}
    for dump, part in zip(dumps, parts, strict=True):
        if part is not None:
            rows.setdefault(dump.dialect, []).append(dump)
    return [
        operations(data, [each for dump in group for each in dump.prototypes], dialects()[name])
        for name, group in rows.items()
    ]


def _imported(parts: Iterable[Components | None]) -> list[str]:
    return _distinctive(part.name for each in parts if each for part in (*each.required, *each.library))


def _distinctive(names: Iterable[str]) -> list[str]:
    return sorted({printable(name) for name in names if not is_standard(name)})[:MOST_IMPORTS]


def _imports(names: Sequence[str]) -> Channel:
    return channel(hashed([name.encode() for name in names]), np.arange(len(names))) if names else no_features()


def _function_names(rows: Iterable[Iterable[tuple[int, str]]]) -> tuple[tuple[int, str], ...]:
    found = {at: printable(name)[:_LONGEST_NAME] for each in rows for at, name in each}
    return tuple(sorted(found.items())[:MOST_NAMES])
