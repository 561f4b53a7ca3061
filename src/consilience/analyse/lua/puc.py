"""Reads dumps of PUC Lua 5.1 to 5.5, as ldump.c and lundump.c of each version lay them down.

A function has the same parts in every version; a `_Layout` says in which order. What else differs is how a version
writes its header, counts and strings:

- 5.1 to 5.3: counts have a fixed width, which the header gives.
- 5.4: counts are groups of 7 bits, the highest first; the last group has its high bit set.
- 5.5: all groups but the last have it set. A string is written once and then given by its number. Instructions and
  line marks begin at multiples of 4 from the start of the chunk.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from struct import Struct
from typing import NamedTuple

from consilience.analyse.lua.dump import NO_DEBUG, Constant, DebugInfo, Dump, DumpBudget, Prototype, Variable
from consilience.analyse.lua.errors import DumpError
from consilience.analyse.lua.luajit import little_endian

TAIL = b"\x19\x93\r\n\x1a\n"
INTEGER_MARK, NUMBER_MARK, CODE_MARK = 0x5678, 370.5, 0x12345678
_UNSIGNED = {2: "H", 4: "I", 8: "Q"}
_SIGNED = {4: "i", 8: "q"}
_REAL = {4: "f", 8: "d"}
_CODE_WIDTH = 4
_LONG_TEXT = 0xFF
_MOST = (1 << 64) - 1


class _Layout(NamedTuple):
    """The order of the parts of a function, and how many bytes one captured upvalue takes (0: only their count)."""

    source_first: bool
    captures_first: bool
    capture: int


_LAYOUTS = {
    1: _Layout(source_first=True, captures_first=True, capture=0),
    2: _Layout(source_first=False, captures_first=False, capture=2),
    3: _Layout(source_first=True, captures_first=True, capture=2),
    4: _Layout(source_first=True, captures_first=True, capture=3),
    5: _Layout(source_first=False, captures_first=True, capture=3),
}


def read(data: bytes, start: int, budget: DumpBudget) -> Dump:
    """The dump that begins at `start`. IndexError or struct.error where the bytes end too early.

    Raises:
        DumpError: for bytes that break the format.
    """
    reader = _READERS.get(data[start + 4])
    if reader is None or data[start + 5]:
        raise DumpError("Lua has no dumps of this version and format", start + 4)
    return reader(data, start, budget).dump()


class _Chunk(ABC):
    """One dump while it is read: where the reader is, and the widths that its header gave."""

    def __init__(self, data: bytes, start: int, budget: DumpBudget) -> None:
        self.data = data
        self.start = start
        self.budget = budget
        self.minor = data[start + 4] & 0xF
        self.layout = _LAYOUTS[self.minor]
        self.at = start + 6
        self.order = "<"
        self._header()
        self.constant_readers = self._constant_readers()

    @abstractmethod
    def _header(self) -> None:
        """Read the header: the order of bytes, and the widths."""

    @abstractmethod
    def _constant_readers(self) -> Mapping[int, Callable[[], Constant]]:
        """What reads the constants of each type."""

    @abstractmethod
    def _value(self) -> int:
        """A count, length or line."""

    @abstractmethod
    def _text(self) -> bytes | None:
        """A string; None where there is none."""

    @abstractmethod
    def _lines(self) -> tuple[bytes, bytes]:
        """The lines of the instructions, and the absolute ones from which offsets go on."""

    def _fail(self, what: str) -> DumpError:
        return DumpError(what, self.start)

    def _tail(self) -> None:
        if self._take(6) != TAIL:
            raise DumpError(f"the header does not go on as that of Lua 5.{self.minor}", self.at)

    def _integer_format(self, width: int, mark: int) -> None:
        given = self._take(width)
        form = _SIGNED.get(width, "")
        self.order = next((order for order in "<>" if form and Struct(order + form).unpack(given)[0] == mark), "")
        if not self.order:
            raise DumpError("the integer that shows the order of bytes is another one", self.at)
        self.integer_width = width
        self.integer = Struct(self.order + form).unpack_from

    def _number_format(self, width: int, forms: Mapping[int, str]) -> None:
        if width not in forms:
            raise self._fail("the header gives widths that no machine has")
        self.number_width = width
        self.number = Struct(self.order + forms[width]).unpack_from

    def _number_mark(self, mark: float) -> None:
        at = self.at
        if self._number() != mark:
            raise DumpError("the number that shows the format of numbers is another one", at)

    def _take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            left = max(0, len(self.data) - self.at)
            raise DumpError(f"{count:,} bytes are announced where {left:,} are left", len(self.data) - left)
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def _count(self, least: int = 1) -> int:
        """A count of things of which each takes at least so many bytes."""
        count = self._value()
        if count * least > len(self.data) - self.at:
            raise DumpError(f"{count:,} items are announced where {len(self.data) - self.at:,} bytes are left", self.at)
        return count

    def _integer(self) -> int:
        value: int = self.integer(self.data, self.at)[0]
        self.at += self.integer_width
        return value

    def _number(self) -> int | float:
        value: int | float = self.number(self.data, self.at)[0]
        self.at += self.number_width
        return value

    def _words(self, count: int) -> bytes:
        """So many words of 4 bytes, the lowest byte first."""
        words = self._take(_CODE_WIDTH * count)
        return words if self.order == "<" else little_endian(words, _CODE_WIDTH)

    def dump(self) -> Dump:
        """The dump."""
        main = self._function(1)
        return Dump(
            dialect=f"lua-5.{self.minor}",
            main=main,
            size=self.at - self.start,
            stripped=not main.debug.lines,
            big_endian=self.order == ">",
            chunk=main.debug.source,
        )

    def _function(self, depth: int) -> Prototype:
        if depth > self.budget.depth:
            raise DumpError(f"functions are nested more than {self.budget.depth} deep", self.at)
        offset, layout = self.at, self.layout
        source = self._text() if layout.source_first else None
        line, last_line = self._value(), self._value()
        upvalues = 0 if layout.capture else self._take(1)[0]
        parameters, vararg, stack = self._take(3)
        code = self._words(self._count(_CODE_WIDTH))
        constants = self._constants()
        captures = self._captures() if layout.captures_first else b""
        children = tuple([self._function(depth + 1) for _ in range(self._count())])
        if not layout.captures_first:
            captures = self._captures()
        if not layout.source_first:
            source = self._text()
        debug = self._debug(source)
        self.budget.spend(len(code) // _CODE_WIDTH + len(constants) + len(debug.lines) + len(debug.variables), offset)
        return Prototype(
            offset,
            parameters,
            self._is_vararg(vararg),
            stack,
            len(captures) // layout.capture if layout.capture else upvalues,
            code,
            constants,
            (),
            children,
            captures,
            line,
            last_line,
            debug,
        )

    def _is_vararg(self, flags: int) -> bool:
        return bool(flags)

    def _captures(self) -> bytes:
        size = self.layout.capture
        return self._take(size * self._count(size)) if size else b""

    def _constants(self) -> tuple[Constant, ...]:
        found: list[Constant] = []
        add, readers, data = found.append, self.constant_readers, self.data
        for _ in range(self._count()):
            reader = readers.get(data[self.at])
            if reader is None:
                raise DumpError(f"Lua 5.{self.minor} has no constants of type {data[self.at]}", self.at)
            self.at += 1
            add(reader())
        return tuple(found)

    def _debug(self, source: bytes | None) -> DebugInfo:
        lines, absolute = self._lines()
        variables = [Variable(self._text() or b"", self._value(), self._value()) for _ in range(self._count())]
        upvalues = [self._text() for _ in range(self._count())]
        if not (lines or variables or upvalues or source):
            return NO_DEBUG
        return DebugInfo(source, lines, absolute, tuple(variables), tuple(upvalues))


class _FixedWidths(_Chunk):
    """One dump of Lua 5.1 or 5.2."""

    def _header(self) -> None:
        endian, whole, size, code, number, integral = self._take(6)
        self.order = "<" if endian else ">"
        if endian > 1 or code != _CODE_WIDTH or integral > 1:
            raise self._fail("the header describes a machine that Lua 5.1 and 5.2 do not know")
        self._widths(whole, size)
        self._number_format(number, _SIGNED if integral else _REAL)
        if self.minor == 2 and self._take(6) != TAIL:
            raise DumpError("the header does not end as that of Lua 5.2", self.at)

    def _widths(self, whole: int, size: int) -> None:
        if whole not in _UNSIGNED or size not in _UNSIGNED:
            raise self._fail("the header gives widths that no machine has")
        self.whole_width, self.size_width = whole, size
        self.whole = Struct(self.order + _UNSIGNED[whole]).unpack_from
        self.size = Struct(self.order + _UNSIGNED[size]).unpack_from

    def _constant_readers(self) -> Mapping[int, Callable[[], Constant]]:
        return {0: _nil, 1: self._boolean, 3: self._number, 4: self._text, 0x14: self._text}

    def _boolean(self) -> bool:
        value = self.data[self.at] != 0
        self.at += 1
        return value

    def _value(self) -> int:
        value: int = self.whole(self.data, self.at)[0]
        self.at += self.whole_width
        return value

    def _length(self) -> int:
        value: int = self.size(self.data, self.at)[0]
        self.at += self.size_width
        return value

    def _text(self) -> bytes | None:
        length = self._length()
        return self._take(length)[:-1] if length else None

    def _lines(self) -> tuple[bytes, bytes]:
        count = self._count(self.whole_width)
        if self.whole_width == _CODE_WIDTH:
            return self._words(count), b""
        lines = Struct(f"{self.order}{count}{_UNSIGNED[self.whole_width]}").unpack(self._take(self.whole_width * count))
        return Struct(f"<{count}I").pack(*[line & 0xFFFFFFFF for line in lines]), b""


class _Lua53(_FixedWidths):
    """One dump of Lua 5.3."""

    def _header(self) -> None:
        self._tail()
        whole, size, code, integer, number = self._take(5)
        if integer not in _SIGNED or code != _CODE_WIDTH:
            raise self._fail("the header describes a machine that Lua 5.3 does not know")
        self._integer_format(integer, INTEGER_MARK)
        self._widths(whole, size)
        self._number_format(number, _REAL)
        self._number_mark(NUMBER_MARK)
        self.at += 1

    def _constant_readers(self) -> Mapping[int, Callable[[], Constant]]:
        return {**super()._constant_readers(), 0x13: self._integer}

    def _text(self) -> bytes | None:
        length = self.data[self.at]
        self.at += 1
        if length == _LONG_TEXT:
            length = self._length()
        return self._take(length - 1) if length else None


class _Lua54(_Chunk):
    """One dump of Lua 5.4."""

    def _header(self) -> None:
        self._tail()
        code, integer, number = self._take(3)
        if code != _CODE_WIDTH:
            raise self._fail("the header describes a machine that Lua 5.4 does not know")
        self._integer_format(integer, INTEGER_MARK)
        self._number_format(number, _REAL)
        self._number_mark(NUMBER_MARK)
        self.at += 1

    def _constant_readers(self) -> Mapping[int, Callable[[], Constant]]:
        texts = dict.fromkeys((4, 0x14), self._text)
        return {0: _nil, 1: _false, 0x11: _true, 3: self._integer, 0x13: self._number, **texts}

    def _value(self) -> int:
        data, at = self.data, self.at
        byte = data[at]
        value = byte & 0x7F
        while byte < 0x80:
            at += 1
            byte = data[at]
            value = value << 7 | (byte & 0x7F)
            if value > _MOST:
                raise DumpError("a number is longer than 64 bits", at)
        self.at = at + 1
        return value

    def _text(self) -> bytes | None:
        length = self._value()
        return self._take(length - 1) if length else None

    def _lines(self) -> tuple[bytes, bytes]:
        return self._take(self._count()), self._absolute_lines()

    def _absolute_lines(self) -> bytes:
        """Pairs of instruction and line, as words."""
        values = [self._value() & 0xFFFFFFFF for _ in range(2 * self._count(2))]
        return Struct(f"<{len(values)}I").pack(*values)


class _Lua55(_Lua54):
    """One dump of Lua 5.5, with the strings that were written so far."""

    def _header(self) -> None:
        self.strings: list[bytes] = []
        self._tail()
        self._integer_format(self._take(1)[0], -INTEGER_MARK)
        width = self._take(1)[0]
        if width != _CODE_WIDTH or Struct(self.order + "I").unpack(self._take(_CODE_WIDTH))[0] != CODE_MARK:
            raise self._fail("the header describes a machine that Lua 5.5 does not know")
        self._integer_format(self._take(1)[0], -INTEGER_MARK)
        self._number_format(self._take(1)[0], _REAL)
        self._number_mark(-NUMBER_MARK)
        self.at += 1

    def _is_vararg(self, flags: int) -> bool:
        return bool(flags & 3)

    def _value(self) -> int:
        data, at = self.data, self.at
        byte = data[at]
        if byte < 0x80:
            self.at = at + 1
            return byte
        value = byte & 0x7F
        while byte >= 0x80:
            at += 1
            byte = data[at]
            value = value << 7 | (byte & 0x7F)
            if value > _MOST:
                raise DumpError("a number is longer than 64 bits", at)
        self.at = at + 1
        return value

    def _text(self) -> bytes | None:
        length = self._value()
        if length:
            text = self._take(length)[:-1]
            self.strings.append(text)
            return text
        number = self._value()
        if number > len(self.strings):
            raise DumpError(f"string {number:,} is used where {len(self.strings):,} are known", self.at)
        return self.strings[number - 1] if number else None

    def _integer(self) -> int:
        value = self._value()
        return ~(value >> 1) if value & 1 else value >> 1

    def _words(self, count: int) -> bytes:
        self.at += -(self.at - self.start) % _CODE_WIDTH
        return super()._words(count)

    def _absolute_lines(self) -> bytes:
        count = self._count(8)
        return self._words(2 * count) if count else b""


def _nil() -> None:
    return None


def _false() -> bool:
    return False


def _true() -> bool:
    return True


_READERS: Mapping[int, type[_Chunk]] = {
    0x51: _FixedWidths,
    0x52: _FixedWidths,
    0x53: _Lua53,
    0x54: _Lua54,
    0x55: _Lua55,
}
