"""The marks of a PE: what its headers and tables show; what takes more to read has a file of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from consilience.analyse.containers.image import Image
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.authenticode import signatures_of
from consilience.analyse.marks.go import go_marks
from consilience.analyse.marks.linker_contradictions import linker_contradictions
from consilience.analyse.marks.mark import Mark
from consilience.analyse.marks.packing import packing_marks
from consilience.analyse.marks.resources import resource_marks
from consilience.analyse.marks.rich import Rich, rich_of
from consilience.analyse.marks.rust import rust_marks
from consilience.analyse.marks.signature import signature_marks
from consilience.analyse.marks.stamps import stamp_marks

MAX_TOOLS, MAX_EXPORTS = 40, 64
_LIBRARY = re.compile(r"\.(?:dll|ocx|sys)$")
_BY_NUMBER = ("ws2_32", "wsock32", "oleaut32")
"""Libraries whose functions the usual import hash names from tables of its own."""


def pe_marks(parsed: PortableExecutable, image: Image) -> Iterator[Mark]:
    """What a PE shows about its build."""
    rich, signatures = rich_of(parsed), signatures_of(parsed)
    if digest := import_hash(image.imports):
        yield Mark("file:imphash", digest, "import table")
    path, identity = parsed.pdb()
    if path:
        yield Mark("file:pdb-path", path, "debug directory", f"debug file {identity}")
    if rich is not None:
        yield from _rich(parsed, image, rich)
    yield from stamp_marks(parsed, rich, signatures)
    major, minor = parsed.header.linker
    yield Mark("build:toolchain", f"linker {major}.{minor}", "headers")
    yield from signature_marks(signatures)
    yield from _exports(parsed, image)
    yield from resource_marks(parsed)
    yield from packing_marks(parsed, image)
    yield from go_marks(image)
    yield from rust_marks(image)


def _exports(parsed: PortableExecutable, image: Image) -> Iterator[Mark]:
    """The name under which a library was linked, and what it exports, up to a number of exports."""
    if name := parsed.export_name():
        yield Mark("file:name", name, "export directory", "the name under which it was linked", "low")
    for exported in image.exports if len(image.exports) <= MAX_EXPORTS else ():
        yield Mark("code:export", exported, "export directory")


def _rich(parsed: PortableExecutable, image: Image, rich: Rich) -> Iterator[Mark]:
    """The Rich header, and each reason to take it for planted."""
    header, reasons = rich.text(MAX_TOOLS), list(linker_contradictions(parsed, image, rich))
    note = "product.build and how many objects it made"
    yield Mark("build:rich-header", header, "Rich header", note, "low" if reasons else "")
    for reason in reasons:
        yield Mark("build:inconsistent", f"build:rich-header {header}", "Rich header", reason)


def import_hash(imports: Sequence[str]) -> str:
    """The import hash that other tools know; empty without imports, and where others take names from own tables."""
    names = []
    for each in imports:
        library, _, name = each.partition("!")
        library = _LIBRARY.sub("", library.lower())
        if name.startswith("#"):
            if library in _BY_NUMBER:
                return ""
            name = f"ord{name[1:]}"
        names.append(f"{library}.{name.lower()}")
    return hashlib.md5(",".join(names).encode(), usedforsecurity=False).hexdigest() if names else ""
