"""The strings of a program that are names, and the names that Lua itself gives to every program."""

from __future__ import annotations

import re
from functools import lru_cache

from consilience.analyse.lua.components import library_names, parts_table

is_name = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*").fullmatch
"""Whether bytes are what Lua takes as a name: of a global, a field, a method."""


@lru_cache(maxsize=1)
def standard_names() -> frozenset[bytes]:
    """What Lua, LuaJIT and their libraries name: in every program, and telling none from another.

    The empty string is one of them.
    """
    return frozenset((b"", *(name.encode() for name in parts_table()["names"]["standard"].split())))


def is_standard(name: str) -> bool:
    """Whether a module, or a member of one, comes with Lua or LuaJIT."""
    return name.partition(".")[0] in library_names() or name.encode() in standard_names()
