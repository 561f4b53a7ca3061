"""The marks of an ELF: the compilers that say so, and the identity of the build."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.analyse.containers.elf import SONAME, Elf
from consilience.analyse.containers.image import Image
from consilience.analyse.marks.go import go_marks
from consilience.analyse.marks.mark import Mark
from consilience.analyse.marks.packing import UPX
from consilience.analyse.marks.rust import rust_marks

MAX_TOOLS, MAX_EXPORTS = 40, 64
_LONGEST, _HEADS = 200, 1_024


def elf_marks(parsed: Elf, image: Image) -> Iterator[Mark]:
    """What an ELF shows about its build."""
    for comment in parsed.comments()[:MAX_TOOLS]:
        yield Mark("build:toolchain", comment[:_LONGEST], "comment section")
    if identity := parsed.build_id():
        yield Mark("build:id", identity, "build id note")
    yield from _names(parsed, image)
    at = image.data.find(UPX, 0, _HEADS)
    if at >= 0:
        yield Mark("build:packer", "UPX", f"header at {at:#x}", "by its header, which can be copied", "low")
    yield from go_marks(image)
    yield from rust_marks(image)


def _names(parsed: Elf, image: Image) -> Iterator[Mark]:
    """What an ELF is called, where it looks for libraries, and what it exports, where that is not much."""
    for tag, text in dict.fromkeys(parsed.dynamic()):
        if tag == SONAME:
            yield Mark("file:name", text, "dynamic section", "the name under which it was linked", "low")
        elif not text.startswith("$"):
            yield Mark("file:path", text[:_LONGEST], "dynamic section", "where it looks for libraries", "low")
    if name := parsed.debug_file():
        yield Mark("file:name", name, "debug link", "the file that holds its debug information", "low")
    for exported in image.exports if len(image.exports) <= MAX_EXPORTS else ():
        yield Mark("code:export", exported, "dynamic symbols")
