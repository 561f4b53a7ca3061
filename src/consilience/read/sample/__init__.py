"""Samples: programs as their parts, and their code as features that can be compared. Nothing is run.

`bounds` reading bytes that may lie · `image` what every container becomes · `pe`, `elf` the containers · `code` the
instructions and features of machine code · `lua` dumps and sources of Lua and LuaJIT · `marks` what all of them show
about their making · `measured` a file's profile and marks, made in the locked process · `program`, `lua_file` readers.
"""
