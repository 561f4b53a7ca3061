"""Reads compiled Lua: LuaJIT 2.0 and 2.1, PUC Lua 5.1 to 5.5, with debug information or stripped of it. Runs nothing.

`reading` finds the dialect; `luajit` and `puc` read one dump into the values of `dump` · `dialects` and `instructions`
describe its code · `conformance` (over `impossible_operands`) says whether that code is standard, and `forks` (over
`assignment`) what it means where it is not · `components` finds the parts it names · `comparable_sets` what can be
compared · `source` reads the same from a source · `features` gives all of it as traits.

For a file: `recognised` says whether it holds Lua · `content` reads all of it, as notes, parts and one profile ·
`code_profile` makes that profile, over `constants`, `opcode_features` and `names` · `feature_text` gives its features
as text again.
"""

from consilience.analyse.lua.comparable_sets import ComparableSets, comparable_sets
from consilience.analyse.lua.components import Components, NamedPart, components
from consilience.analyse.lua.conformance import Conformance, conformance
from consilience.analyse.lua.dump import BoxedInteger, DebugInfo, Dump, DumpLimits, Prototype, TableConstant, Variable
from consilience.analyse.lua.errors import DumpError
from consilience.analyse.lua.features import Feature, features, source_features
from consilience.analyse.lua.forks import Renumbering, renumbering, standardised
from consilience.analyse.lua.instructions import Instruction, instructions
from consilience.analyse.lua.reading import find_dumps, read_dump
from consilience.analyse.lua.source import LuaSource, read_source

__all__ = [
    "BoxedInteger",
    "ComparableSets",
    "Components",
    "Conformance",
    "DebugInfo",
    "Dump",
    "DumpError",
    "DumpLimits",
    "Feature",
    "Instruction",
    "LuaSource",
    "NamedPart",
    "Prototype",
    "Renumbering",
    "TableConstant",
    "Variable",
    "comparable_sets",
    "components",
    "conformance",
    "features",
    "find_dumps",
    "instructions",
    "read_dump",
    "read_source",
    "renumbering",
    "source_features",
    "standardised",
]
