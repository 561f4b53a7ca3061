"""How many instructions have operands that cannot be, over all functions of a dump at once.

It counts what `conformance.Allowed` checks one by one, to which a test holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from consilience.analyse.lua.dialects import Dialect, dialects
from consilience.analyse.lua.dump import BoxedInteger, Prototype, TableConstant
from consilience.analyse.lua.instructions import BIAS, IS_CONSTANT, K_BIT
from consilience.model.arrays import Flags

Whole = npt.NDArray[np.int64]

_KINDS = (
    "any", "reg", "rk", "constant", "text", "table", "boxed", "function", "number", "up", "bool", "small",
    "jump", "back", "ahead",
)  # fmt: skip
_REG, _RK, _JUMP, _BACK, _AHEAD = (_KINDS.index(each) for each in ("reg", "rk", "jump", "back", "ahead"))
_JUMPS = frozenset((_JUMP, _BACK, _AHEAD))
_OF_A_TYPE = {"text": 1, "table": 2, "boxed": 4, "function": 8}
_TYPES = {bytes: 1, TableConstant: 2, BoxedInteger: 4, complex: 4, Prototype: 8}
_FREE = 1 << 40
_SLOTS = 3


class _Form(NamedTuple):
    """The operands of every opcode of a dialect: their kinds, shifts and masks, three of each.

    `there` says which kinds the first, second and third operands are of.
    """

    there: tuple[frozenset[int], ...]
    kinds: npt.NDArray[np.int64]
    shifts: npt.NDArray[np.uint32]
    masks: npt.NDArray[np.uint32]
    never: Flags
    ends: Flags


@lru_cache(maxsize=16)
def _form(name: str) -> _Form:
    dialect = dialects()[name]
    many = dialect.mask + 1
    kinds = np.zeros((_SLOTS, many), dtype=np.int64)
    shifts, masks = np.zeros((_SLOTS, many), dtype=np.uint32), np.zeros((_SLOTS, many), dtype=np.uint32)
    never, ends = np.ones(many, dtype=bool), np.zeros(many, dtype=bool)
    for number, opcode in enumerate(dialect.opcodes):
        never[number] = number in dialect.never
        ends[number] = number in dialect.ends
        for slot, operand in enumerate(each for each in opcode.operands if each.kind not in ("any", "-")):
            kinds[slot, number] = _KINDS.index(operand.kind)
            shifts[slot, number], masks[slot, number] = operand.shift, operand.mask
    there = tuple(frozenset(row.tolist()) - {0} for row in kinds)
    return _Form(there, kinds, shifts, masks, never, ends)


def impossible_instructions(prototypes: Sequence[Prototype], dialect: Dialect) -> int:
    """How many instructions of these functions cannot be, and functions without an end."""
    rows = [each for each in prototypes if each.code]
    endless = len(prototypes) - len(rows)
    if not rows:
        return endless
    form = _form(dialect.name)
    words = np.frombuffer(b"".join([each.code for each in rows]), dtype="<u4")
    size = np.array([len(each.code) // 4 for each in rows], dtype=np.int64)
    last = np.cumsum(size)
    opcode = (words & np.uint32(dialect.mask)).astype(np.int64)
    of = np.repeat(np.arange(len(rows)), size)
    wrong = form.never[opcode]
    limits, kept = _limits(rows, dialect), _Constants(rows, dialect)
    place = np.arange(len(words)) - (last - size)[of]
    for slot in range(_SLOTS):
        if not form.there[slot]:
            break
        kind = form.kinds[slot][opcode]
        given = ((words >> form.shifts[slot][opcode]) & form.masks[slot][opcode]).astype(np.int64)
        if dialect.family == "lua-5.4" and _RK in form.there[slot]:
            given += np.where(kind == _RK, (words >> np.uint32(K_BIT) & np.uint32(1)).astype(np.int64) * IS_CONSTANT, 0)
        there = form.there[slot]
        wrong |= given >= limits[of, kind]
        if _RK in there:
            wrong |= (kind == _RK) & (given < IS_CONSTANT) & (given >= limits[of, _REG])
        if kept.typed & there:
            wrong |= kept.of_another_type(of, kind, given)
        if _JUMPS & there:
            wrong |= _astray(kind, given, place, size[of], BIAS[dialect.family])
    endless += int((~form.ends[opcode[last - 1]]).sum())
    return int((wrong & ~_raw(words, opcode, last, dialect)).sum()) + endless


def _limits(rows: Sequence[Prototype], dialect: Dialect) -> Whole:
    """For each function, from which number on an operand of each kind cannot be."""
    limits = np.full((len(rows), len(_KINDS)), _FREE, dtype=np.int64)
    limits[:, _KINDS.index("reg")] = [each.stack + 1 for each in rows]
    constants = [len(each.constants) for each in rows]
    for kind in ("constant", "text", "table", "boxed"):
        limits[:, _KINDS.index(kind)] = constants
    limits[:, _RK] = limits[:, _KINDS.index("constant")] + IS_CONSTANT
    functions = constants if dialect.is_luajit else [len(each.children) for each in rows]
    limits[:, _KINDS.index("function")] = functions
    limits[:, _KINDS.index("number")] = [len(each.numbers) for each in rows]
    limits[:, _KINDS.index("up")] = [each.upvalues for each in rows]
    limits[:, _KINDS.index("bool")], limits[:, _KINDS.index("small")] = 2, 3
    return limits


class _Constants:
    """The types of the constants of some functions, one after the other."""

    def __init__(self, rows: Sequence[Prototype], dialect: Dialect) -> None:
        types = bytes([_TYPES.get(type(each), 0) for each in chain.from_iterable([each.constants for each in rows])])
        self.types = np.frombuffer(types + b"\0", dtype=np.uint8)
        many = np.array([len(each.constants) for each in rows], dtype=np.int64)
        self.first = np.cumsum(many) - many
        self.needed = np.zeros(len(_KINDS), dtype=np.uint8)
        for kind, bit in _OF_A_TYPE.items():
            self.needed[_KINDS.index(kind)] = bit if kind != "function" or dialect.is_luajit else 0
        self.typed = frozenset(np.flatnonzero(self.needed).tolist())

    def of_another_type(self, of: Whole, kind: Whole, given: Whole) -> Flags:
        needed = self.needed[kind]
        at = np.minimum(self.first[of] + given, len(self.types) - 1)
        wrong: Flags = (needed > 0) & (self.types[at] & needed == 0)
        return wrong


def _astray(kind: Whole, given: Whole, place: Whole, size: Whole, bias: int) -> Flags:
    """Which of the operands are jumps out of their functions."""
    goal = np.where(kind == _JUMP, place + 1 + given - bias, np.where(kind == _BACK, place + 1 - given, 0))
    goal = np.where(kind == _AHEAD, place + 1 + given, goal)
    wrong: Flags = (goal < 0) | (goal > size)
    return wrong


def _raw(words: npt.NDArray[np.uint32], opcode: Whole, last: Whole, dialect: Dialect) -> Flags:
    """Which words are not instructions: Lua 5.1 puts a long count behind some."""
    raw = np.zeros(len(words), dtype=bool)
    if dialect.name != "lua-5.1":
        return raw
    ends = set((last - 1).tolist())
    for at in np.flatnonzero((opcode == dialect.numbers["SETLIST"]) & (words >> np.uint32(14) & 0x1FF == 0)).tolist():
        if not raw[at] and at not in ends:
            raw[at + 1] = True
    return raw
