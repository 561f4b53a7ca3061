"""What Go leaves in a program: its version, the module and its dependencies, how it was built, and its function table.

Source: the Go sources (debug/buildinfo, debug/gosym). A build can be stripped of the information, rarely of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from consilience.analyse.containers.bounds import Bytes, Damaged
from consilience.analyse.containers.image import Image
from consilience.analyse.marks.mark import Mark

MAGIC = b"\xff Go buildinf:"
MAX_TEXT, MAX_PARTS, MAX_TRIES = 1 << 20, 100, 16
BIG, INLINE = 1, 2
TABLES = {0xFB: "1.2 to 1.15", 0xFA: "1.16 or 1.17", 0xF0: "1.18 or 1.19", 0xF1: "1.20 or later"}
"""First bytes of the table of functions, and the versions of Go that write them."""

_SENTINEL = 16
_TABLE_TAILS = (b"\xff\xff\xff\0\0\x01", b"\xff\xff\xff\0\0\x04")
"""What follows that byte: the size of an instruction stands at the end, and after it that of an address."""

_MOST_FUNCTIONS = 1 << 24
_NO_PATH = "command-line-arguments"
_SHOWN = ("-ldflags", "-tags", "-trimpath", "CGO_ENABLED", "GOOS", "GOARCH", "vcs", "vcs.time", "vcs.modified")


@dataclass(frozen=True, slots=True)
class BuildInformation:
    """The version of Go, the text that describes modules and settings, and where it stands in the file."""

    version: str
    text: str
    place: int

    def lines(self, first: str) -> Iterator[list[str]]:
        """The fields of each line of a kind."""
        for line in self.text.splitlines():
            kind, _, rest = line.partition("\t")
            if kind == first:
                yield rest.split("\t")


def go_marks(image: Image) -> Iterator[Mark]:
    """The marks of Go in a program of any format."""
    found = build_information(image)
    if found is None:
        if (table := function_table(image)) is not None:
            version, place = table
            yield Mark("build:toolchain", "Go", f"table of functions at {place:#x}", f"Go {version} by its first bytes")
    else:
        yield from _information_marks(found)


def _information_marks(found: BuildInformation) -> Iterator[Mark]:
    where = f"Go build information at {found.place:#x}"
    settings = dict(setting.partition("=")[::2] for fields in found.lines("build") for setting in fields[:1])
    note = ", ".join(f"{name}={settings[name]}" for name in _SHOWN if settings.get(name))
    yield Mark("build:toolchain", found.version, where, note)
    yield from _components(found, where)
    if revision := settings.get("vcs.revision"):
        yield Mark("build:id", revision, where, "the revision of the source")


def _components(found: BuildInformation, where: str) -> Iterator[Mark]:
    for path, *_ in found.lines("path"):
        if path and path != _NO_PATH:
            yield Mark("code:component", path, where, "the path of the main package")
    parts = [("main module", fields) for fields in found.lines("mod")]
    parts += [("dependency", fields) for fields in found.lines("dep")]
    for what, (name, *more) in parts[:MAX_PARTS]:
        if name and name != _NO_PATH:
            yield Mark("code:component", name, where, " ".join((what, *more[:1])))


def build_information(image: Image) -> BuildInformation | None:
    """The build information of a Go program; None when there is none that can be read."""
    at = -1
    for _ in range(MAX_TRIES):
        at = image.data.find(MAGIC, at + 1)
        if at < 0:
            return None
        try:
            size, flags = image.data[at + 14], image.data[at + 15]
            raw = Bytes(image.data, big=bool(flags & BIG))
            version, text = _inline(raw, at + 32) if flags & INLINE else _pointed(raw, at + 16, size, image)
        except (Damaged, IndexError):
            continue
        if version.startswith(b"go") or version.startswith(b"devel"):
            whole = text[_SENTINEL:-_SENTINEL] if len(text) > 2 * _SENTINEL else b""
            return BuildInformation(version[:80].decode("utf-8", "replace"), whole.decode("utf-8", "replace"), at)
    return None


def function_table(image: Image) -> tuple[str, int] | None:
    """The versions of Go by the table of functions, and where it is; None when there is none."""
    data = image.data
    for tail in _TABLE_TAILS:
        at = data.find(tail, 1)
        for _ in range(MAX_TRIES):
            if at < 0:
                break
            version, size = TABLES.get(data[at - 1]), int.from_bytes(data[at + 6 : at + 7])
            count = int.from_bytes(data[at + 7 : at + 7 + size], "little") if size in {4, 8} else 0
            if version and 0 < count < _MOST_FUNCTIONS:
                return version, at - 1
            at = data.find(tail, at + 1)
    return None


def _inline(raw: Bytes, at: int) -> tuple[bytes, bytes]:
    found = []
    for _ in range(2):
        size, at = _varint(raw, at)
        found.append(raw.at(at, min(size, MAX_TEXT)))
        at += size
    return found[0], found[1]


def _varint(raw: Bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(5):
        byte = raw.number("B", at + place)
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise Damaged(f"a length at {at:#x} does not end")


def _pointed(raw: Bytes, at: int, size: int, image: Image) -> tuple[bytes, bytes]:
    """Two texts by the addresses of their addresses, as Go before 1.18 wrote them."""
    if size not in {4, 8}:
        raise Damaged(f"addresses of {size} bytes")
    form, found = "Q" if size == 8 else "I", []
    for place in (at, at + size):
        pair = _place(raw.number(form, place), image)
        begin, length = raw.numbers(2 * form, pair)
        found.append(raw.at(_place(begin, image), min(length, MAX_TEXT)) if length else b"")
    return found[0], found[1]


def _place(address: int, image: Image) -> int:
    """Where in the file an address lies."""
    for each in image.sections:
        inside = address - image.base - each.address
        if 0 <= inside < each.stored:
            return each.offset + inside
    raise Damaged(f"address {address:#x} lies in no section")
