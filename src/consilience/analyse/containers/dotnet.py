""".NET assemblies: what their metadata names, and the bodies of their methods.

Source: ECMA-335, partition II, chapters 24 (metadata) and 25 (how a PE holds it). The code is intermediate language, so
its machine is given as `cil`, whatever machine the PE says it is for.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from consilience.analyse.containers import dotnet_tables as tables
from consilience.analyse.containers.bounds import Bytes, Damaged
from consilience.analyse.containers.dotnet_tables import Rows, led_to, tables_of
from consilience.analyse.containers.image import Image
from consilience.analyse.containers.pe import PortableExecutable

DIRECTORY = 14
ONLY_LANGUAGE, LIBRARY_OF_IT = 0x1, 0x4
MAX_STREAMS, MAX_NAMES, MAX_ATTRIBUTES, LONGEST = 32, 50_000, 4_096, 512
_ROOT = 0x424A5342
_GENERIC = 0x15


class Assembly:
    """The .NET part of a PE. Raises Damaged when its metadata cannot be read; damage further in becomes `notes`."""

    def __init__(self, pe: PortableExecutable) -> None:
        self.pe, self.notes = pe, pe.notes
        self.bytes = Bytes(pe.bytes.data)
        if not is_assembly(pe):
            raise Damaged("it names no metadata of .NET")
        at = pe.offset(pe.header.directories[DIRECTORY][0])
        root, size, self.flags = self.bytes.numbers("3I", at + 8)
        self.runtime, self.streams = self._streams(pe.offset(root), size)
        place, many = self.streams.get("#~") or self.streams.get("#-") or (0, 0)
        if not many:
            raise Damaged("its metadata has no tables")
        self.tables = tables_of(self.bytes, place, place + many)
        self._texts: dict[int, str] = {}

    def image(self, native: Image) -> Image:
        """The parts that every format has, from those of the PE: native code counts where the PE says it holds some."""
        mixed = not self.flags & (ONLY_LANGUAGE | LIBRARY_OF_IT) and len(native.functions) > 0
        names = tuple(dict.fromkeys((*native.imports, *self.imports())))
        exports = tuple(self.names())
        if mixed:
            return replace(native, format="dotnet", imports=names, exports=exports)
        return replace(
            native,
            format="dotnet",
            machine="cil",
            entry=0,
            # Names and strings lie beside the code, in one section that counts as run; all of it is searched for them.
            sections=tuple(replace(each, runnable=False) for each in native.sections),
            functions=self.bodies(),
            functions_from="metadata",
            imports=names,
            exports=exports,
            notes=tuple(self.notes),
        )

    def rows(self, number: int) -> Rows:
        """The rows of a table; none where it is not there."""
        return self.tables.get(number, np.empty(0, dtype=[("name", "u2")]))

    def text(self, place: int) -> str:
        """A name of the heap of names; empty where it lies outside."""
        if place not in self._texts:
            at, size = self.streams.get("#Strings", (0, 0))
            there = 0 < place < size and at + place < len(self.bytes)
            self._texts[place] = self.bytes.text(at + place, LONGEST) if there else ""
        return self._texts[place]

    def blob(self, place: int) -> bytes:
        """The bytes of a blob; none where it lies outside."""
        at, size = self.streams.get("#Blob", (0, 0))
        if not 0 < place < size:
            return b""
        many, start = _length(self.bytes.data, at + place)
        return self.bytes.data[start : min(start + many, at + size)]

    def identity(self) -> str:
        """The identity that the compiler gave this build of the module (MVID); empty when there is none."""
        at, size = self.streams.get("#GUID", (0, 0))
        for row in self.rows(tables.MODULE)[:1]:
            place = at + 16 * (int(row["mvid"]) - 1)
            if at <= place and place + 16 <= min(at + size, len(self.bytes)):
                return str(uuid.UUID(bytes_le=self.bytes.at(place, 16)))
        return ""

    def key_token(self) -> str:
        """The short form of the public key that the assembly was signed with; empty when it has none."""
        for row in self.rows(tables.ASSEMBLY)[:1]:
            if key := self.blob(int(row["key"])):
                return hashlib.sha1(key, usedforsecurity=False).digest()[:-9:-1].hex()
        return ""

    def attributes(self) -> Iterator[tuple[str, str]]:
        """The attributes of the assembly that hold one text first: the name of the attribute's type, and the text."""
        rows = self.rows(tables.ATTRIBUTE)
        for row in rows[(rows["parent"] & 31) == 14][:MAX_ATTRIBUTES] if len(rows) else ():
            table, number = led_to("made_by", int(row["type"]))
            members = self.rows(tables.MEMBER_REF)
            if table != tables.MEMBER_REF or not 0 < number <= len(members):
                continue
            owner, value = self._owner(int(members[number - 1]["parent"]))[1], self.blob(int(row["value"]))
            if value[:2] == b"\x01\0" and len(value) > 3 and value[2] != 0xFF:
                many, start = _length(value, 2)
                yield owner.rpartition(".")[2], value[start : start + many].decode("utf-8", "replace")

    def imports(self) -> list[str]:
        """The members of other assemblies as `assembly!Namespace.Type::member`, and native functions as in a PE."""
        found = []
        for row in self.rows(tables.IMPORT_MAP)[:MAX_NAMES]:
            libraries, number = self.rows(tables.MODULE_REF), int(row["scope"])
            library = self.text(int(libraries[number - 1]["name"])) if 0 < number <= len(libraries) else ""
            found.append(f"{library}!{self.text(int(row['name']))}")
        owners: dict[int, tuple[str, str]] = {}
        members = self.rows(tables.MEMBER_REF)[:MAX_NAMES]
        for parent, name in (
            zip(members["parent"].tolist(), members["name"].tolist(), strict=True) if len(members) else ()
        ):
            if parent not in owners:
                owners[parent] = self._owner(parent)
            scope, owner = owners[parent]
            if scope:
                found.append(f"{scope}!{owner}::{self.text(name)}"[:LONGEST])
        return sorted(set(found))

    def names(self) -> list[str]:
        """The methods that it defines, as `Namespace.Type::method`."""
        types, methods = self.rows(tables.TYPE_DEF), self.rows(tables.METHOD)
        if not len(types) or not len(methods):
            return []
        first = types["methods"].astype(np.int64)
        owner = np.searchsorted(np.maximum.accumulate(first), np.arange(1, len(methods) + 1), side="right") - 1
        spaces, titles = (types[column][:MAX_NAMES].tolist() for column in ("space", "name"))
        named = [_joined(self.text(one), self.text(two)) for one, two in zip(spaces, titles, strict=True)]
        rows = zip(methods["name"][:MAX_NAMES].tolist(), owner[:MAX_NAMES].tolist(), strict=True)
        return sorted({f"{named[of]}::{self.text(place)}" for place, of in rows if 0 <= of < len(named)})

    def types(self) -> set[str]:
        """The names of the types that it defines, without their namespaces."""
        return {self.text(place) for place in self.rows(tables.TYPE_DEF)["name"][:MAX_NAMES].tolist()}

    def bodies(self) -> npt.NDArray[np.int64]:
        """The [start, end) addresses of the code of each method, sorted and without overlaps."""
        methods = self.rows(tables.METHOD)
        if not len(methods):
            return np.empty((0, 2), dtype=np.int64)
        address = methods["rva"][(methods["rva"] > 0) & (methods["kind"] & 3 == 0)].astype(np.int64)
        raw = np.frombuffer(self.bytes.data + bytes(12), dtype=np.uint8)
        found = [np.empty((0, 2), dtype=np.int64)]
        for each in self.pe.sections:
            here = np.sort(address[(address >= each.address) & (address < each.address + each.stored)])
            here = here[np.diff(here, prepend=-1) > 0]
            place = here - each.address + each.offset
            head = raw[place]
            tiny, fat = head & 3 == 2, head & 7 == 3
            size = raw[place[:, None] + np.arange(4, 8)].astype(np.int64) @ (256 ** np.arange(4))
            start = here + np.where(tiny, 1, 12)
            end = np.minimum(start + np.where(tiny, head >> 2, size), each.address + each.stored)
            found.append(np.column_stack((start, end))[(tiny | fat) & (start < end)])
        rows = np.concatenate(found)
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        if len(rows):
            rows[:-1, 1] = np.minimum(rows[:-1, 1], rows[1:, 0])
        return rows[rows[:, 0] < rows[:, 1]]

    def _streams(self, at: int, size: int) -> tuple[str, dict[str, tuple[int, int]]]:
        """The version of the runtime, and where each stream lies: offset and size in the file, the first of a name."""
        magic, _, _, length = self.bytes.numbers("IIII", at)
        if magic != _ROOT:
            raise Damaged("its metadata does not begin as metadata does")
        runtime = self.bytes.at(at + 16, min(length, 256)).partition(b"\0")[0].decode("utf-8", "replace")
        place = at + 16 + length
        many = self.bytes.number("H", place + 2)
        place, found = place + 4, dict[str, tuple[int, int]]()
        for _ in range(min(many, MAX_STREAMS)):
            offset, bytes_ = self.bytes.numbers("II", place)
            name = self.bytes.text(place + 8, 32)
            there = max(0, min(bytes_, size - offset, len(self.bytes) - at - offset))
            found.setdefault(name, (at + offset, there))
            place += 8 + (len(name) // 4 + 1) * 4
        return runtime, found

    def _owner(self, parent: int) -> tuple[str, str]:
        """The assembly and the full name of the type that a member belongs to; both empty where it is an own one."""
        table, number = led_to("parent", parent)
        if table == tables.TYPE_SPEC and 0 < number <= len(self.rows(table)):
            table, number = self._generic(self.blob(int(self.rows(table)[number - 1]["signature"])))
        if table != tables.TYPE_REF:
            return "", ""
        return self._reference(number)

    def _reference(self, number: int) -> tuple[str, str]:
        """The assembly and the full name of a type of elsewhere, those that it lies in first."""
        names: list[str] = []
        for _ in range(8):
            rows = self.rows(tables.TYPE_REF)
            if not 0 < number <= len(rows):
                break
            row = rows[number - 1]
            names.insert(0, _joined(self.text(int(row["space"])), self.text(int(row["name"]))))
            table, number = led_to("scope", int(row["scope"]))
            if table != tables.TYPE_REF:
                known = self.rows(table) if table in {tables.ASSEMBLY_REF, tables.MODULE_REF} else ()
                scope = self.text(int(known[number - 1]["name"])) if 0 < number <= len(known) else ""
                return scope, "+".join(names)[:LONGEST]
        return "", "+".join(names)[:LONGEST]

    def _generic(self, blob: bytes) -> tuple[int, int]:
        """The table and row of the type of which a signature makes a generic one."""
        if blob[:1] != bytes([_GENERIC]) or len(blob) < 3:
            return -1, 0
        return led_to("type", _length(blob, 2)[0])


def is_assembly(pe: PortableExecutable) -> bool:
    """Whether a PE says that it holds .NET metadata."""
    return len(pe.header.directories) > DIRECTORY and pe.header.directories[DIRECTORY][0] > 0


def _length(raw: bytes, at: int) -> tuple[int, int]:
    """A packed number, and the place behind it; 0 where it is none."""
    first = raw[at] if at < len(raw) else 0xFF
    many = 1 if first < 0x80 else 2 if first < 0xC0 else 4
    if first >= 0xE0 or at + many > len(raw):
        return 0, at + 1
    return int.from_bytes(raw[at : at + many], "big") & ((1 << (8 * many - min(many, 3))) - 1), at + many


def _joined(space: str, name: str) -> str:
    return f"{space}.{name}" if space else name
