"""Portable Executables: sections, functions, imports, exports, and what the tools that built it left in it.

Source: Microsoft's description of the format; the Rich header after what is publicly known of it. Functions of 64-bit
code come from `.pdata`, chained records joined with the function they continue, and gaps between them that hold code;
where there is no such table, from calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from consilience.analyse.containers.bounds import Bytes, Damaged
from consilience.analyse.containers.calls import called
from consilience.analyse.containers.image import ADDRESSES, Image, Section

MACHINES = {0x8664: "x86_64", 0x14C: "x86", 0xAA64: "aarch64"}
PE32_PLUS, PE32 = 0x20B, 0x10B
RUNNABLE, WRITABLE, CODE = 0x20000000, 0x80000000, 0x20
MAX_SECTIONS, MAX_NAMES, MAX_LIBRARIES = 96, 20_000, 1_000
EXPORTS, IMPORTS, RESOURCES, EXCEPTIONS, SIGNATURES, DEBUG = 0, 1, 2, 3, 4, 6
CHAINED = 0x4
CODEVIEW, REPRODUCIBLE = 2, 16
MAX_DEBUG = 32
PADDING = 0xCC
SHORTEST_GAP = 16
_SHORT_FUNCTION = np.dtype([("start", "u4"), ("unwind", "u4")])
_FUNCTION = np.dtype([("start", "u4"), ("end", "u4"), ("unwind", "u4")])


@dataclass(frozen=True, slots=True)
class Header:
    """What the headers of a PE say that other parts of it are checked against; `directories` are (address, size)."""

    machine: int
    stamp: int
    linker: tuple[int, int]
    subsystem: int
    plus: bool
    base: int
    entry: int
    directories: tuple[tuple[int, int], ...]


class DebugRecord(NamedTuple):
    """A row of the debug directory: when it says it was made, of what kind it is, and its data."""

    stamp: int
    kind: int
    size: int
    address: int
    offset: int


class PortableExecutable:
    """A PE, read lazily. Raises Damaged when its headers cannot be read; damage further in becomes `notes`."""

    def __init__(self, data: bytes) -> None:
        self.bytes = Bytes(data)
        self.notes: list[str] = []
        self.header, self.sections = self._headers()

    def image(self) -> Image:
        """The parts that every format has."""
        functions, source = self._functions()
        return Image(
            format="pe",
            machine=MACHINES.get(self.header.machine, f"{self.header.machine:#x}"),
            bits=64 if self.header.plus else 32,
            base=self.header.base,
            entry=self.header.entry,
            data=self.bytes.data,
            sections=self.sections,
            functions=functions,
            functions_from=source,
            imports=tuple(f"{library}!{name}" for library, name in self.imports()),
            exports=tuple(self.exports()),
            notes=tuple(self.notes),
        )

    def offset(self, address: int) -> int:
        """Where in the file an address lies. Raises Damaged when it lies in no section's stored bytes."""
        for each in self.sections:
            if each.address <= address < each.address + each.stored:
                return each.offset + address - each.address
        raise Damaged(f"address {address:#x} lies in no section")

    def imports(self) -> list[tuple[str, str]]:
        """The imported (library, name) pairs, as printed; what has a number only is `#number`."""
        address, _ = self.directory(IMPORTS)
        found: list[tuple[str, str]] = []
        try:
            at = self.offset(address) if address else 0
            for _ in range(MAX_LIBRARIES if address else 0):
                names, _, _, library, thunks = self.bytes.numbers("5I", at)
                if not library:
                    break
                name_of_library = self.bytes.text(self.offset(library), 256)
                found += [(name_of_library, name) for name in self._names(names or thunks, MAX_NAMES - len(found))]
                at += 20
        except Damaged as damage:
            self.notes.append(f"imports: {damage}")
        return found

    def exports(self) -> list[str]:
        """The exported names."""
        address, _ = self.directory(EXPORTS)
        if not address:
            return []
        try:
            at = self.offset(address)
            count, names = self.bytes.number("I", at + 24), self.bytes.number("I", at + 32)
            table = self.bytes.table("u4", self.offset(names), min(count, MAX_NAMES)) if count else ()
            return [self.bytes.text(self.offset(int(name)), 512) for name in table]
        except Damaged as damage:
            self.notes.append(f"exports: {damage}")
            return []

    def export_name(self) -> str:
        """The name that the export directory gives the library; empty when it gives none."""
        address, _ = self.directory(EXPORTS)
        try:
            return (
                self.bytes.text(self.offset(self.bytes.number("I", self.offset(address) + 12)), 256) if address else ""
            )
        except Damaged as damage:
            self.notes.append(f"exports: {damage}")
            return ""

    def debug(self) -> list[DebugRecord]:
        """The rows of the debug directory."""
        address, size = self.directory(DEBUG)
        try:
            at = self.offset(address) if address else 0
            rows = [at + 28 * row for row in range(min(size // 28, MAX_DEBUG) if address else 0)]
            return [
                DebugRecord(*self.bytes.numbers("I", row + 4), *self.bytes.numbers("IIII", row + 12)) for row in rows
            ]
        except Damaged as damage:
            self.notes.append(f"debug directory: {damage}")
            return []

    def pdb(self) -> tuple[str, str]:
        """The path of the debug file and its identity (GUID and age); both empty when none is named."""
        try:
            for row in self.debug():
                if row.kind == CODEVIEW and row.size > 24 and self.bytes.at(row.offset, 4) == b"RSDS":
                    guid = self.bytes.at(row.offset + 4, 16).hex()
                    return self.bytes.text(row.offset + 24, 1024), f"{guid}-{self.bytes.number('I', row.offset + 20)}"
        except Damaged as damage:
            self.notes.append(f"debug directory: {damage}")
        return "", ""

    def reproducible(self) -> bool:
        """Whether the linker says that it wrote hashes where it else writes times."""
        return any(row.kind == REPRODUCIBLE for row in self.debug())

    def directory(self, which: int) -> tuple[int, int]:
        """The address and size of a data directory, zeros where it is missing; of signatures it is a file offset."""
        return self.header.directories[which] if which < len(self.header.directories) else (0, 0)

    def _headers(self) -> tuple[Header, tuple[Section, ...]]:
        raw = self.bytes
        if raw.at(0, 2) != b"MZ":
            raise Damaged("it does not begin as a PE does")
        start = raw.number("I", 0x3C)
        if raw.at(start, 4) != b"PE\0\0":
            raise Damaged(f"no PE header at {start:#x}")
        machine, count, stamp, _, _, optional = raw.numbers("HHIIIH", start + 4)
        at = start + 24
        magic = raw.number("H", at)
        if magic not in {PE32, PE32_PLUS}:
            raise Damaged(f"its optional header is of no known kind ({magic:#x})")
        plus = magic == PE32_PLUS
        base = raw.number("Q", at + 24) & ADDRESSES if plus else raw.number("I", at + 28)
        many = min(raw.number("I", at + (108 if plus else 92)), 16)
        place = at + (112 if plus else 96)
        directories = tuple(raw.numbers("II", place + 8 * each) for each in range(many))
        linker = raw.numbers("BB", at + 2)
        header = Header(
            machine=machine,
            stamp=stamp,
            linker=(linker[0], linker[1]),
            subsystem=raw.number("H", at + 68),
            plus=plus,
            base=base,
            entry=raw.number("I", at + 16),
            directories=tuple((first, second) for first, second in directories),
        )
        return header, tuple(self._section(at + optional + 40 * each) for each in range(self._sections(count)))

    def _sections(self, count: int) -> int:
        if count > MAX_SECTIONS:
            self.notes.append(f"{count} sections are said to be there; the first {MAX_SECTIONS} are read")
        return min(count, MAX_SECTIONS)

    def _section(self, at: int) -> Section:
        name = self.bytes.at(at, 8).rstrip(b"\0").decode("utf-8", "replace")
        size, address, stored, offset = self.bytes.numbers("4I", at + 8)
        flags = self.bytes.number("I", at + 36)
        there = max(0, min(stored, len(self.bytes) - offset, max(size, 1) if size else stored))
        if there < min(stored, size or stored):
            self.notes.append(f"section {name!r} ends outside the file")
        return Section(
            name=name,
            address=address,
            size=size or stored,
            offset=offset,
            stored=there,
            runnable=bool(flags & (RUNNABLE | CODE)),
            writable=bool(flags & WRITABLE),
        )

    def _names(self, address: int, left: int) -> list[str]:
        size = 8 if self.header.plus else 4
        flag = 1 << (8 * size - 1)
        rows = self.bytes.table(f"u{size}", self.offset(address), left)
        ends = np.flatnonzero(rows == 0)
        if not len(ends) and len(rows) < left:
            raise Damaged(f"the names at {address:#x} reach past the end of the file")
        return [
            f"#{value & 0xFFFF}" if value & flag else self.bytes.text(self.offset(value) + 2, 512)
            for value in rows[: ends[0] if len(ends) else left].tolist()
        ]

    def _functions(self) -> tuple[npt.NDArray[np.int64], str]:
        found, source = self._listed()
        if len(found) or MACHINES.get(self.header.machine) not in {"x86_64", "x86"}:
            return found, source
        entries = [self.header.entry, *self._exported()]
        found = called(self.bytes.data, self.sections, entries, self.header.base)
        return found, "calls" if len(found) else ""

    def _exported(self) -> list[int]:
        """The addresses that are exported."""
        address, _ = self.directory(EXPORTS)
        try:
            at = self.offset(address) if address else 0
            count, table = (self.bytes.number("I", at + 20), self.bytes.number("I", at + 28)) if address else (0, 0)
            return self.bytes.table("u4", self.offset(table), min(count, MAX_NAMES)).tolist() if count else []
        except Damaged:
            return []

    def _listed(self) -> tuple[npt.NDArray[np.int64], str]:
        address, size = self.directory(EXCEPTIONS)
        machine = MACHINES.get(self.header.machine)
        if not address or machine not in {"x86_64", "aarch64"}:
            return np.empty((0, 2), dtype=np.int64), ""
        if machine == "aarch64":
            return self._packed(address, size)
        try:
            rows = self.bytes.table(_FUNCTION, self.offset(address), size // _FUNCTION.itemsize)
        except Damaged as damage:
            self.notes.append(f"function table: {damage}")
            return np.empty((0, 2), dtype=np.int64), ""
        rows = rows[(rows["start"] < rows["end"]) & (rows["start"] > 0)]
        whole = ~self._chained(rows["unwind"].astype(np.int64))
        order = np.argsort(rows["start"], kind="stable")
        start, end, whole = rows["start"][order].astype(np.int64), rows["end"][order].astype(np.int64), whole[order]
        if not len(start):
            return np.empty((0, 2), dtype=np.int64), ""
        whole[0] = True
        first = np.flatnonzero(whole)
        ends = np.maximum.reduceat(end, first)
        ends = np.minimum(ends, np.append(start[first][1:], ends[-1]))
        return self._with_gaps(np.column_stack((start[first], ends))), "pdata"

    def _packed(self, address: int, size: int) -> tuple[npt.NDArray[np.int64], str]:
        """The functions of an AArch64 table: their lengths are packed into it, or begin their unwind information."""
        try:
            rows = self.bytes.table(_SHORT_FUNCTION, self.offset(address), size // _SHORT_FUNCTION.itemsize)
        except Damaged as damage:
            self.notes.append(f"function table: {damage}")
            return np.empty((0, 2), dtype=np.int64), ""
        start, unwind = rows["start"].astype(np.int64), rows["unwind"].astype(np.int64)
        length = (unwind >> 2) & 0x7FF
        data = np.frombuffer(self.bytes.data, dtype=np.uint8)
        for each in self.sections:
            inside = (unwind & 3 == 0) & (unwind >= each.address) & (unwind + 4 <= each.address + each.stored)
            at = unwind[inside] - each.address + each.offset
            length[inside] = data[at[:, None] + np.arange(4)].view("<u4")[:, 0] & 0x3FFFF
        order = np.argsort(start, kind="stable")
        start, end = start[order], start[order] + 4 * length[order]
        end[:-1] = np.minimum(end[:-1], start[1:])
        found = np.column_stack((start, end))
        return found[(found[:, 0] > 0) & (found[:, 1] > found[:, 0])], "pdata"

    def _with_gaps(self, functions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The functions, and the code between them: a leaf needs no record, and ends where padding begins."""
        data = np.frombuffer(self.bytes.data, dtype=np.uint8)
        rows = [functions]
        for each in self.sections:
            if not each.runnable or not each.stored:
                continue
            inside = functions[(functions[:, 0] >= each.address) & (functions[:, 0] < each.address + each.stored)]
            inside = np.clip(inside - each.address, 0, each.stored)
            begin = np.concatenate(([0], np.maximum.accumulate(inside[:, 1])))
            many = np.maximum(np.append(inside[:, 0], each.stored) - begin, 0)
            place = np.repeat(begin - (np.cumsum(many) - many), many) + np.arange(int(many.sum()))
            place = place[data[each.offset : each.offset + each.stored][place] != PADDING]
            if len(place):
                edge = np.flatnonzero(np.diff(place) > 1)
                start, end = place[np.append(0, edge + 1)], place[np.append(edge, len(place) - 1)] + 1
                runs = np.column_stack((start, end))
                rows.append(runs[runs[:, 1] - runs[:, 0] >= SHORTEST_GAP] + each.address)
        found = np.concatenate(rows)
        return found[np.argsort(found[:, 0], kind="stable")]

    def _chained(self, unwind: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which records continue another: bit 2 of the flags of their unwind information says so."""
        chained = np.zeros(len(unwind), dtype=bool)
        data = np.frombuffer(self.bytes.data, dtype=np.uint8)
        for each in self.sections:
            inside = (unwind >= each.address) & (unwind < each.address + each.stored)
            chained[inside] = (data[unwind[inside] - each.address + each.offset] >> 3) & CHAINED != 0
        return chained
