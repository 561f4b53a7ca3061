"""The names in the tables that the loader of a Mach-O reads: imports, in both forms there are, and exports.

Names alone are wanted, so nothing is bound: the programs of the tables are gone through once, and each step is counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from consilience.analyse.containers.bounds import Bytes, Damaged

MAX_STEPS, MAX_WAITING = 2_000_000, 100_000
LONGEST = 512
_SYMBOL, _REPEAT, _THREADED = 0x40, 0xC0, 0xD0
_ONE_NUMBER = (0x20, 0x60, 0x70, 0x80, 0xA0)
_SHAPES = {1: (4, 9), 2: (8, 9), 3: (16, 32)}
"""For each form of chained imports the size of a row, and at which bit of its first number the place of the name is."""


def bound_names(raw: bytes, most: int) -> Iterator[str]:
    """The names that a binding program names, as they stand there; it ends at the first step that cannot be."""
    at = many = 0
    for _ in range(MAX_STEPS):
        if at >= len(raw) or many >= most:
            return
        step, at = raw[at] & 0xF0, at + 1
        if step == _SYMBOL:
            end = raw.find(b"\0", at)
            if end < 0:
                return
            yield raw[at : min(end, at + LONGEST)].decode("utf-8", "replace")
            at, many = end + 1, many + 1
        elif step in _ONE_NUMBER:
            at = _past(raw, at)
        elif step == _REPEAT:
            at = _past(raw, _past(raw, at))
        elif step == _THREADED and not raw[at - 1] & 0x0F:
            at = _past(raw, at)
        elif step > _THREADED:
            return


def chained_names(raw: Bytes, most: int) -> list[str]:
    """The names that chained fixups import. Raises Damaged when their header or a name is not there."""
    _, _, imports, symbols, many, form, packed = raw.numbers("7I", 0)
    if form not in _SHAPES:
        raise Damaged(f"imports are of no known form ({form})")
    if packed:
        raise Damaged("the names are packed, which no known linker does")
    size, bit = _SHAPES[form]
    rows = raw.table("u4" if size < 16 else "u8", imports, min(many, most) * (size // (4 if size < 16 else 8)))
    step = size // (4 if size < 16 else 8)
    return [raw.text(symbols + (row >> bit), LONGEST) for row in rows[::step].tolist()]


def exported_names(raw: bytes, most: int) -> list[str]:
    """The names of a tree of exports; a branch that cannot be read, or was seen, ends there."""
    waiting: list[tuple[int, bytes]] = [(0, b"")]
    seen: set[int] = set()
    found: list[str] = []
    while waiting and len(found) < most and len(waiting) < MAX_WAITING:
        at, name = waiting.pop()
        if at in seen or at >= len(raw) or len(name) > LONGEST:
            continue
        seen.add(at)
        size, at = _number(raw, at)
        if size:
            found.append(name.decode("utf-8", "replace"))
        at += size
        if at >= len(raw):
            continue
        branches, at = raw[at], at + 1
        for _ in range(branches):
            end = raw.find(b"\0", at, at + LONGEST)
            if end < 0:
                break
            place, after = _number(raw, end + 1)
            waiting.append((place, name + raw[at:end]))
            at = after
    return found


def _past(raw: bytes, at: int) -> int:
    """The place behind a number of seven bits a byte."""
    while at < len(raw) and raw[at] & 0x80:
        at += 1
    return at + 1


def _number(raw: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and the place behind it; one of more than 63 bits is 0."""
    end = _past(raw, at)
    value = sum((byte & 0x7F) << (7 * each) for each, byte in enumerate(raw[at : min(end, at + 9)]))
    return (value if end - at <= 9 else 0), end
