"""The marks of a PE: its import hash, debug file, Rich header, linker, and when it says it was built."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from consilience.read.sample.image import Image
from consilience.read.sample.marks.mark import Mark
from consilience.read.sample.marks.misfit import misfits
from consilience.read.sample.marks.rich import rich_of
from consilience.read.sample.pe import PortableExecutable

MAX_TOOLS = 40
FIRST_YEAR, LAST_YEAR = 1995, 2037
REPRODUCIBLE = "the debug directory says that the build is reproducible: the field is a hash and no time"
_LIBRARY = re.compile(r"\.(?:dll|ocx|sys)$")
_BY_NUMBER = ("ws2_32", "wsock32", "oleaut32")
"""Libraries whose functions the usual import hash names from tables of its own."""


def pe_marks(parsed: PortableExecutable, image: Image) -> Iterator[Mark]:
    """What a PE shows about its build."""
    if told := import_hash(image.imports):
        yield Mark("file:imphash", told, "import table")
    path, identity = parsed.pdb()
    if path:
        yield Mark("file:pdb-path", path, "debug directory", f"debug file {identity}")
    yield from _rich(parsed, image)
    if when := _compiled(parsed.header.stamp):
        note = REPRODUCIBLE if parsed.reproducible() else ""
        yield Mark("build:compile-time", when, "file header", note, "low")
    major, minor = parsed.header.linker
    yield Mark("build:toolchain", f"linker {major}.{minor}", "headers")


def _rich(parsed: PortableExecutable, image: Image) -> Iterator[Mark]:
    """The Rich header, and each reason to take it for planted."""
    rich = rich_of(parsed)
    if rich is None:
        return
    told, reasons = rich.text(MAX_TOOLS), list(misfits(parsed, image, rich))
    note = "product.build and how many objects it made"
    yield Mark("build:rich-header", told, "Rich header", note, "low" if reasons else "")
    for reason in reasons:
        yield Mark("build:inconsistent", f"build:rich-header {told}", "Rich header", reason)


def import_hash(imports: Sequence[str]) -> str:
    """The import hash that other tools know; empty without imports, and where others take names from own tables."""
    told = []
    for each in imports:
        library, _, name = each.partition("!")
        library = _LIBRARY.sub("", library.lower())
        if name.startswith("#"):
            if library in _BY_NUMBER:
                return ""
            name = f"ord{name[1:]}"
        told.append(f"{library}.{name.lower()}")
    return hashlib.md5(",".join(told).encode(), usedforsecurity=False).hexdigest() if told else ""


def _compiled(stamp: int) -> str:
    """The date and time of a PE's stamp; empty where it can be no time at which a PE was built."""
    when = datetime.fromtimestamp(stamp, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if FIRST_YEAR <= when.year <= LAST_YEAR else ""
