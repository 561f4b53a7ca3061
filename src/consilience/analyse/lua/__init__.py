"""Reads compiled Lua: LuaJIT 2.0 and 2.1, PUC Lua 5.1 to 5.5, with debug information or stripped of it. Runs nothing.

`reading` finds the dialect · `luajit`, `puc_fixed` (5.1 to 5.3), `puc_varint` (5.4, 5.5) read one dump into the values
of `dump` · `dialects` and `instructions` what its code says · `conformance` (over `faults`) whether the code is
standard, `forks` (over `assignment`) what it means where it is not · `components` the parts it names · `profile` what
can be compared, as sets · `source` the same of a source · `features` all of it as traits.

What the product takes of a file: `recognised` whether there is Lua in it · `found` all of it, as notes, parts and one
profile · `comparable` that profile, over `constants`, `operations` and `names` · `shown` its features as text again.
"""

from consilience.analyse.lua.components import Components, Part, components
from consilience.analyse.lua.conformance import Conformance, conformance
from consilience.analyse.lua.dump import Debug, Dump, Limits, Prototype, Table, Variable, Wide
from consilience.analyse.lua.errors import DumpError
from consilience.analyse.lua.features import Feature, features, source_features
from consilience.analyse.lua.forks import Renumbering, renumbering, standardised
from consilience.analyse.lua.instructions import Instruction, instructions
from consilience.analyse.lua.profile import Profile, profile
from consilience.analyse.lua.reading import find_dumps, read_dump
from consilience.analyse.lua.source import Source, read_source

__all__ = [
    "Components",
    "Conformance",
    "Debug",
    "Dump",
    "DumpError",
    "Feature",
    "Instruction",
    "Limits",
    "Part",
    "Profile",
    "Prototype",
    "Renumbering",
    "Source",
    "Table",
    "Variable",
    "Wide",
    "components",
    "conformance",
    "features",
    "find_dumps",
    "instructions",
    "profile",
    "read_dump",
    "read_source",
    "renumbering",
    "source_features",
    "standardised",
]
