"""The tables of .NET metadata, column by column, and their rows as arrays.

Source: ECMA-335, partition II, chapters 22 (the tables) and 24.2.6 (how wide a column is).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from consilience.analyse.containers.bounds import Bytes, Damaged

MODULE, TYPE_REF, TYPE_DEF, FIELD, METHOD, PARAM = 0x00, 0x01, 0x02, 0x04, 0x06, 0x08
MEMBER_REF, ATTRIBUTE, MODULE_REF, TYPE_SPEC, IMPORT_MAP = 0x0A, 0x0C, 0x1A, 0x1B, 0x1C
ASSEMBLY, ASSEMBLY_REF = 0x20, 0x23
MAX_ROWS = 1 << 20

CODED: dict[str, tuple[int, str]] = {
    "type": (2, "02 01 1b"),
    "constant": (2, "04 08 17"),
    "holder": (5, "06 04 01 02 08 09 0a 00 0e 17 14 11 1a 1b 20 23 26 27 28 2a 2c 2b"),
    "marshal": (1, "04 08"),
    "secured": (2, "02 06 20"),
    "parent": (3, "02 01 1a 06 1b"),
    "semantics": (1, "14 17"),
    "method": (1, "06 0a"),
    "forwarded": (1, "04 06"),
    "implementation": (2, "26 23 27"),
    "made_by": (3, "06 0a"),
    "scope": (2, "00 1a 23 01"),
    "generic": (1, "02 06"),
}
"""Columns that lead into one of several tables: how many of the lowest bits name the table, and the tables."""

TABLES: dict[int, str] = {
    0x00: "generation:2 name:s mvid:g enc:g base:g",
    0x01: "scope:scope name:s space:s",
    0x02: "flags:4 name:s space:s extends:type fields:t04 methods:t06",
    0x03: "field:t04",
    0x04: "flags:2 name:s signature:b",
    0x05: "method:t06",
    0x06: "rva:4 kind:2 flags:2 name:s signature:b params:t08",
    0x07: "param:t08",
    0x08: "flags:2 sequence:2 name:s",
    0x09: "type:t02 interface:type",
    0x0A: "parent:parent name:s signature:b",
    0x0B: "kind:2 parent:constant value:b",
    0x0C: "parent:holder type:made_by value:b",
    0x0D: "parent:marshal type:b",
    0x0E: "action:2 parent:secured set:b",
    0x0F: "packing:2 size:4 parent:t02",
    0x10: "offset:4 field:t04",
    0x11: "signature:b",
    0x12: "parent:t02 events:t14",
    0x13: "event:t14",
    0x14: "flags:2 name:s type:type",
    0x15: "parent:t02 properties:t17",
    0x16: "property:t17",
    0x17: "flags:2 name:s type:b",
    0x18: "semantics:2 method:t06 association:semantics",
    0x19: "type:t02 body:method declaration:method",
    0x1A: "name:s",
    0x1B: "signature:b",
    0x1C: "flags:2 member:forwarded name:s scope:t1a",
    0x1D: "rva:4 field:t04",
    0x1E: "token:4 code:4",
    0x1F: "token:4",
    0x20: "algorithm:4 major:2 minor:2 build:2 revision:2 flags:4 key:b name:s culture:s",
    0x21: "processor:4",
    0x22: "platform:4 major:4 minor:4",
    0x23: "major:2 minor:2 build:2 revision:2 flags:4 key:b name:s culture:s digest:b",
    0x24: "processor:4 reference:t23",
    0x25: "platform:4 major:4 minor:4 reference:t23",
    0x26: "flags:4 name:s digest:b",
    0x27: "flags:4 id:4 name:s space:s implementation:implementation",
    0x28: "offset:4 flags:4 name:s implementation:implementation",
    0x29: "nested:t02 enclosing:t02",
    0x2A: "number:2 flags:2 owner:generic name:s",
    0x2B: "method:method instantiation:b",
    0x2C: "owner:t2a constraint:type",
}
"""The columns of each table: bytes, `s` a name, `g` an identity, `b` a blob, `t` a row of a table, else coded."""

_KNOWN = {column: (bits, [int(each, 16) for each in tables.split()]) for column, (bits, tables) in CODED.items()}

Rows = npt.NDArray[Any]


def tables_of(raw: Bytes, at: int, end: int) -> dict[int, Rows]:
    """The rows of every table of a stream of metadata. Raises Damaged where they do not fit into it."""
    heaps = raw.number("B", at + 6)
    there = raw.number("Q", at + 8)
    numbers = [each for each in range(64) if there >> each & 1]
    if unknown := [each for each in numbers if each not in TABLES]:
        raise Damaged(f"unknown table of metadata {unknown[0]:#x}")
    counts = dict(zip(numbers, raw.numbers(f"{len(numbers)}I", at + 24), strict=True))
    place = at + 24 + 4 * len(numbers) + (4 if heaps & 0x40 else 0)
    found = {}
    for number, many in counts.items():
        if many > MAX_ROWS:
            raise Damaged(f"table {number:#x} of metadata has {many:,} rows; at most {MAX_ROWS:,} are read")
        shape = np.dtype([(name, f"<u{_width(kind, counts, heaps)}") for name, kind in _columns(number)])
        if place + many * shape.itemsize > end:
            raise Damaged(f"table {number:#x} of metadata ends outside its stream")
        found[number] = raw.table(shape, place, many)
        place += many * shape.itemsize
    return found


def led_to(column: str, value: int) -> tuple[int, int]:
    """The table and the row, from 1, that a value of a coded column leads to; table -1 when the value names none."""
    bits, known = _KNOWN[column]
    which = (value & ((1 << bits) - 1)) - (2 if column == "made_by" else 0)
    return (known[which] if 0 <= which < len(known) else -1), value >> bits


def _columns(number: int) -> list[tuple[str, str]]:
    return [(name, kind) for name, _, kind in (each.partition(":") for each in TABLES[number].split())]


def _width(kind: str, counts: dict[int, int], heaps: int) -> int:
    """How many bytes a column has: four where two are too short for every row or place."""
    if kind in {"2", "4"}:
        return int(kind)
    if kind in {"s", "g", "b"}:
        return 4 if heaps & {"s": 1, "g": 2, "b": 4}[kind] else 2
    if kind in CODED:
        bits, tables = CODED[kind]
        return 4 if max(counts.get(int(each, 16), 0) for each in tables.split()) >= 1 << (16 - bits) else 2
    return 4 if counts.get(int(kind[1:], 16), 0) >= 1 << 16 else 2
