"""One JSON document a file: recognising which from its beginning, and reading it whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from consilience.model.errors import Rejected
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import HEAD, Content

Top = TypeVar("Top", bound=msgspec.Struct)
"""The form of the top of a document, whose list is left as it is written."""

Outline = Mapping[tuple[str, ...], str]
"""The keys met first, as paths of keys through objects and lists, with their text; empty where it is not text."""

_MARK = b"\xef\xbb\xbf"
_DEEPEST = 3
_BROKEN = "what stands before it was read; get the file again for the rest"
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)


def outline(head: bytes) -> Outline:
    """The outermost keys of the one object that a file begins with; nothing where it begins with something else.

    >>> outline(b'{"type": "bundle", "objects": [{"id": "tool--1"}]}')
    {('type',): 'bundle', ('objects',): '', ('objects', 'id'): 'tool--1'}
    """
    head = head.removeprefix(_MARK).lstrip()
    found: dict[tuple[str, ...], str] = {}
    if not head.startswith(b"{"):
        return found
    path: list[str] = []
    opened: list[bytes] = []
    last = b""
    keyed = False
    for match in _TOKEN.finditer(head):
        token = match[0]
        if token in (b"{", b"["):
            opened.append(token)
            path.append("")
            keyed = False
        elif token in (b"}", b"]"):
            if not opened:
                return {}
            opened.pop()
            path.pop()
            if not opened:
                return found if not head[match.end() :].strip() else {}
        elif token == b":" and last.startswith(b'"'):
            path[-1] = _text(last)
            keyed = True
            if len(path) <= _DEEPEST and (keys := _keys(path)):
                found.setdefault(keys, "")
        elif token.startswith(b'"') and keyed and len(path) <= _DEEPEST and (keys := _keys(path)):
            found[keys] = found[keys] or _text(token)
        if token == b",":
            keyed = False
        last = token
    return found


def whole(content: Content) -> bytes:
    """All unpacked bytes up to the first damage, without the mark that some editors put first."""
    return content.stream.read().removeprefix(_MARK)


def members(
    raw: bytes, key: str, form: type[Top], damage: str, builder: ReadingBuilder
) -> tuple[Top, Sequence[msgspec.Raw]]:
    """The top of a document, and the members of its list under a key as they are written.

    Of a document that is damaged or breaks off, those before the break; what is wrong with it is refused.
    """
    try:
        top: Top = _decoded(raw, form)
        return top, getattr(top, key)
    except Rejected as unfit:
        found, broken = _salvaged(raw, key)
        if broken:
            builder.refuse(0, broken, Rejected(damage or unfit.what, todo=_BROKEN if found else unfit.todo))
        return _top(raw, key, form), found


def _salvaged(raw: bytes, key: str) -> tuple[list[msgspec.Raw], str]:
    """The good members of the list under a key of a document that is broken, and where; empty where a member is."""
    text = raw.decode("utf-8", "replace")
    start = re.search(rf'"{key}"\s*:\s*\[', text)
    found: list[msgspec.Raw] = []
    if start is None:
        return found, f"/{key}/0"
    decoder = json.JSONDecoder()
    place = _next(text, start.end())
    try:
        while not text.startswith("]", place):
            _, end = decoder.raw_decode(text, place)
            found.append(msgspec.Raw(text[place:end].encode("utf-8", "surrogatepass")))
            place = _next(text, end)
        json.loads('{"": [' + text[place:])
    except (ValueError, RecursionError):
        return found, f"behind /{key}" if text.startswith("]", place) else f"/{key}/{len(found)}"
    return found, ""


def _decoded(raw: bytes, form: Any) -> Any:
    """A document as a value of this form.

    Raises:
        Rejected: it is not JSON, or a field at its top does not fit.
    """
    try:
        return msgspec.json.decode(raw, type=form)
    except msgspec.ValidationError as fault:
        raise Rejected(f"the document does not fit: {fault}", todo="get the file again from who made it") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise Rejected(f"not JSON: {str(fault)[:200]}", todo="get the file again, or mend it") from None
    except RecursionError:
        raise Rejected("the document is nested too deep", todo="get the file again from who made it") from None


def _top(raw: bytes, key: str, form: type[Top]) -> Top:
    """What the beginning of a broken document says of its top, without the list under a key."""
    found = outline(raw[:HEAD]).items()
    texts = {keys[0]: text for keys, text in found if len(keys) == 1 and keys[0] != key and text}
    return msgspec.convert(texts, form)


def _next(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n,":
        place += 1
    return place


def _keys(path: list[str]) -> tuple[str, ...]:
    """The path without the places of lists, which have no key."""
    return tuple(key for key in path if key)


def _text(token: bytes) -> str:
    return token[1:-1].decode("utf-8", "replace")
