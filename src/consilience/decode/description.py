"""What a decoder description says: where a configuration lies, how it is undo_step, divided and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 1 << 20
"""The most bytes that one place may give to decode."""

LOCATES = ("text", "bytes", "section", "whole")
TAKES = ("after", "around")
STEPS = ("xor", "rc4", "base64", "hex", "zlib", "skip", "text")
SPLITS = ("form", "lines", "xml", "json", "struct")
ENCODINGS = ("ascii", "utf-8", "utf-16")
ENDS = ("alphabet", "zeros", "zero", "number")
"""Where a text ends: at the first character outside of its alphabet, at four raw zero bytes, at one of the first 32, or
behind a number that ends the record, whatever follows that is not part of a record."""

NUMBERS: Mapping[str, str] = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i32": "i"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Where a fact about a family was printed, and what it is."""

    id: str
    publisher: str
    title: str
    date: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Bytes with gaps: `anchor` is the longest run without one, `at` its place, `wanted` the other bytes and places."""

    anchor: bytes
    at: int
    wanted: tuple[tuple[int, int], ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Locate:
    """Where a configuration may begin.

    `keys` is the range of one-byte XOR keys under which `texts` are looked for, None for texts as they are. `take` is
    *after* for what follows the place, *around* for the run of printable text on both of its sides.
    """

    how: str
    texts: tuple[bytes, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    sections: tuple[str, ...] = ()
    keys: tuple[int, int] | None = None
    take: str = "after"
    offset: int = 0
    longest: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeStep:
    """One encoding to undo. The key is `key`, or `key_length` bytes at `key_at` from the place found, or the XOR key
    under which the place was found (`located`), or each of one byte in turn until a layout fits (`tried`)."""

    name: str
    key: bytes = b""
    key_at: int | None = None
    key_length: int = 0
    located: bool = False
    tried: bool = False
    encoding: str = "ascii"
    alphabet: bytes = b""
    ends: tuple[str, ...] = ("alphabet",)
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a field must be to be one: of the first of these types that fits, one of these words, within these bounds;
    with a `separator` it is a list of such values."""

    name: str
    types: tuple[str, ...]
    separator: str = ""
    one_of: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRule:
    """An entry of the record: which field each setting takes, what `fixed` settings it has beside them, and for which
    values of which fields it is made."""

    name: str
    usage: str
    settings: tuple[tuple[str, str], ...]
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    key_role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One form in which a family writes its configuration.

    `form` is pairs of a literal and the field behind it, with the literal that ends all. `names` says under which
    names of an element, key or line a field stands; `packed` the fields of fixed size.
    """

    name: str
    about: str
    source: str
    form: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    further: str = ""
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    packed: tuple[tuple[str, str, int], ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """The description of how the configurations of one family are read."""

    family: str
    file: str
    sources: tuple[Publication, ...]
    locate: Locate
    steps: tuple[DecodeStep, ...]
    split: str
    layouts: tuple[Layout, ...]
    fields: Mapping[str, Field]
    entries: tuple[EntryRule, ...]
    repeat: str = ""
    separator: str = "="
    big: bool = False
