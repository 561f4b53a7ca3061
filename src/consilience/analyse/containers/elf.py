"""ELF programs and libraries: sections, functions, imports, exports, and the identity of the build.

Source: the System V ABI and the Linux Standard Base's description of `.eh_frame_hdr`, whose table names every function
that can be unwound; where there is none, sized symbols stand in, and where there are
none of them, calls.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from consilience.analyse.containers.bounds import Bytes, Damaged
from consilience.analyse.containers.calls import called
from consilience.analyse.containers.image import ADDRESSES, Image, Section

MACHINES = {3: "x86", 62: "x86_64", 183: "aarch64", 40: "arm", 8: "mips", 20: "ppc", 21: "ppc64", 243: "riscv"}
MAX_SECTIONS, MAX_NAMES = 4_096, 50_000
MEMORY = 1 << 57
"""Above every address of a program on the machines there are."""
NOTHING_STORED, DYNAMIC_SYMBOLS, ALL_SYMBOLS, NOTES, DYNAMIC = 8, 11, 2, 7, 6
SONAME, RPATH, RUNPATH = 14, 15, 29
MAX_DYNAMIC = 4_096
WRITABLE, LOADED, RUNNABLE = 1, 2, 4
FUNCTION = 2
BUILD_ID = 3
PLAIN_TABLE = b"\x01\x1b\x03\x3b"
"""The header of a table of 32-bit offsets, as every common linker writes it."""

_SHORT_SYMBOL = np.dtype(
    [("name", "u4"), ("value", "u4"), ("size", "u4"), ("info", "u1"), ("other", "u1"), ("section", "u2")]
)
_LONG_SYMBOL = np.dtype(
    [("name", "u4"), ("info", "u1"), ("other", "u1"), ("section", "u2"), ("value", "u8"), ("size", "u8")]
)
_SHORT_ENTRY = np.dtype([("tag", "u4"), ("value", "u4")])
_LONG_ENTRY = np.dtype([("tag", "u8"), ("value", "u8")])
_PAIR = np.dtype([("start", "i4"), ("record", "i4")])


class Elf:
    """An ELF file, read lazily. Raises Damaged when its headers cannot be read; damage further in becomes `notes`."""

    def __init__(self, data: bytes) -> None:
        raw = Bytes(data)
        if raw.at(0, 4) != b"\x7fELF":
            raise Damaged("it does not begin as an ELF does")
        size, order = raw.numbers("BB", 4)
        if size not in {1, 2} or order not in {1, 2}:
            raise Damaged(f"its class {size} or order {order} is unknown: not an ELF that can be read")
        self.long = size == 2
        self.bytes = Bytes(data, big=order == 2)
        self.notes: list[str] = []
        self.machine = self.bytes.number("H", 18)
        self.entry = self.bytes.number("Q" if self.long else "I", 24) & ADDRESSES
        self.rows = self._rows()
        self.sections = tuple(self._loaded())

    def image(self) -> Image:
        """The parts that every format has."""
        imports, exports, sized = self._symbols()
        functions, source = self._unwound()
        if not len(functions):
            functions, source = sized, "symbols" if len(sized) else ""
        if not len(functions) and MACHINES.get(self.machine) in {"x86_64", "x86"}:
            functions = called(self.bytes.data, self.sections, [self.entry], 0)
            source = "calls" if len(functions) else ""
        return Image(
            format="elf",
            machine=MACHINES.get(self.machine, f"{self.machine:#x}"),
            bits=64 if self.long else 32,
            base=0,
            entry=self.entry,
            data=self.bytes.data,
            sections=self.sections,
            functions=functions,
            functions_from=source,
            imports=tuple(imports),
            exports=tuple(exports),
            notes=tuple(self.notes),
        )

    def build_id(self) -> str:
        """The identity that the linker gave the build, in hexadecimal; empty when it gave none."""
        for name, row in self.rows:
            if row[1] == NOTES and name == ".note.gnu.build-id":
                try:
                    owner, size, kind = self.bytes.numbers("3I", row[4])
                    if kind == BUILD_ID:
                        return self.bytes.at(row[4] + 12 + (owner + 3) // 4 * 4, min(size, 64)).hex()
                except Damaged as damage:
                    self.notes.append(f"build id: {damage}")
        return ""

    def comments(self) -> list[str]:
        """What compilers wrote of themselves into `.comment`, each once."""
        for name, row in self.rows:
            if name == ".comment":
                try:
                    texts = self.bytes.at(row[4], min(row[5], 65_536)).split(b"\0")
                except Damaged as damage:
                    self.notes.append(f"comments: {damage}")
                    return []
                return sorted({each.decode("utf-8", "replace") for each in texts if each})
        return []

    def dynamic(self) -> list[tuple[int, str]]:
        """The texts that the dynamic section names: SONAME (its own name), RPATH and RUNPATH (where it looks)."""
        found: list[tuple[int, str]] = []
        for _, row in self.rows:
            if row[1] != DYNAMIC or row[6] >= len(self.rows):
                continue
            shape = _LONG_ENTRY if self.long else _SHORT_ENTRY
            table = self.bytes.table(shape, row[4], min(row[5] // shape.itemsize, MAX_DYNAMIC))
            texts = self.rows[row[6]][1][4]
            for entry in table:
                tag, value = int(entry["tag"]), int(entry["value"])
                if tag == 0:
                    break
                if tag in {SONAME, RPATH, RUNPATH} and (text := self._name(texts + value)):
                    found.append((tag, text))
        return found

    def debug_file(self) -> str:
        """The name of the file that the debug information was moved to; empty when none is named."""
        at = next((row[4] for name, row in self.rows if name == ".gnu_debuglink"), -1)
        return self._name(at) if at >= 0 else ""

    def _rows(self) -> list[tuple[str, tuple[int, ...]]]:
        """The section headers with their names: name, type, flags, address, offset, size, link, info, align, entry."""
        if self.long:
            place, (size, count, names) = self.bytes.number("Q", 40), self.bytes.numbers("3H", 58)
        else:
            place, (size, count, names) = self.bytes.number("I", 32), self.bytes.numbers("3H", 46)
        form, needed = ("IIQQQQIIQQ", 64) if self.long else ("10I", 40)
        if count and size < needed:
            raise Damaged(f"section headers of {size} bytes are too short")
        if count > MAX_SECTIONS:
            self.notes.append(f"{count} sections are said to be there; the first {MAX_SECTIONS} are read")
        rows = []
        for each in range(min(count, MAX_SECTIONS)):
            try:
                row = self.bytes.numbers(form, place + each * size)
                rows.append((*row[:3], *(each & ADDRESSES for each in row[3:6]), *row[6:]))
            except Damaged as damage:
                self.notes.append(f"section headers: {damage}")
                break
        at = rows[names][4] if names < len(rows) else -1
        return [(self._name(at + row[0]) if at >= 0 else "", row) for row in rows]

    def _name(self, at: int) -> str:
        try:
            return self.bytes.text(at, 512)
        except Damaged:
            return ""

    def _loaded(self) -> Iterator[Section]:
        """The sections that are in memory when the program runs; one past all memory there is, is left out."""
        for name, row in self.rows:
            if row[2] & LOADED:
                if max(row[3], row[4], row[5]) >= MEMORY:
                    self.notes.append(f"section {name!r} lies where no memory is")
                else:
                    yield self._section(name, row)

    def _section(self, name: str, row: tuple[int, ...]) -> Section:
        stored = 0 if row[1] == NOTHING_STORED else max(0, min(row[5], len(self.bytes) - row[4]))
        if row[1] != NOTHING_STORED and stored < row[5]:
            self.notes.append(f"section {name!r} ends outside the file")
        return Section(
            name=name,
            address=row[3],
            size=row[5],
            offset=row[4],
            stored=stored,
            runnable=bool(row[2] & RUNNABLE),
            writable=bool(row[2] & WRITABLE),
        )

    def _symbols(self) -> tuple[list[str], list[str], npt.NDArray[np.int64]]:
        """The imported and the exported names, and the functions whose size a symbol gives."""
        imports: set[str] = set()
        exports: set[str] = set()
        sized = [np.empty((0, 2), dtype=np.int64)]
        for _, row in self.rows:
            if row[1] not in {DYNAMIC_SYMBOLS, ALL_SYMBOLS}:
                continue
            shape = _LONG_SYMBOL if self.long else _SHORT_SYMBOL
            table = self.bytes.table(shape, row[4], row[5] // shape.itemsize)
            here = table[((table["info"] & 15) == FUNCTION) & (table["section"] != 0) & (table["size"] > 0)]
            start = (here["value"].astype(np.uint64) & np.uint64(ADDRESSES)).astype(np.int64)
            size = (here["size"].astype(np.uint64) & np.uint64(ADDRESSES)).astype(np.int64)
            sized.append(np.column_stack((start, start + size)))
            if row[1] != DYNAMIC_SYMBOLS or row[6] >= len(self.rows):
                continue
            if len(table) > MAX_NAMES:
                self.notes.append(f"{len(table)} names; the first {MAX_NAMES} are read")
            names = self.rows[row[6]][1][4]
            for symbol in table[:MAX_NAMES]:
                if symbol["name"] and (name := self._name(names + int(symbol["name"]))):
                    (imports if symbol["section"] == 0 else exports).add(name)
        return sorted(imports), sorted(exports), _ordered(np.concatenate(sized))

    def _unwound(self) -> tuple[npt.NDArray[np.int64], str]:
        """The functions of the table of `.eh_frame_hdr`; each record gives its start and its length."""
        none = np.empty((0, 2), dtype=np.int64)
        header = next((row for name, row in self.rows if name == ".eh_frame_hdr"), None)
        frames = next((row for name, row in self.rows if name == ".eh_frame"), None)
        try:
            if header is None or frames is None or self.bytes.at(header[4], 4) != PLAIN_TABLE:
                return none, ""
            rows = self.bytes.table(_PAIR, header[4] + 12, self.bytes.number("I", header[4] + 8))
        except Damaged as damage:
            self.notes.append(f"unwinding table: {damage}")
            return none, ""
        start = rows["start"].astype(np.int64) + header[3]
        at = rows["record"].astype(np.int64) + header[3] - frames[3] + frames[4] + 12
        good = (at >= 0) & (at + 4 <= len(self.bytes))
        raw = np.frombuffer(self.bytes.data, dtype=np.uint8)
        four = raw[at[good][:, None] + np.arange(4)]
        sizes = np.ascontiguousarray(four).view(np.dtype("u4").newbyteorder(self.bytes.order))[:, 0].astype(np.int64)
        return _ordered(np.column_stack((start[good], start[good] + sizes))), "eh-frame"


def _ordered(functions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The functions sorted by where they start, each start once, none reaching into the next."""
    functions = functions[functions[:, 0] < functions[:, 1]]
    if not len(functions):
        return functions
    functions = functions[np.lexsort((-functions[:, 1], functions[:, 0]))]
    functions = functions[np.concatenate(([True], np.diff(functions[:, 0]) > 0))]
    functions[:-1, 1] = np.minimum(functions[:-1, 1], functions[1:, 0])
    return functions
