"""What a program shows about how it was built and by whom, one file a container: `pe`, `elf`, `macho`,
`dotnet`; `mark` what they tell."""

from consilience.read.sample.marks.mark import Mark

__all__ = ["Mark"]
