"""What a program shows about its making, one file a container: `pe`, `elf`, `lua`; `mark` what they tell."""

from consilience.read.sample.marks.mark import Mark

__all__ = ["Mark"]
