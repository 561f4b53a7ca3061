"""The formats of programs: each parser turns bytes that may lie into an `Image`.

`bounds` reading numbers out of such bytes · `image` what every container becomes · `recognised` how programs begin ·
`pe`, `elf`, `macho` (over `macho_names`), `dotnet` (over `dotnet_tables`) the formats.
"""
