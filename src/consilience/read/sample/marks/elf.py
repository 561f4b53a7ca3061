"""The marks of an ELF: the compilers that say so, and the identity of the build."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.read.sample.elf import Elf
from consilience.read.sample.image import Image
from consilience.read.sample.marks.go import go_marks
from consilience.read.sample.marks.mark import Mark
from consilience.read.sample.marks.packing import UPX
from consilience.read.sample.marks.rust import rust_marks

MAX_TOOLS = 40
_LONGEST, _HEADS = 200, 1_024


def elf_marks(parsed: Elf, image: Image) -> Iterator[Mark]:
    """What an ELF shows about its build."""
    for told in parsed.comments()[:MAX_TOOLS]:
        yield Mark("build:toolchain", told[:_LONGEST], "comment section")
    if identity := parsed.build_id():
        yield Mark("build:id", identity, "build id note")
    at = image.data.find(UPX, 0, _HEADS)
    if at >= 0:
        yield Mark("build:packer", "UPX", f"header at {at:#x}", "by its header, which can be copied", "low")
    yield from go_marks(image)
    yield from rust_marks(image)
