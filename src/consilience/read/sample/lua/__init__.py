"""Reads compiled Lua: dumps of LuaJIT 2.0 and 2.1 and of PUC Lua 5.1 to 5.5, with debug information or stripped of it."""

from consilience.read.sample.lua.dump import Debug, Dump, Limits, Prototype, Table, Variable, Wide
from consilience.read.sample.lua.errors import DumpError
from consilience.read.sample.lua.reading import read_dump

__all__ = ["Debug", "Dump", "DumpError", "Limits", "Prototype", "Table", "Variable", "Wide", "read_dump"]
