"""Reads dumps of LuaJIT 2.0 and 2.1, as its sources lj_bcread.c, lj_bcdump.h and lj_debug.c lay them down.

A dump is a header, then prototypes in post-order, each with its length before it, then a zero. A constant that is a
function takes the last prototype not yet taken, so that exactly one is left: the main chunk.
"""

from __future__ import annotations

from array import array
from struct import Struct

from consilience.analyse.lua.dump import (
    NO_DEBUG,
    BoxedInteger,
    Constant,
    DebugInfo,
    Dump,
    DumpBudget,
    Plain,
    Prototype,
    TableConstant,
    Variable,
)
from consilience.analyse.lua.errors import DumpError

SIGNATURE = b"\x1bLJ"
BIG_ENDIAN, STRIPPED, FFI, FR2, BITOP = 0x01, 0x02, 0x04, 0x08, 0x10
FLAGS = {BIG_ENDIAN: "big-endian", STRIPPED: "stripped", FFI: "ffi", FR2: "fr2", BITOP: "bitop"}
PRIVATE = 0x80
_KNOWN_FLAGS = BIG_ENDIAN | STRIPPED | FFI | FR2 | BITOP
_KNOWN_PROTOTYPE_FLAGS = 0x01 | 0x02 | 0x04 | 0x80
_VARARG = 0x02
_CHILD, _TABLE, _SIGNED, _UNSIGNED, _COMPLEX, _TEXT = range(6)
_INTEGER, _DOUBLE, _TABLE_TEXT = 3, 4, 5
_HIDDEN = (b"(for index)", b"(for limit)", b"(for step)", b"(for generator)", b"(for state)", b"(for control)")
_DOUBLES = Struct("<d")
_WORD = 0xFFFFFFFF
_SHORTEST = 7


def read(data: bytes, start: int, budget: DumpBudget) -> Dump:
    """The dump that begins at `start`. IndexError where the bytes end too early.

    Raises:
        DumpError: for bytes that break the format.
    """
    version = data[start + 3]
    flags, at = uleb(data, start + 4)
    private = version >= PRIVATE
    if version not in (1, 2) and not private:
        raise DumpError(f"LuaJIT has no dumps of version {version}", start + 3)
    if flags & ~_KNOWN_FLAGS or (version == 1 and flags & (FR2 | BITOP)):
        raise DumpError(f"LuaJIT has no dumps with the flags {flags:#x}", start + 4)
    chunk = None
    if not flags & STRIPPED:
        length, at = uleb(data, at)
        chunk, at = _bytes(data, at, length)
    main, at = _prototypes(data, at, flags, budget)
    return Dump(
        dialect="luajit-2.0" if version == 1 else "luajit-2.1",
        main=main,
        size=at - start,
        stripped=bool(flags & STRIPPED),
        big_endian=bool(flags & BIG_ENDIAN),
        private=private,
        chunk=chunk,
        flags=tuple(name for bit, name in FLAGS.items() if flags & bit),
    )


def uleb(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of at most 32 bits in groups of 7, the lowest first; and where the next byte is."""
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    for shift in (7, 14, 21, 28):
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value > _WORD:
                break
            return value, at + 1
    raise DumpError("a number is longer than 32 bits", at)


def _bytes(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    end = at + length
    if end > len(data):
        raise DumpError(f"{length:,} bytes are announced where {len(data) - at:,} are left", at)
    return data[at:end], end


def _prototypes(data: bytes, at: int, flags: int, budget: DumpBudget) -> tuple[Prototype, int]:
    waiting: list[Prototype] = []
    depths: list[int] = []
    while True:
        length, at = uleb(data, at)
        if not length:
            break
        end = at + length
        if end > len(data):
            raise DumpError(f"a function of {length:,} bytes is announced where {len(data) - at:,} are left", at)
        waiting.append(_prototype(data, at, end, flags, waiting, depths, budget))
        at = end
    if len(waiting) != 1:
        raise DumpError(f"{len(waiting)} functions are in no other, where the main one should be", at)
    return waiting[0], at


def _prototype(
    data: bytes, at: int, end: int, flags: int, waiting: list[Prototype], depths: list[int], budget: DumpBudget
) -> Prototype:
    offset = at
    if end - at < _SHORTEST:
        raise DumpError(f"no function is as short as {end - at} bytes", at)
    kind, parameters, stack, upvalues = data[at : at + 4]
    if kind & ~_KNOWN_PROTOTYPE_FLAGS:
        raise DumpError(f"LuaJIT has no functions with the flags {kind:#x}", at)
    constant_count, at = uleb(data, at + 4)
    number_count, at = uleb(data, at)
    code_count, at = uleb(data, at)
    debug_size = line = lines = 0
    if not flags & STRIPPED:
        debug_size, at = uleb(data, at)
        if debug_size:
            line, at = uleb(data, at)
            lines, at = uleb(data, at)
    captures = at + 4 * code_count
    constants_at = captures + 2 * upvalues
    if constants_at + constant_count + number_count + debug_size > end:
        raise DumpError("a function announces more than its bytes can hold", offset)
    budget.spend(constant_count + number_count + code_count + debug_size, offset)
    constants, at = _constants(data, constants_at, end, constant_count)
    children = _children(constants, waiting, depths, offset)
    if depths[-1] > budget.depth:
        raise DumpError(f"functions are nested more than {budget.depth} deep", offset)
    numbers, at = _numbers(data, at, end, number_count)
    if at + debug_size != end:
        raise DumpError("the length of a function is not the length of what it holds", offset)
    code = data[captures - 4 * code_count : captures]
    return Prototype(
        offset,
        parameters,
        bool(kind & _VARARG),
        stack,
        upvalues,
        little_endian(code, 4) if flags & BIG_ENDIAN else code,
        tuple(constants),
        numbers,
        children,
        data[captures:constants_at],
        line,
        line + lines,
        _debug(data, at, end, code_count, lines, upvalues, flags) if debug_size else NO_DEBUG,
    )


def _children(
    constants: list[Constant], waiting: list[Prototype], depths: list[int], offset: int
) -> tuple[Prototype, ...]:
    """The functions defined in one, in the order of the source; they take their places among its constants.

    `depths` holds how deep the waiting functions go; how deep this one goes is added.
    """
    depth = 0
    taken: list[Prototype] = []
    for index in range(len(constants) - 1, -1, -1) if None in constants else ():
        if constants[index] is None:
            if not waiting:
                raise DumpError("a function is used that is not there", offset)
            taken.append(waiting.pop())
            constants[index] = taken[-1]
            depth = max(depth, depths.pop())
    depths.append(depth + 1)
    return tuple(reversed(taken))


def little_endian(words: bytes, width: int) -> bytes:
    """These big-endian words of 1, 2 or 4 bytes with the bytes of each the other way round."""
    if width == 1:
        return words
    swapped = array("H" if width == 2 else "I", words)
    swapped.byteswap()
    return swapped.tobytes()


def _constants(data: bytes, at: int, end: int, count: int) -> tuple[list[Constant], int]:
    """The constants in the order in which instructions count them, None for a function; and where they end."""
    found: list[Constant] = []
    add = found.append
    for _ in range(count):
        kind = data[at]
        if kind < 0x80:
            at += 1
        else:
            kind, at = uleb(data, at)
        if kind >= _TEXT:
            stop = at + kind - _TEXT
            if stop > end:
                raise DumpError("a string is longer than the function it is in", at)
            add(data[at:stop])
            at = stop
        elif kind == _CHILD:
            add(None)
        elif kind == _TABLE:
            table, at = _table(data, at, end)
            add(table)
        else:
            value, at = _boxed(data, at, kind)
            add(value)
    found.reverse()
    return found, at


def _boxed(data: bytes, at: int, kind: int) -> tuple[BoxedInteger | complex, int]:
    low, at = uleb(data, at)
    high, at = uleb(data, at)
    if kind == _COMPLEX:
        real = _double(low, high)
        low, at = uleb(data, at)
        high, at = uleb(data, at)
        return complex(real, _double(low, high)), at
    value = high << 32 | low
    if kind == _SIGNED and value >> 63:
        value -= 1 << 64
    return BoxedInteger(value, kind == _SIGNED), at


def _double(low: int, high: int) -> float:
    value: float = _DOUBLES.unpack((high << 32 | low).to_bytes(8, "little"))[0]
    return value


def _table(data: bytes, at: int, end: int) -> tuple[TableConstant, int]:
    array_count, at = uleb(data, at)
    pair_count, at = uleb(data, at)
    if at + array_count + 2 * pair_count > end:
        raise DumpError("a table announces more than its function can hold", at)
    items: list[Plain] = []
    for _ in range(array_count + 2 * pair_count):
        kind, at = uleb(data, at)
        if kind >= _TABLE_TEXT:
            stop = at + kind - _TABLE_TEXT
            if stop > end:
                raise DumpError("a string is longer than the function it is in", at)
            items.append(data[at:stop])
            at = stop
        elif kind == _INTEGER:
            value, at = uleb(data, at)
            items.append(value - ((value & 0x80000000) << 1))
        elif kind == _DOUBLE:
            low, at = uleb(data, at)
            high, at = uleb(data, at)
            items.append(_double(low, high))
        else:
            items.append((None, False, True)[kind])
    keys = items[array_count::2]
    return TableConstant(tuple(items[:array_count]), tuple(zip(keys, items[array_count + 1 :: 2], strict=True))), at


def _numbers(data: bytes, at: int, end: int, count: int) -> tuple[tuple[int | float, ...], int]:
    """The numbers: 33 bits each, of which the lowest says that 32 more bits follow, which makes a double."""
    found: list[int | float] = []
    for _ in range(count):
        first = data[at]
        at += 1
        value = first >> 1
        if value >= 0x40:
            rest, at = uleb(data, at)
            value = (value & 0x3F) | rest << 6
            if value > _WORD:
                raise DumpError("a number is longer than 32 bits", at)
        if first & 1:
            high, at = uleb(data, at)
            found.append(_double(value, high))
        else:
            found.append(value - ((value & 0x80000000) << 1))
    if at > end:
        raise DumpError("the numbers of a function go beyond its end", at)
    return tuple(found), at


def _debug(data: bytes, at: int, end: int, code_count: int, lines: int, upvalues: int, flags: int) -> DebugInfo:
    width = 1 if lines < 1 << 8 else 2 if lines < 1 << 16 else 4
    names_at = at + width * code_count
    if names_at > end:
        raise DumpError("the lines of a function go beyond its end", at)
    offsets = data[at:names_at]
    names: list[bytes | None] = []
    at = names_at
    for _ in range(upvalues):
        name, at = _name(data, at, end)
        names.append(name)
    variables: list[Variable] = []
    position = 0
    while data[at]:
        if data[at] <= len(_HIDDEN):
            name = _HIDDEN[data[at] - 1]
            at += 1
        else:
            name, at = _name(data, at, end)
        begin, at = uleb(data, at)
        length, at = uleb(data, at)
        position += begin
        variables.append(Variable(name, position, position + length))
        if at >= end:
            break
    if at + 1 != end:
        raise DumpError("the names of a function do not end where they should", at)
    return DebugInfo(
        lines=little_endian(offsets, width) if flags & BIG_ENDIAN else offsets,
        variables=tuple(variables),
        upvalues=tuple(names),
    )


def _name(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    stop = data.find(b"\0", at, end)
    if stop < 0:
        raise DumpError("a name does not end", at)
    return data[at:stop], stop + 1
