"""Where the Rich header of a PE contradicts the rest of the file: it was copied from another, or edited.

Each check is true of no file that a linker wrote and nobody touched; `benchmarks/samples/marks.py` counts how often one
is raised by programs that people ship.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from consilience.analyse.containers.image import Image
from consilience.analyse.containers.pe import MACHINES, PortableExecutable
from consilience.analyse.marks.go import MAGIC as GO
from consilience.analyse.marks.rich import IMPORTED, UNMARKED, Rich
from consilience.analyse.marks.tools import Version, tools

ADDED_BY_HAND = 5
"""So many imports more than the header counts may have been added to a finished file for honest reasons."""

_FIRST_FOR_64_BITS = (7, 10)
_FIRST_WITH_RUNTIME_EXIT = (7, 0)
_RUNTIME_EXIT = b"CorExitProcess"
"""What the runtime linked into a program asks for when it ends, since version 7.0."""


def linker_contradictions(parsed: PortableExecutable, image: Image, rich: Rich) -> Iterator[str]:
    """What in the Rich header contradicts the rest of the file, one sentence each."""
    if rich.key != rich.computed:
        yield (
            f"the key of the Rich header is {rich.key:#010x} and the checksum of this DOS header, stub and list of "
            f"tools {rich.computed:#010x}: the header is of another file, or one of them was changed"
        )
    if _is_go(image):
        yield "the file is of Go, whose linkers write no Rich header"
    linkers = _linkers(rich)
    newest = max(linkers, default=None)
    if newest is None:
        return
    if parsed.header.linker not in linkers:
        yield (
            f"the Rich header names linker {_version_text(newest)}, the optional header of "
            f"{_version_text(parsed.header.linker)}; one program writes both"
        )
    for check in (_runtime, _imports, _machine, _debug_rows, _exit):
        if reason := check(parsed, image, rich, newest):
            yield reason


Check = Callable[[PortableExecutable, Image, Rich, Version], str]


def _linkers(rich: Rich) -> set[Version]:
    """The versions of the linkers in a Rich header; none where one is of a release that is not known."""
    known = tools()
    found = set()
    for product, build, _ in rich.tools:
        if product in known.linkers:
            release = known.release(product, build)
            if release is None:
                return set()
            found.add(release.linker)
    return found


def _is_go(image: Image) -> bool:
    """Whether build information of Go stands where its linker puts it; in what merely carries a program it does not."""
    first = next((each for each in image.sections if each.writable and each.stored), None)
    return first is not None and image.data.startswith(GO, first.offset)


def _runtime(parsed: PortableExecutable, image: Image, rich: Rich, newest: Version) -> str:
    libraries = {each.partition("!")[0] for each in image.imports}
    named = sorted(each.lower().removesuffix(".dll") for each in libraries)
    later = [each for each in named if (first := _first(each)) is not None and first[0] > newest[0]]
    if not later:
        return ""
    return f"the Rich header ends at linker {_version_text(newest)}, and {later[0]}.dll is imported, which came later"


def _first(library: str) -> Version | None:
    return next((first for name, first in tools().runtimes.items() if library.startswith(name)), None)


def _imports(parsed: PortableExecutable, image: Image, rich: Rich, newest: Version) -> str:
    counted = rich.count(IMPORTED)
    if len(image.imports) <= counted + rich.count(UNMARKED) + ADDED_BY_HAND:
        return ""
    return f"the Rich header counts {counted} imported names and the file imports {len(image.imports)}"


def _machine(parsed: PortableExecutable, image: Image, rich: Rich, newest: Version) -> str:
    machine = MACHINES.get(parsed.header.machine, "")
    if newest >= _FIRST_FOR_64_BITS or machine not in {"x86_64", "aarch64"}:
        return ""
    return f"the Rich header ends at linker {_version_text(newest)}, which made nothing for {machine}"


def _debug_rows(parsed: PortableExecutable, image: Image, rich: Rich, newest: Version) -> str:
    later = [row.kind for row in parsed.debug() if (first := tools().debug.get(row.kind)) and first[0] > newest[0]]
    if not later:
        return ""
    linker = _version_text(newest)
    return f"the Rich header ends at linker {linker}, and a later one wrote a debug record (kind {later[0]})"


def _exit(parsed: PortableExecutable, image: Image, rich: Rich, newest: Version) -> str:
    if newest >= _FIRST_WITH_RUNTIME_EXIT or _RUNTIME_EXIT not in image.data:
        return ""
    return f"the Rich header ends at linker {_version_text(newest)}, and the runtime inside the file is of 7.0 or later"


def _version_text(version: Version) -> str:
    return f"{version[0]}.{version[1]:02}"
