"""Strict JSON for one line or object: nothing that two programs could read in two ways."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import msgspec

from consilience.model.errors import Rejected
from consilience.sandbox.content import MAX_LINE

MAX_DEPTH = 32

_decode = msgspec.json.Decoder().decode
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_SPACED = re.compile(rb'"[ \t\r\n]').search
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def strict_object(line: bytes, longest: int = MAX_LINE) -> dict[str, Any]:
    """The object that a line of JSON holds, of at most `longest` bytes.

    Raises:
        Rejected: the line is too long or too deep, is not JSON, UTF-8 or an object, names a key twice, or holds a
            number or a character that other programs could not read back.
    """
    if len(line) > longest:
        raise Rejected(f"the line is longer than {longest:,} bytes", todo="split it, one observation a line")
    if is_too_deep(line):
        raise Rejected(f"the line is nested deeper than {MAX_DEPTH} levels", todo="an observation is a flat object")
    record = strict_value(line)
    if not isinstance(record, dict):
        raise Rejected("the line is not a JSON object", todo="write one object in braces a line")
    return record


def strict_value(text: bytes) -> Any:
    """What a piece of JSON holds, which `is_too_deep` has let pass.

    Raises:
        Rejected: it is not JSON or not UTF-8, names a key twice, or holds a number or a character that other programs
            could not read back.
    """
    found = _quickly(text)
    return _carefully(text) if found is None else found


def is_too_deep(text: bytes) -> bool:
    """Whether JSON nests deeper than MAX_DEPTH."""
    return text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(text) > MAX_DEPTH


def _quickly(line: bytes) -> Any:
    """What the line holds, or None when a closer look is needed.

    msgspec refuses all that is refused here except a key named twice. Every key is followed by a quote and a colon;
    nothing hides that pair, while text can only add pairs. So where no space stands between quote and colon and
    there are as many pairs as keys came out, no key was lost.
    """
    if _SPACED(line):
        return None
    try:
        found = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if _keys(found) == line.count(b'":') else None


def _keys(found: Any) -> int:
    """How many keys all objects in a value have."""
    count = 0
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            count += len(value)
            waiting.extend(each for each in value.values() if type(each) is dict or type(each) is list)
        elif type(value) is list:
            waiting += value
    return count


def _depth(line: bytes) -> int:
    """How deep the line nests, counted without recursion so that no line can exhaust the stack."""
    deepest = depth = 0
    for byte in _STRING.sub(b"", line).translate(None, _NO_BRACKETS):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _carefully(line: bytes) -> Any:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Rejected(f"byte {fault.start + 1} is not UTF-8", todo="save the file as UTF-8") from None
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except json.JSONDecodeError as fault:
        raise Rejected(f"not JSON: {fault.msg} at column {fault.colno}", todo="correct the JSON of this line") from None
    except ValueError:
        raise Rejected("a number is too long to be read", todo="write it as text, in quotes") from None
    try:
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Rejected("half of a surrogate pair is missing", todo="write the whole character") from None
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise Rejected(f"the key {key[:40]!r} stands twice in one object", todo="keep the one that is meant")
        found[key] = value
    return found


def _constant(name: str) -> NoReturn:
    raise Rejected(f"{name} is not a JSON number", todo="leave the field out where nothing is known")


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise Rejected(f"the number {digits[:40]} is out of range", todo="write it as text, in quotes")
    return number
