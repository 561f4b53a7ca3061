"""The marks of an ELF: the compilers that say so, and the identity of the build."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.read.sample.elf import Elf
from consilience.read.sample.marks.mark import Mark

MAX_TOOLS = 40
_LONGEST = 200


def elf_marks(parsed: Elf) -> Iterator[Mark]:
    """What an ELF shows about its build."""
    for told in parsed.comments()[:MAX_TOOLS]:
        yield Mark("build:toolchain", told[:_LONGEST], "comment section")
    if identity := parsed.build_id():
        yield Mark("build:id", identity, "build id note")
