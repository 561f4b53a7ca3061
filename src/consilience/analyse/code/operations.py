"""What an instruction does, from its opcode and its ModRM byte: one number whatever the width and the registers.

A row is an opcode: of one byte, 256 and more behind 0F, 512 behind 0F 38, 768 behind 0F 3A. A key is a row and the byte
that follows, which tells the opcodes that share a row apart. Operations are folded so that compilers, and code of 32
and of 64 bits, agree on them: the short and the long form of a jump, numbers of one byte and of four, both directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from consilience.analyse.arrays import ByteArray
from consilience.analyse.code import x86

TWO, THREE, FOUR = 256, 512, 768
RELATIVE, WIDE, FULL, BRANCH, FIXED, FAR, MOVE = (np.uint8(1 << each) for each in range(7))
"""Traits: ends in a relative address; in a number of four bytes; in one of eight where the size says so; ends a block;
an operand at a fixed address; a displacement of four bytes; only moves values, or does nothing."""

_BRANCHES = (0xE9, 0xEB, 0xC3, 0xC2, 0xCB, *range(0x70, 0x80), *range(0xE0, 0xE4), *range(TWO + 0x80, TWO + 0x90))
_GROUPS = (*range(0xD8, 0xE0), TWO + 0x71, TWO + 0x72, TWO + 0x73, TWO + 0xAE, TWO + 0xBA, TWO + 0xC7)
_MOV, _PUSH, _POP, _TEST, _XCHG, _NOP, _INC, _DEC, _CALL, _JUMP, _IMUL, _RET, _EXTEND, _VECTOR = range(0x4000, 0x400E)
_ARITHMETIC, _SHIFT, _UNARY, _CONDITION = 0x4100, 0x4200, 0x4300, 0x4400
_GROUPED = 0x8000
_FOLDED = {
    _MOV: (*range(0x88, 0x8C), *range(0xA0, 0xA4), *range(0xB0, 0xC0), 0xC6, 0xC7),
    _PUSH: (*range(0x50, 0x58), 0x68, 0x6A),
    _POP: (*range(0x58, 0x60), 0x8F),
    _TEST: (0x84, 0x85, 0xA8, 0xA9),
    _XCHG: (0x86, 0x87, *range(0x91, 0x98)),
    _NOP: (0x90, 0xCC, TWO + 0x1E, TWO + 0x1F),
    _CALL: (0xE8,),
    _JUMP: (0xE9, 0xEB),
    _IMUL: (0x69, 0x6B, TWO + 0xAF),
    _RET: (0xC2, 0xC3),
    _EXTEND: (0x98, TWO + 0xB6, TWO + 0xB7, TWO + 0xBE, TWO + 0xBF),
    _VECTOR: tuple(TWO + each for each in (0x10, 0x11, 0x28, 0x29, 0x6E, 0x6F, 0x7E, 0x7F, 0xD6)),
}
_MOVING = (_MOV, _PUSH, _POP, _NOP, _EXTEND, _VECTOR, _XCHG)


@dataclass(frozen=True, slots=True)
class Operations:
    """By pair of bytes the `row` of an opcode; by key its `traits` and its `operation`."""

    row: npt.NDArray[np.uint16]
    traits: ByteArray
    operation: npt.NDArray[np.uint16]


@lru_cache(maxsize=2)
def operations(bits: int) -> Operations:
    """The tables for code of 64 or of 32 bits."""
    pair = np.arange(1 << 16, dtype=np.uint16)
    row = np.where(pair & 0xFF == 0x0F, TWO + (pair >> 8), pair & 0xFF).astype(np.uint16)
    table = _operation(bits)
    return Operations(row, _traits(bits, table), table.ravel())


def _operation(bits: int) -> npt.NDArray[np.uint16]:
    """For each row and ModRM byte what is done."""
    table = np.repeat(np.arange(1024, dtype=np.uint16)[:, None], 256, axis=1)
    modrm = np.arange(256, dtype=np.uint16)
    field = modrm >> 3 & 7
    for row in _GROUPS:
        table[row] = _GROUPED + (row << 4) + field + 8 * (modrm >= 0xC0)
    for what, rows in _FOLDED.items():
        table[list(rows)] = what
    for row in range(0x40):
        if row & 7 < 6:
            table[row] = _ARITHMETIC + (row >> 3)
    table[0x80:0x84] = _ARITHMETIC + field
    table[[0xC0, 0xC1, *range(0xD0, 0xD4)]] = _SHIFT + np.where(field == 6, 4, field)
    table[[0xF6, 0xF7]] = np.where(field < 2, _TEST, _UNARY + field)
    table[[0xFE, 0xFF]] = np.array([_INC, _DEC, _CALL, _CALL, _JUMP, _JUMP, _PUSH, _PUSH], dtype=np.uint16)[field]
    for cc in range(16):
        for start, what in ((0x70, 0), (TWO + 0x80, 0), (TWO + 0x40, 0x10), (TWO + 0x90, 0x20)):
            table[start + cc] = _CONDITION + what + (cc >> 1)
    if bits == 32:
        table[0x40:0x48], table[0x48:0x50] = _INC, _DEC
    else:
        table[0x63] = _EXTEND
    return table


def _traits(bits: int, table: npt.NDArray[np.uint16]) -> ByteArray:
    known = x86.tables(bits)
    kind = np.concatenate((known.kind[0], known.kind[1], np.zeros(512, dtype=np.uint8)))
    modrm = np.concatenate((known.modrm[0], known.modrm[1], np.ones(512, dtype=np.uint8))) > 0
    of_row = ((kind == x86.REL8) | (kind == x86.REL32)) * RELATIVE
    of_row |= (kind == x86.IMM32) * WIDE | (kind == x86.FULL) * FULL
    of_row[list(_BRANCHES)] |= BRANCH
    byte = np.arange(256)
    of_byte = ((byte & 0xC7) == 5) * FIXED | ((byte & 0xC0) == 0x80) * FAR
    traits = of_row[:, None] | (modrm[:, None] * of_byte[None, :])
    field = byte >> 3 & 7
    traits[0xF7] |= (field < 2) * WIDE
    traits[0xFF] |= ((field == 4) | (field == 5)) * BRANCH
    traits[[TWO + each for each in x86.ONLY_REGISTERS]] &= ~(FIXED | FAR)
    moving = np.zeros(1 << 16, dtype=bool)
    moving[list(_MOVING)] = True
    traits |= moving[table] * MOVE
    return np.asarray(traits, dtype=np.uint8).ravel()
