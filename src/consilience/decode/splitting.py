"""Text, or bytes, divided into raw fields: by a form, by lines, as XML or JSON, or by fixed sizes."""

from __future__ import annotations

import struct
import xml.parsers.expat
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from consilience.analyse.containers.bounds import Damaged
from consilience.decode.description import NUMBERS, Decoder, Layout
from consilience.model.errors import Rejected
from consilience.sandbox.strict_json import is_too_deep, strict_value

RawFields = dict[str, list[str]]
"""The raw values of each field, in their order."""

MOST_RECORDS = 64
MOST_FURTHER = 8
MAX_DEPTH = 32
MAX_NODES = 4_096


def records(text: str, decoder: Decoder) -> list[str]:
    """The records that stand one behind the other in a text: each begins with a text that is looked for."""
    if not decoder.repeat:
        return [text]
    begins = [decoder.repeat + each.decode() for each in decoder.locate.texts]
    cuts = {0}
    for begin in begins:
        at = text.find(begin, 1)
        while at >= 0 and len(cuts) <= MOST_RECORDS:
            cuts.add(at)
            at = text.find(begin, at + 1)
    edges = sorted(cuts)
    pieces = [text[start:end] for start, end in zip(edges, [*edges[1:], len(text)], strict=True)]
    return [piece.removeprefix(decoder.repeat) for piece in pieces]


def by_form(text: str, layout: Layout) -> RawFields | None:
    """The fields of a text in this form, each up to the literal behind it; None where it has another form."""
    found: RawFields = {}
    at = 0
    for (literal, name), behind in zip(layout.form, _behind(layout), strict=True):
        if not text.startswith(literal, at):
            return None
        at += len(literal)
        is_open = bool(layout.further) and not layout.tail and name == layout.form[-1][1]
        end = _end(text, at, behind, is_open)
        if end < 0:
            return None
        found[name] = [text[at:end]]
        at = end
    rest = text[at:].removeprefix(layout.tail)
    if not rest:
        return found
    more = _further(rest, layout)
    return {**found, FURTHER: more} if more else None


def _end(text: str, at: int, behind: str, is_open: bool) -> int:
    """Where a value ends: before the literal behind it, which may be missing where the form is open; -1 if it is."""
    end = text.find(behind, at) if behind else len(text)
    return len(text) if end < 0 and is_open else end


def _further(rest: str, layout: Layout) -> list[str]:
    """The values that follow a form; empty where its layout lets none follow, or not these."""
    if not layout.further:
        return []
    more = rest.removeprefix(layout.further).split(layout.further)
    return more if len(more) <= MOST_FURTHER and all(more) else []


FURTHER = "further"
"""The name of what follows a form whose layout lets more fields follow."""


def _behind(layout: Layout) -> list[str]:
    return [*(literal for literal, _ in layout.form[1:]), layout.tail or layout.further]


def leaves_of(text: str, decoder: Decoder) -> list[tuple[str, str]]:
    """The names and values in a text, in their order. Raises Damaged where it is not what it must be."""
    if decoder.split == "lines":
        parts = (line.partition(decoder.separator) for line in text.splitlines()[:MAX_NODES])
        return [(name.strip(), value.strip()) for name, mark, value in parts if mark]
    if decoder.split == "xml":
        return _xml(text)
    return list(_json(text))


def by_names(leaves: list[tuple[str, str]], layout: Layout) -> RawFields:
    """The fields whose names are among the leaves; `*` in a name stands for anything before or behind it."""
    found: RawFields = {}
    for name, wanted in layout.names:
        values = [value for leaf, value in leaves if value and any(_fits(leaf, each) for each in wanted)]
        if values:
            found[name] = values
    return found


def _fits(leaf: str, wanted: str) -> bool:
    leaf, wanted = leaf.lower(), wanted.lower()
    bare = wanted.strip("*")
    if wanted.startswith("*") and wanted.endswith("*"):
        return bare in leaf
    if wanted.startswith("*"):
        return leaf.endswith(bare)
    return leaf.startswith(bare) if wanted.endswith("*") else leaf == wanted


class _Leaves:
    """Gathers the texts and attributes of XML; what could make more out of little is refused."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, list[str]]] = []
        self._nodes = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._nodes += 1 + len(attributes)
        if len(self._open) >= MAX_DEPTH or self._nodes > MAX_NODES:
            raise Damaged("the XML is too deep or too large")
        self._open.append((name, []))
        self.found += [(f"{name}@{key}", value.strip()) for key, value in attributes.items()]

    def text(self, piece: str) -> None:
        if self._open:
            self._open[-1][1].append(piece)

    def end(self, _: str) -> None:
        name, pieces = self._open.pop()
        self.found.append((name, "".join(pieces).strip()))

    def refuse(self, *_: Any) -> NoReturn:
        raise Damaged("the XML declares entities or a document type")


def _xml(text: str) -> list[tuple[str, str]]:
    """The texts and attributes of XML, `element` and `element@attribute`. Raises Damaged."""
    start, end = text.find("<"), text.rfind(">") + 1
    if not 0 <= start < end:
        raise Damaged("not XML")
    leaves, parser = _Leaves(), xml.parsers.expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = leaves.begin, leaves.end
    parser.CharacterDataHandler = leaves.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = leaves.refuse
    parser.buffer_text = True
    try:
        parser.Parse(text[start:end].encode("utf-8", "replace"), True)
    except xml.parsers.expat.ExpatError as fault:
        raise Damaged(f"not XML: {xml.parsers.expat.ErrorString(fault.code)}") from None
    except (LookupError, ValueError) as fault:
        if isinstance(fault, Damaged):
            raise
        raise Damaged("the XML is in an unknown encoding") from None
    return leaves.found


def _json_value(text: str) -> Any:
    """The value that a JSON text holds. Raises Damaged where it is not one, or too deep."""
    raw = text.encode("utf-8", "replace")
    try:
        if is_too_deep(raw):
            raise Damaged("the JSON is too deep")
        return strict_value(raw)
    except Rejected as fault:
        raise Damaged(f"not JSON: {fault.what}") from None


def _json(text: str) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, Any]] = [("", _json_value(text))]
    count = 0
    while waiting and count < MAX_NODES:
        count += 1
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{key}" if name else key, each) for key, each in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(name, each) for each in reversed(value)]
        elif value is not None:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)


def by_sizes(data: bytes, layout: Layout, big: bool) -> RawFields:
    """The fields of fixed size at the beginning of bytes. Raises Damaged where they are not all there."""
    found: RawFields = {}
    at = 0
    for name, kind, length in layout.packed:
        size = _size(kind, length)
        piece = data[at : at + size]
        if len(piece) < size:
            raise Damaged("the record is cut off")
        if kind == "bytes":
            found[name] = [piece.hex()]
        elif kind == "text":
            found[name] = [piece.split(b"\0", 1)[0].decode("utf-8", "replace")]
        else:
            found[name] = [str(struct.unpack((">" if big else "<") + NUMBERS[kind], piece)[0])]
        at += size
    return found


def sizes(layout: Layout) -> int:
    """How many bytes the fields of a layout of fixed sizes take."""
    return sum(_size(kind, length) for _, kind, length in layout.packed)


def _size(kind: str, length: int) -> int:
    return length or struct.calcsize("<" + NUMBERS[kind])
