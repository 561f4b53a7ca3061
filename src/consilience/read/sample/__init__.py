"""Samples: programs as their parts, and their code as features that can be compared. Nothing is run.

`bounds` reading bytes that may lie · `image` what every container becomes · `pe`, `elf`, `macho` (over `macho_names`),
`dotnet` (over `dotnet_tables`) the containers · `archive` what holds programs · `code` the instructions and features of
code · `lua` dumps and sources of Lua and LuaJIT · `configuration` what samples were told to do, by descriptions ·
`marks` what a program shows about its build · `measured` all of that for one program, in the locked process ·
`analyser` that process · `taken` its answers as observations · `program`, `archive_file`, `lua_file` and `specimen`
the readers.
"""
