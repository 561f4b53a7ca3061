"""What a program shows about its build and its makers, one file a container: `pe`, `elf`, `macho`, `dotnet`, `lua`;
`mark` what they tell."""

from consilience.analyse.marks.mark import Mark

__all__ = ["Mark"]
