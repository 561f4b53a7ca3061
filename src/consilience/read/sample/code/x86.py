"""Where the instructions of x86 code lie, for all functions at once.

The length of an instruction is worked out at *every* byte, as a handful of passes over the whole section, and only then
are the functions walked, all side by side. So there is no loop over instructions, and nothing to compile before the
first one is read. Source: the opcode maps of the Intel and AMD manuals; instructions of no use to compilers (3DNow!,
XOP, 16-bit addressing) are read as their plain forms are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

LONGEST = 15
PAD = 32
"""How many zero bytes must follow the code, so that what begins in it can be read to its end."""

_FEW = 128
_IMM8, _IMM16, IMM32, FULL, _OFFSET, _ENTER, _FAR, REL8, REL32 = range(1, 10)
_PREFIXES = (0x66, 0x67, 0xF2, 0xF3, 0x2E, 0x36, 0x3E, 0x26, 0x64, 0x65, 0xF0)


@dataclass(frozen=True, slots=True)
class Tables:
    """The opcode maps of one mode: which opcodes have a ModRM byte, and what follows it.

    `one` and `two` are the maps of one-byte and of 0F opcodes, 256 rows each: `modrm` (0 or 1), `kind` of what
    follows, and `size` of it in bytes; `narrow` is what an operand-size prefix takes off.
    """

    modrm: tuple[Bytes, Bytes]
    kind: tuple[Bytes, Bytes]
    size: tuple[Bytes, Bytes]
    narrow: Bytes
    prefix: Bytes
    rex: Bytes


@lru_cache(maxsize=2)
def tables(bits: int) -> Tables:
    """The opcode maps for code of 64 or of 32 bits."""
    return Tables(
        modrm=(_marked(_modrm_one(bits)), _marked(_modrm_two())),
        kind=(_kinds(_kinds_one(bits)), _kinds(_kinds_two())),
        size=(_sizes(_kinds_one(bits), bits), _sizes(_kinds_two(), bits)),
        narrow=_marked({at for at, kind in _kinds_one(bits).items() if kind in {IMM32, FULL}}) * np.uint8(2),
        prefix=_marked(set(_PREFIXES)),
        rex=_marked(set(range(0x40, 0x50)) if bits == 64 else set()),
    )


def _modrm_one(bits: int) -> set[int]:
    rows = {base + low for base in range(0, 0x40, 8) for low in range(4)}
    rows |= {0x63, 0x69, 0x6B, *range(0x80, 0x90), 0xC0, 0xC1, 0xC6, 0xC7, *range(0xD0, 0xD4), *range(0xD8, 0xE0)}
    rows |= {0xF6, 0xF7, 0xFE, 0xFF}
    return rows | ({0x62, 0xC4, 0xC5} if bits == 32 else set())


def _kinds_one(bits: int) -> dict[int, int]:
    rows = {base + 4: _IMM8 for base in range(0, 0x40, 8)} | {base + 5: IMM32 for base in range(0, 0x40, 8)}
    rows |= dict.fromkeys((0x6A, 0x6B, 0x80, 0x82, 0x83, 0xA8, *range(0xB0, 0xB8), 0xC0, 0xC1, 0xC6, 0xCD), _IMM8)
    rows |= dict.fromkeys((0x68, 0x69, 0x81, 0xA9, 0xC7), IMM32) | dict.fromkeys(range(0xB8, 0xC0), FULL)
    rows |= dict.fromkeys((0xE4, 0xE5, 0xE6, 0xE7), _IMM8) | dict.fromkeys(range(0xA0, 0xA4), _OFFSET)
    rows |= dict.fromkeys((*range(0x70, 0x80), *range(0xE0, 0xE4), 0xEB), REL8)
    rows |= {0xC2: _IMM16, 0xCA: _IMM16, 0xC8: _ENTER, 0xE8: REL32, 0xE9: REL32}
    return rows | ({0x9A: _FAR, 0xEA: _FAR, 0xD4: _IMM8, 0xD5: _IMM8} if bits == 32 else {})


def _modrm_two() -> set[int]:
    bare = {*range(0x04, 0x0D), 0x0E, *range(0x30, 0x38), 0x77, *range(0x80, 0x90), *range(0xC8, 0xD0)}
    return set(range(256)) - bare - {0xA0, 0xA1, 0xA2, 0xA8, 0xA9, 0xAA, 0x38, 0x3A}


def _kinds_two() -> dict[int, int]:
    rows = dict.fromkeys((0x0F, *range(0x70, 0x74), 0xA4, 0xAC, 0xBA, 0xC2, 0xC4, 0xC5, 0xC6), _IMM8)
    return rows | dict.fromkeys(range(0x80, 0x90), REL32)


def _marked(rows: set[int]) -> Bytes:
    table = np.zeros(256, dtype=np.uint8)
    table[sorted(rows)] = 1
    return table


def _kinds(rows: dict[int, int]) -> Bytes:
    table = np.zeros(256, dtype=np.uint8)
    table[list(rows)] = list(rows.values())
    return table


def _sizes(rows: dict[int, int], bits: int) -> Bytes:
    sizes = {_IMM8: 1, _IMM16: 2, IMM32: 4, FULL: 4, _OFFSET: bits // 8, _ENTER: 3, _FAR: 6, REL8: 1, REL32: 4}
    table = np.zeros(256, dtype=np.uint8)
    table[list(rows)] = [sizes[kind] for kind in rows.values()]
    return table


def _memory() -> tuple[Bytes, Bytes]:
    """For each ModRM byte how long it is with what it brings, and whether a SIB byte may bring four bytes more."""
    size, open_base = np.ones(256, dtype=np.uint8), np.zeros(256, dtype=np.uint8)
    for each in range(192):
        mod, low = each >> 6, each & 7
        size[each] += (low == 4) + (4 if mod == 2 or (mod == 0 and low == 5) else 1 if mod == 1 else 0)
        open_base[each] = mod == 0 and low == 4
    return size, open_base


_MEMORY, _OPEN_BASE = _memory()
_NO_BASE = _marked({each for each in range(256) if each & 7 == 5}) * np.uint8(4)


@dataclass(frozen=True, slots=True)
class Decoded:
    """For every byte of code what would begin there: its length, and how many bytes of prefixes come first.

    `operand` is the size of the ModRM byte with SIB and displacement, were it to begin at that byte.
    """

    length: Bytes
    prefixes: Bytes
    operand: Bytes


def decoded(code: Bytes, bits: int) -> Decoded:
    """What begins at every byte of `code`, whose last `PAD` bytes are zero and are not told of."""
    known = tables(bits)
    operand = _MEMORY[code]
    operand[:-1] += _OPEN_BASE[code[:-1]] * _NO_BASE[code[1:]]
    end = len(code) - PAD

    def at(which: Bytes, ahead: int) -> Bytes:
        return which[ahead : ahead + end + LONGEST + 1]

    first, second = at(code, 0), at(code, 1)
    plain = 1 + known.modrm[0][first] * at(operand, 1) + known.size[0][first]
    group = np.flatnonzero((first & 0xFE) == 0xF6)
    tested = group[(second[group] & 0x38) < 0x10]
    plain[tested] += np.where(first[tested] == 0xF6, 1, 4).astype(np.uint8)
    narrow = known.narrow[first]
    narrow[tested] += np.where(first[tested] == 0xF6, 0, 2).astype(np.uint8)
    _escaped(code, operand, plain, first, known)
    _vector(code, operand, plain, first, known, bits)
    wide = ((first & 0xF8) == 0xB8) * np.uint8(4)
    length, prefixes = plain.copy(), np.zeros_like(plain)
    if bits == 64:
        rex = np.flatnonzero(known.rex[first[:-1]])
        is_wide = (first[rex] & 8) != 0
        length[rex] = 1 + plain[rex + 1] + wide[rex + 1] * is_wide
        prefixes[rex] = 1
        inner = narrow.copy()
        narrow[rex] = np.where(is_wide, 0, inner[rex + 1])
    marked = np.flatnonzero(known.prefix[first[:-1]])
    # What begins with a prefix is one longer than what begins at the next byte; the last of a row is looked at first.
    for place in _rows_from_their_end(marked):
        length[place] = length[place + 1] + 1
        prefixes[place] = prefixes[place + 1] + 1
        sized = code[place] == 0x66
        length[place] -= narrow[place + 1] * sized
        narrow[place] = np.where(sized, 0, narrow[place + 1])
    return Decoded(np.clip(length, 1, LONGEST)[:end], prefixes[:end], operand)


def _rows_from_their_end(marked: Places) -> list[Places]:
    """Places that follow each other, as groups: the last of each run, those before the last, and so on, four deep."""
    if not len(marked):
        return []
    last = np.append(np.diff(marked) > 1, True)
    to_end = np.searchsorted(np.flatnonzero(last), np.arange(len(marked)))
    depth = np.flatnonzero(last)[to_end] - np.arange(len(marked))
    return [marked[depth == each] for each in range(4)]


def _escaped(code: Bytes, operand: Bytes, plain: Bytes, first: Bytes, known: Tables) -> None:
    """Put in the lengths of the opcodes that begin with 0F, in two or three bytes."""
    place = np.flatnonzero(first == 0x0F)
    second = code[place + 1]
    plain[place] = 2 + known.modrm[1][second] * operand[place + 2] + known.size[1][second]
    third = place[(second == 0x38) | (second == 0x3A)]
    plain[third] = 3 + operand[third + 3] + (code[third + 1] == 0x3A)


def _vector(code: Bytes, operand: Bytes, plain: Bytes, first: Bytes, known: Tables, bits: int) -> None:
    """Put in the lengths of instructions with VEX and EVEX prefixes, which old code uses for something else."""
    for lead, before in ((0xC5, 2), (0xC4, 3), (0x62, 4)):
        place = np.flatnonzero(first == lead)
        if bits == 32:
            place = place[code[place + 1] >= 0xC0]
        chosen = (
            np.full(len(place), 1, dtype=np.uint8) if lead == 0xC5 else code[place + 1] & (0x1F if before == 3 else 7)
        )
        opcode = code[place + before]
        bare = (chosen == 1) & (opcode == 0x77)
        follows = np.where(chosen == 1, known.size[1][opcode] * (known.kind[1][opcode] == _IMM8), chosen == 3)
        plain[place] = before + 1 + np.where(bare, 0, operand[place + before + 1]) + follows


def walked(length: Bytes, functions: Places) -> tuple[Places, Places]:
    """Where the instructions of functions begin, and the row of `functions` that each belongs to; in order.

    `functions` are [start, end) rows without overlaps. An instruction that would reach past the end is still told.
    """
    place, ends = functions[:, 0].copy(), functions[:, 1]
    row = np.arange(len(functions))
    seen, whose = [], []
    row = row[(place >= 0) & (place < np.minimum(ends, len(length)))]
    place, ends = place[row], np.minimum(ends[row], len(length))
    while len(row) > _FEW:
        seen.append(place)
        whose.append(row)
        place = place + length[place]
        going = place < ends
        if not going.all():
            place, ends, row = place[going], ends[going], row[going]
    sizes = length.tobytes() if len(row) else b""
    for each, start, end in zip(row.tolist(), place.tolist(), ends.tolist(), strict=True):
        places, here = [], start
        while here < end:
            places.append(here)
            here += sizes[here]
        seen.append(np.array(places, dtype=np.int64))
        whose.append(np.full(len(places), each))
    if not seen:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    at, of = np.concatenate(seen), np.concatenate(whose)
    order = np.argsort(at, kind="stable")
    return at[order], of[order]
