"""Where the instructions of x86 code lie, for all functions at once.

The length of an instruction is worked out at *every* byte, as a handful of passes over the code; `walk` then goes
through the functions, all side by side. So there is no loop over instructions, and nothing to compile before the first
one is read. Source: the opcode maps of the Intel and AMD manuals; instructions of no use to compilers (3DNow!,
XOP, 16-bit addressing) are read as their plain forms are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from consilience.analyse.arrays import ByteArray
from consilience.model.code import Places

LONGEST = 15
PAD = 32
"""How many zero bytes must follow the code, so that what begins in it can be read to its end."""

_LENGTH, _OPEN, _MORE = 0x3F, 0x40, 0x80
_IMM8, _IMM16, IMM32, FULL, _OFFSET, _ENTER, _FAR, REL8, REL32 = range(1, 10)
_PREFIXES = (0x66, 0x67, 0xF2, 0xF3, 0x2E, 0x36, 0x3E, 0x26, 0x64, 0x65, 0xF0)
ONLY_REGISTERS = (0x20, 0x21, 0x22, 0x23)
"""The 0F opcodes that move control and debug registers: whatever their ModRM byte says, it names registers."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The opcode maps of one mode: which opcodes have a ModRM byte, and what follows it.

    `one` and `two` are the maps of one-byte and of 0F opcodes, 256 rows each: `modrm` (0 or 1), `kind` of what
    follows, and `size` of it in bytes; `narrow` is what an operand-size prefix takes off.
    """

    modrm: tuple[ByteArray, ByteArray]
    kind: tuple[ByteArray, ByteArray]
    size: tuple[ByteArray, ByteArray]
    narrow: ByteArray
    prefix: ByteArray
    rex: ByteArray


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


def _marked(rows: set[int]) -> ByteArray:
    table = np.zeros(256, dtype=np.uint8)
    table[sorted(rows)] = 1
    return table


def _kinds(rows: dict[int, int]) -> ByteArray:
    table = np.zeros(256, dtype=np.uint8)
    table[list(rows)] = list(rows.values())
    return table


def _sizes(rows: dict[int, int], bits: int) -> ByteArray:
    sizes = {_IMM8: 1, _IMM16: 2, IMM32: 4, FULL: 4, _OFFSET: bits // 8, _ENTER: 3, _FAR: 6, REL8: 1, REL32: 4}
    table = np.zeros(256, dtype=np.uint8)
    table[list(rows)] = [sizes[kind] for kind in rows.values()]
    return table


def _memory() -> tuple[ByteArray, ByteArray]:
    """For each ModRM byte how long it is with what it brings, and whether a SIB byte may bring four bytes more."""
    size, open_base = np.ones(256, dtype=np.uint8), np.zeros(256, dtype=np.uint8)
    for each in range(192):
        mod, low = each >> 6, each & 7
        size[each] += (low == 4) + (4 if mod == 2 or (mod == 0 and low == 5) else 1 if mod == 1 else 0)
        open_base[each] = mod == 0 and low == 4
    return size, open_base


_MEMORY, _OPEN_BASE = _memory()
_NO_BASE = _marked({each for each in range(256) if each & 7 == 5}) * np.uint8(4)


_TWO_BYTES, _PREFIX, _REX, _VEX = 1, 2, 3, 4


def _leads(bits: int) -> ByteArray:
    """For each byte what it is when an instruction begins with it, if it is more than an opcode."""
    leads = np.zeros(256, dtype=np.uint8)
    leads[[0x0F, 0xC5, 0xC4, 0x62]] = _TWO_BYTES, _VEX, _VEX + 1, _VEX + 2
    leads[list(_PREFIXES)] = _PREFIX
    if bits == 64:
        leads[0x40:0x50] = _REX
    return leads


_LEADS = {bits: _leads(bits) for bits in (32, 64)}


@lru_cache(maxsize=2)
def _pairs(bits: int) -> tuple[ByteArray, ByteArray]:
    """What every two bytes say of an instruction that begins with them: its length, with marks in the upper bits.

    The first table is of opcodes of one byte, the second of opcodes behind 0F. Rows are first + 256 * second byte.
    """
    known, found = tables(bits), []
    for half in (0, 1):
        opcode, modrm = np.tile(np.arange(256), 256), np.repeat(np.arange(256), 256)
        if half == 1:
            modrm = np.where(np.isin(opcode, ONLY_REGISTERS), modrm | 0xC0, modrm)
        has = known.modrm[half][opcode]
        length = 1 + has * _MEMORY[modrm] + known.size[half][opcode]
        if half == 0:
            tested = ((opcode & 0xFE) == 0xF6) & ((modrm & 0x38) < 0x10)
            length += np.where(tested, np.where(opcode == 0xF6, 1, 4), 0).astype(np.uint8)
        length |= (has & _OPEN_BASE[modrm]) * _OPEN
        found.append(length.astype(np.uint8))
    found[0] |= (_LEADS[bits] > 0)[opcode] * np.uint8(_MORE)
    return found[0], found[1]


def _open_bases(code: ByteArray, place: Places, length: ByteArray, sib: int) -> None:
    """Take the mark off lengths at these places; where the SIB byte names no base, four bytes more are there."""
    length &= np.uint8(_LENGTH)
    length += _NO_BASE[code[place + sib]]


_PREFIXED = {bits: (_LEADS[bits] == _PREFIX) | (_LEADS[bits] == _REX) for bits in (32, 64)}
_BEHIND_REX = np.ones(1 << 16, dtype=np.uint8)
"""What a REX prefix adds: itself, and four bytes more where it makes a number of four bytes one of eight."""
_BEHIND_REX[[follows << 8 | lead for follows in range(0xB8, 0xC0) for lead in range(0x48, 0x50)]] = 5
_MAPS = np.array([0, 0x1F, 7], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Decoded:
    """For every byte of code what would begin there: its length, and how many bytes of prefixes come first."""

    length: ByteArray
    prefixes: ByteArray


def decoded(code: ByteArray, bits: int) -> Decoded:
    """What begins at every byte of `code`, whose last `PAD` bytes are zero and get no entry."""
    known, (one, two) = tables(bits), _pairs(bits)
    end = len(code) - PAD
    many = end + LONGEST + 1
    pairs = np.ndarray((many + 1,), dtype="<u2", buffer=code, strides=(1,))
    length = one.take(pairs[:many], mode="clip")
    place = np.flatnonzero((length[:-1] >> np.uint8(7)).view(bool))
    length &= np.uint8(~_MORE & 0xFF)
    opened = np.flatnonzero((length >> np.uint8(6)).view(bool))
    open_lengths = length[opened]
    _open_bases(code, opened, open_lengths, 2)
    length[opened] = open_lengths
    lead = _LEADS[bits].take(code.take(place))
    _escaped(code, length, pairs, two, place.compress(lead == _TWO_BYTES))
    _vector(code, length, known, bits, place, lead)
    prefixes = np.zeros_like(length)
    if bits == 64:
        rex = place.compress(lead == _REX)
        length[rex] = length[rex + 1] + _BEHIND_REX.take(pairs[rex])
        prefixes[rex] = 1
    # A REX prefix before another prefix has no effect but to make the instruction longer.
    marked = (lead == _PREFIX) | (lead == _REX) & _PREFIXED[bits].take(code.take(place + 1))
    _prefixed(code, length, prefixes, place.compress(marked), bits)
    return Decoded(np.clip(length, 1, LONGEST, out=length)[:end], prefixes[:end])


def _prefixed(code: ByteArray, length: ByteArray, prefixes: ByteArray, marked: Places, bits: int) -> None:
    """Put in the lengths of what begins with a prefix: one longer than what begins at the next byte.

    Those with another prefix behind them are looked at again, until those behind them are right.
    """
    known = tables(bits)
    narrow = np.zeros(len(length) + 1, dtype=np.uint8)
    # Sizes matter behind an operand-size prefix, and behind what stands between it and the opcode.
    more = _PREFIXED[bits]
    sized = (code[marked] == 0x66) | more[code[marked - 1]]
    after = marked[sized] + 1
    narrow[after] = _narrowed(code, after, known)
    if bits == 64:
        rex = after[(code[after] & 0xF0) == 0x40]
        narrow[rex] = np.where(code[rex] & 8 != 0, 0, _narrowed(code, rex + 1, known))
    place = marked
    for deep in range(1, LONGEST):
        if not len(place):
            break
        length[place] = length[place + 1] + 1
        prefixes[place] = prefixes[place + 1] + 1
        near = place.compress(sized)
        wide = code[near] != 0x66
        length[near] -= narrow[near + 1] * ~wide
        narrow[near] = narrow[near + 1] * wide
        again = more[code[place + deep]]
        place, sized = place[again], sized[again]


def _narrowed(code: ByteArray, place: Places, known: Tables) -> ByteArray:
    """How many bytes an operand-size prefix takes off what begins at these places."""
    first = code[place]
    tested = (first == 0xF7) & ((code[np.minimum(place + 1, len(code) - 1)] & 0x38) < 0x10)
    narrowed: ByteArray = known.narrow[first] + tested * np.uint8(2)
    return narrowed


def _escaped(code: ByteArray, length: ByteArray, pairs: npt.NDArray[np.uint16], two: ByteArray, place: Places) -> None:
    """Put in the lengths of the opcodes that begin with 0F, in two or three bytes."""
    lengths = two.take(pairs[place + 1], mode="clip")
    opened = np.flatnonzero(lengths & np.uint8(_OPEN) != 0)
    rest = lengths[opened]
    _open_bases(code, place[opened], rest, 3)
    lengths[opened] = rest
    length[place] = lengths + np.uint8(1)
    second = code[place + 1]
    third = place[(second == 0x38) | (second == 0x3A)]
    length[third] = 3 + _operand(code, third + 3) + (code[third + 1] == 0x3A)


def _operand(code: ByteArray, place: Places) -> ByteArray:
    """The size of a ModRM byte at each place with what it brings."""
    modrm = code[place]
    return _MEMORY[modrm] + _OPEN_BASE[modrm] * _NO_BASE[code[place + 1]]


def _vector(code: ByteArray, length: ByteArray, known: Tables, bits: int, special: Places, leads: ByteArray) -> None:
    """Put in the lengths of instructions with VEX and EVEX prefixes, which old code uses for something else."""
    which = np.flatnonzero(leads >= _VEX)
    place, lead = special[which], leads[which] - np.uint8(_VEX)
    if bits == 32:
        new = code[place + 1] >= 0xC0
        place, lead = place[new], lead[new]
    before = lead + np.uint8(2)
    chosen = np.where(lead == 0, np.uint8(1), code[place + 1] & _MAPS[lead])
    opcode = code[place + before]
    bare = (chosen == 1) & (opcode == 0x77)
    follows = np.where(chosen == 1, known.size[1][opcode] * (known.kind[1][opcode] == _IMM8), chosen == 3)
    length[place] = before + np.uint8(1) + np.where(bare, 0, _operand(code, place + before + 1)) + follows
