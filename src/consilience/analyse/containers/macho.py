"""Mach-O programs and libraries: sections, functions, imports, exports, and what the build left in the load commands.

Source: Apple's published headers of the format (`loader.h`, `nlist.h`, `fat.h`, `fixup-chains.h`, `cs_blobs.h`). A
universal file holds one program for each machine: `slices` tells where, and each is read by itself. The underscore that
compilers put before names of C is taken off, so that a name is the same in every format.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from consilience.analyse.containers.bounds import Bytes, Damaged
from consilience.analyse.containers.image import Image, Section
from consilience.analyse.containers.macho_names import LONGEST, bound_names, chained_names, exported_names

MACHINES = {
    0x01000007: "x86_64",
    7: "x86",
    0x0100000C: "aarch64",
    0x0200000C: "arm64_32",
    12: "arm",
    18: "ppc",
    0x01000012: "ppc64",
}
THIN = {
    b"\xce\xfa\xed\xfe": (False, False),
    b"\xcf\xfa\xed\xfe": (True, False),
    b"\xfe\xed\xfa\xce": (False, True),
    b"\xfe\xed\xfa\xcf": (True, True),
}
"""How a program for one machine begins, with whether it is of 64 bits and whether its numbers are the big way round."""

UNIVERSAL = {b"\xca\xfe\xba\xbe": ("5I", 20), b"\xca\xfe\xba\xbf": ("IIQQI", 32)}
MAX_SLICES = 16
"""Java classes begin as universal files do; there the number of slices is a version, 45 at least."""

MAX_COMMANDS, MAX_SECTIONS, MAX_NAMES, MAX_STARTS = 4_096, 4_096, 50_000, 16 * 1024**2
SEGMENT, SEGMENT_64, SYMBOLS, DYLIB, UUID = 0x1, 0x19, 0x2, 0xD, 0x1B
SIGNATURE, STARTS, MAIN, BUILD = 0x1D, 0x26, 0x80000028, 0x32
BINDING, BINDING_ONLY, EXPORTS, CHAINED = 0x22, 0x80000022, 0x80000033, 0x80000034
FARTHEST = 1 << 62
RUNNABLE, NOTHING_STORED = 0x80000400, (0x1, 0xC, 0x12)
_STAB, _PRIVATE, _TYPE, _OUTSIDE, _HERE = 0xE0, 0x10, 0x0E, 0x01, 0x0E
_VARIANT = re.compile(r"(?:\$(?:UNIX2003|DARWIN_EXTSN|INODE64|NOCANCEL|1050))+$")
"""The suffixes by which macOS names newer forms of its functions."""

_SHORT_SYMBOL = np.dtype([("name", "u4"), ("type", "u1"), ("section", "u1"), ("more", "u2"), ("value", "u4")])
_LONG_SYMBOL = np.dtype([("name", "u4"), ("type", "u1"), ("section", "u1"), ("more", "u2"), ("value", "u8")])


@dataclass(frozen=True, slots=True)
class Slice:
    """The program for one machine in a universal file: where it begins and how many bytes it has."""

    machine: str
    offset: int
    size: int


def is_universal(head: bytes) -> bool:
    """Whether a file that begins so is a universal one, and no Java class."""
    return head[:4] in UNIVERSAL and 0 < int.from_bytes(head[4:8], "big") <= MAX_SLICES


def slices(data: bytes) -> list[Slice]:
    """The programs in a universal file. Raises Damaged when they are not all there or lie over each other."""
    raw = Bytes(data, big=True)
    if not is_universal(data[:8]):
        raise Damaged("it does not begin as a universal file does")
    form, size = UNIVERSAL[data[:4]]
    found = []
    for row in range(raw.number("I", 4)):
        kind, _, offset, many, _ = raw.numbers(form, 8 + row * size)
        if not many or offset + many > len(data):
            raise Damaged(f"the program for machine {kind:#x} lies outside the file")
        found.append(Slice(MACHINES.get(kind, f"{kind:#x}"), offset, many))
    placed = sorted(found, key=lambda each: each.offset)
    if any(one.offset + one.size > two.offset for one, two in itertools.pairwise(placed)):
        raise Damaged("the programs of a universal file lie over each other")
    return found


class MachO:
    """A Mach-O for one machine. Raises Damaged when its headers cannot be read; damage further in becomes `notes`."""

    def __init__(self, data: bytes) -> None:
        if data[:4] not in THIN:
            raise Damaged("it does not begin as a Mach-O does")
        self.long, big = THIN[data[:4]]
        self.bytes = Bytes(data, big=big)
        self.notes: list[str] = []
        self.machine, _, self.kind, many, size, _ = self.bytes.numbers("6I", 4)
        self.commands = self._commands(many, size)
        self.base, self.sections = self._sections()

    def image(self) -> Image:
        """The parts that every format has."""
        symbols = self._symbols()
        functions, source = self._started()
        if not len(functions):
            functions, source = self._named(symbols), "symbols" if len(symbols) else ""
        return Image(
            format="macho",
            machine=MACHINES.get(self.machine, f"{self.machine:#x}"),
            bits=64 if self.long else 32,
            base=self.base,
            entry=next((number for (number,) in self.rows(MAIN, "Q")), 0),
            data=self.bytes.data,
            sections=self.sections,
            functions=functions,
            functions_from=source,
            imports=tuple(self._imports(symbols)),
            exports=tuple(self._exports(symbols)),
            notes=tuple(self.notes),
        )

    def rows(self, command: int, form: str) -> Iterator[tuple[int, ...]]:
        """The numbers that begin each load command of a kind, behind its kind and size."""
        for kind, at, _ in self.commands:
            if kind == command:
                try:
                    yield self.bytes.numbers(form, at + 8)
                except Damaged as damage:
                    self.notes.append(f"load command {command:#x}: {damage}")

    def texts(self, command: int) -> Iterator[str]:
        """The text of each load command of a kind that begins with where in it a text stands."""
        for kind, at, size in self.commands:
            if kind == command:
                try:
                    place = self.bytes.number("I", at + 8)
                    yield self.bytes.at(at, size)[place:].partition(b"\0")[0].decode("utf-8", "replace")
                except Damaged as damage:
                    self.notes.append(f"load command {command:#x}: {damage}")

    def piece(self, offset: int, size: int) -> bytes:
        """The bytes of a table behind the sections, as much of it as is there."""
        if size and offset + size > len(self.bytes):
            self.notes.append(f"a table at {offset:#x} ends outside the file")
        return self.bytes.data[offset : offset + size]

    def _commands(self, many: int, size: int) -> list[tuple[int, int, int]]:
        """The load commands: kind, place, size."""
        at, found = 32 if self.long else 28, []
        end = min(at + size, len(self.bytes))
        if many > MAX_COMMANDS:
            self.notes.append(f"{many} load commands are said to be there; the first {MAX_COMMANDS} are read")
        for _ in range(min(many, MAX_COMMANDS)):
            if at + 8 > end:
                self.notes.append("the load commands end before they should")
                break
            kind, length = self.bytes.numbers("II", at)
            if length < 8 or at + length > end:
                raise Damaged(f"the load command at {at:#x} has {length} bytes")
            found.append((kind, at, length))
            at += length
        return found

    def _sections(self) -> tuple[int, tuple[Section, ...]]:
        """The base of the image, and the sections of all segments."""
        head = 72 if self.long else 56
        segments = [
            (at, size)
            for kind, at, size in self.commands
            if kind == (SEGMENT_64 if self.long else SEGMENT) and size >= head
        ]
        base = 0
        for at, _ in reversed(segments):
            address, _, offset, stored = self.bytes.numbers("4Q" if self.long else "4I", at + 24)
            base = address if stored and not offset else base
        rows = [row for at, size in segments for row in self._section_rows(at, size, head)]
        if len(rows) > MAX_SECTIONS:
            self.notes.append(f"{len(rows)} sections; the first {MAX_SECTIONS} are read")
        if base >= FARTHEST or any(each[0] - base >= FARTHEST or each[1] >= FARTHEST for _, each in rows):
            raise Damaged("its addresses are farther apart than memory is large")
        return base, tuple(self._section(names, row, base) for names, row in rows[:MAX_SECTIONS])

    def _section_rows(self, at: int, size: int, head: int) -> Iterator[tuple[bytes, tuple[int, ...]]]:
        """The names and the numbers of each section in the load command of a segment."""
        shape, form = (80, "QQIIIII") if self.long else (68, "7I")
        for row in range(min(self.bytes.number("I", at + head - 8), (size - head) // shape)):
            place = at + head + row * shape
            yield self.bytes.at(place, 32), self.bytes.numbers(form, place + 32)

    def _section(self, names: bytes, row: tuple[int, ...], base: int) -> Section:
        name, segment = (part.partition(b"\0")[0].decode("utf-8", "replace") for part in (names[:16], names[16:]))
        address, size, offset, flags = row[0], row[1], row[2], row[6]
        stored = 0 if flags & 0xFF in NOTHING_STORED else max(0, min(size, len(self.bytes) - offset))
        if flags & 0xFF not in NOTHING_STORED and stored < size:
            self.notes.append(f"section {name!r} ends outside the file")
        return Section(
            name=f"{segment},{name}",
            address=address - base if address >= base else address,
            size=size,
            offset=offset,
            stored=stored,
            runnable=bool(flags & RUNNABLE),
            writable=segment.startswith("__DATA"),
        )

    def _started(self) -> tuple[npt.NDArray[np.int64], str]:
        """The functions of LC_FUNCTION_STARTS: each ends where the next begins, or its section does."""
        for offset, size in self.rows(STARTS, "II"):
            steps = _numbers(np.frombuffer(self.piece(offset, min(size, MAX_STARTS)), dtype=np.uint8))
            zero = np.flatnonzero(steps[1:] == 0)
            steps = steps[: zero[0] + 1] if len(zero) else steps
            return self._bounded(np.cumsum(steps)), "function-starts"
        return np.empty((0, 2), dtype=np.int64), ""

    def _bounded(self, start: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        start = np.sort(start)
        start = start[np.append(True, np.diff(start) > 0)] if len(start) else start
        rows = [np.empty((0, 2), dtype=np.int64)]
        for each in self.sections:
            if each.runnable and each.stored:
                inside = start[(start >= each.address) & (start < each.address + each.stored)]
                rows.append(np.column_stack((inside, np.append(inside[1:], each.address + each.stored)[: len(inside)])))
        found = np.concatenate(rows)
        found = found[np.argsort(found[:, 0], kind="stable")]
        if len(found):
            found[:-1, 1] = np.minimum(found[:-1, 1], found[1:, 0])
        return found[found[:, 0] < found[:, 1]]

    def _symbols(self) -> npt.NDArray[np.void]:
        """The table of symbols, those for debuggers left out."""
        shape = _LONG_SYMBOL if self.long else _SHORT_SYMBOL
        for offset, many, *_ in self.rows(SYMBOLS, "4I"):
            table = self.bytes.table(shape, offset, many)
            found: npt.NDArray[np.void] = table[(table["type"] & _STAB) == 0]
            return found
        return np.empty(0, dtype=shape)

    def _named(self, symbols: npt.NDArray[np.void]) -> npt.NDArray[np.int64]:
        here = symbols[(symbols["type"] & _TYPE) == _HERE]
        value = here["value"].astype(np.uint64)
        value = value[(value >= self.base) & (value < self.base + FARTHEST)] - np.uint64(self.base)
        return self._bounded(value.astype(np.int64))

    def _texts_of(self, symbols: npt.NDArray[np.void]) -> list[str]:
        """The names of symbols, as they are in C."""
        start, size = next(((start, size) for _, _, start, size in self.rows(SYMBOLS, "4I")), (0, 0))
        if len(symbols) > MAX_NAMES:
            self.notes.append(f"{len(symbols)} names; the first {MAX_NAMES} are read")
        end = min(start + size, len(self.bytes))
        places = [start + at for at in symbols["name"][:MAX_NAMES].tolist() if at and start + at < end]
        return [plain(self.bytes.text(at, LONGEST)) for at in places]

    def _imports(self, symbols: npt.NDArray[np.void]) -> list[str]:
        kind = symbols["type"]
        names = set(self._texts_of(symbols[(kind & _OUTSIDE != 0) & (kind & _TYPE == 0) & (symbols["value"] == 0)]))
        for command in (BINDING, BINDING_ONLY):
            for _, _, at, size, weak, many, lazy, last in self.rows(command, "8I"):
                for place, length in ((at, size), (weak, many), (lazy, last)):
                    names |= {plain(name) for name in bound_names(self.piece(place, length), MAX_NAMES)}
        for offset, size in self.rows(CHAINED, "II"):
            try:
                piece = Bytes(self.piece(offset, size), big=self.bytes.order == ">")
                names |= {plain(name) for name in chained_names(piece, MAX_NAMES)} if size else set()
            except Damaged as damage:
                self.notes.append(f"chained fixups: {damage}")
        return sorted(names - {""})

    def _exports(self, symbols: npt.NDArray[np.void]) -> list[str]:
        kind = symbols["type"]
        shown = (kind & _OUTSIDE != 0) & (kind & _TYPE == _HERE) & (kind & _PRIVATE == 0)
        names = set(self._texts_of(symbols[shown]))
        tables = [(at, size) for at, size in self.rows(EXPORTS, "II")]
        tables += [row[8:] for each in (BINDING, BINDING_ONLY) for row in self.rows(each, "10I")]  # type: ignore[misc]
        for at, size in () if names else tables:
            names |= {plain(name) for name in exported_names(self.piece(at, size), MAX_NAMES)}
        return sorted(names - {""})


def plain(name: str) -> str:
    """A name of a Mach-O as C, and every other format, has it.

    >>> plain("_malloc"), plain("_fopen$DARWIN_EXTSN")
    ('malloc', 'fopen')
    """
    return _VARIANT.sub("", name.removeprefix("_"))


def _numbers(raw: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The numbers of seven bits a byte, lowest first; what does not fit an address becomes 0."""
    last = np.flatnonzero(raw < 0x80)
    if not len(last):
        return np.empty(0, dtype=np.int64)
    raw = raw[: last[-1] + 1]
    first = np.append(0, last[:-1] + 1)
    inside = np.arange(len(raw), dtype=np.int64) - np.repeat(first, last - first + 1)
    bits = np.where(inside < 6, (raw & 0x7F).astype(np.int64) << (7 * np.minimum(inside, 6)), 0)
    return np.add.reduceat(bits, first)
