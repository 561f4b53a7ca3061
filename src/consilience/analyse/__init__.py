"""Bytes to what they show: programs as their parts, and their code as features that can be compared. Nothing is run.

`containers` PE, ELF, Mach-O and .NET, which all become an `Image` · `archive` what holds programs · `code` the
instructions and features of code · `lua` dumps and sources of Lua and LuaJIT · `configuration` what samples were
configured to do, by descriptions · `marks` what a program shows about its build · `strings` its texts · `sample` all of
that for one program, as the sandbox runs it · `hashing` many numbers at once · `arrays`
names of types.

This room sees bytes and nothing else: no case, no database, no network and no file path.
"""
