"""What a program shows about its build and its makers, one file a container: `pe`, `elf`, `macho`, `dotnet`, `lua`;
`mark` one finding."""

from consilience.analyse.marks.mark import Mark

__all__ = ["Mark"]
