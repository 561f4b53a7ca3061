"""Reads dumps of PUC Lua 5.1, 5.2 and 5.3, whose counts have a fixed width that the header gives.

The three differ in the order of the parts of a function and in how a string tells its length (ldump.c, lundump.c).
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from consilience.analyse.lua.dump import NO_DEBUG, Budget, Constant, Debug, Dump, Prototype, Variable
from consilience.analyse.lua.errors import DumpError
from consilience.analyse.lua.luajit import little_endian

TAIL = b"\x19\x93\r\n\x1a\n"
INTEGER_MARK, NUMBER_MARK = 0x5678, 370.5
_WHOLE = {2: "H", 4: "I", 8: "Q"}
_SIGNED = {4: "i", 8: "q"}
_REAL = {4: "f", 8: "d"}
_NIL, _BOOLEAN, _NUMBER, _INTEGER, _TEXT, _LONG_TEXT = 0, 1, 3, 0x13, 4, 0x14
_LONG = 0xFF
_CODE_WIDTH = 4

Unpack = Callable[[bytes, int], tuple[int]]
Unpack_number = Callable[[bytes, int], "tuple[int | float]"]


def read(data: bytes, start: int, budget: Budget) -> Dump:
    """The dump that begins at `start`. IndexError or struct.error where the bytes end too early.

    Raises:
        DumpError: for bytes that break the format.
    """
    return _Chunk(data, start, budget).dump()


class _Chunk:
    """One dump while it is read: where the reader is, and the widths that its header gave."""

    def __init__(self, data: bytes, start: int, budget: Budget) -> None:
        self.data = data
        self.start = start
        self.budget = budget
        self.minor = data[start + 4] & 0xF
        self.at = start + 6
        self.order = "<"
        if self.minor == 3:
            self._header_of_5_3()
        else:
            self._header_of_5_1()

    def _header_of_5_1(self) -> None:
        endian, whole, size, code, number, integral = self._take(6)
        self.order = "<" if endian else ">"
        if endian > 1 or code != _CODE_WIDTH or integral > 1:
            raise DumpError("the header describes a machine that Lua 5.1 and 5.2 do not know", self.start)
        self._widths(whole, size, _SIGNED if integral else _REAL, number)
        if self.minor == 2 and self._take(6) != TAIL:
            raise DumpError("the header does not end as that of Lua 5.2", self.at)

    def _header_of_5_3(self) -> None:
        if self._take(6) != TAIL:
            raise DumpError("the header does not go on as that of Lua 5.3", self.at)
        whole, size, code, integer, number = self._take(5)
        if integer not in _SIGNED or code != _CODE_WIDTH:
            raise DumpError("the header describes a machine that Lua 5.3 does not know", self.start)
        mark = self._take(integer)
        self.order = next(
            (order for order in "<>" if Struct(order + _SIGNED[integer]).unpack(mark)[0] == INTEGER_MARK), ""
        )
        if not self.order:
            raise DumpError("the integer that shows the order of bytes is another one", self.at)
        self.integer_width = integer
        self.integer = Struct(self.order + _SIGNED[integer]).unpack_from
        self._widths(whole, size, _REAL, number)
        if self.number(self.data, self.at)[0] != NUMBER_MARK:
            raise DumpError("the number that shows the format of numbers is another one", self.at)
        self.at += number + 1

    def _widths(self, whole: int, size: int, numbers: dict[int, str], number: int) -> None:
        if whole not in _WHOLE or size not in _WHOLE or number not in numbers:
            raise DumpError("the header gives widths that no machine has", self.start)
        self.whole_width, self.size_width, self.number_width = whole, size, number
        self.whole: Unpack = Struct(self.order + _WHOLE[whole]).unpack_from
        self.size: Unpack = Struct(self.order + _WHOLE[size]).unpack_from
        self.number: Unpack_number = Struct(self.order + numbers[number]).unpack_from
        self.text = self._text_of_5_3 if self.minor == 3 else self._text_of_5_1

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
        (count,) = self.whole(self.data, self.at)
        self.at += self.whole_width
        if count * least > len(self.data) - self.at:
            raise DumpError(f"{count:,} items are announced where {len(self.data) - self.at:,} bytes are left", self.at)
        return count

    def _line(self) -> int:
        (line,) = self.whole(self.data, self.at)
        self.at += self.whole_width
        return line

    def _text_of_5_1(self) -> bytes | None:
        (length,) = self.size(self.data, self.at)
        self.at += self.size_width
        return self._take(length)[:-1] if length else None

    def _text_of_5_3(self) -> bytes | None:
        length = self.data[self.at]
        self.at += 1
        if length == _LONG:
            (length,) = self.size(self.data, self.at)
            self.at += self.size_width
        return self._take(length - 1) if length else None

    def dump(self) -> Dump:
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
        offset = self.at
        source = None if self.minor == 2 else self.text()
        line, last_line = self._line(), self._line()
        upvalues = self._take(1)[0] if self.minor == 1 else 0
        parameters, vararg, stack = self._take(3)
        code = self._take(_CODE_WIDTH * self._count(_CODE_WIDTH))
        constants = self._constants()
        children: tuple[Prototype, ...] = ()
        captures = b""
        if self.minor == 3:
            captures = self._take(2 * self._count(2))
            children = self._children(depth)
        else:
            children = self._children(depth)
            if self.minor == 2:
                captures = self._take(2 * self._count(2))
                source = self.text()
        debug = self._debug(source)
        self.budget.spend(len(code) // _CODE_WIDTH + len(constants) + len(debug.lines) + len(debug.variables), offset)
        return Prototype(
            offset,
            parameters,
            bool(vararg),
            stack,
            upvalues if self.minor == 1 else len(captures) // 2,
            code if self.order == "<" else little_endian(code, _CODE_WIDTH),
            constants,
            (),
            children,
            captures,
            line,
            last_line,
            debug,
        )

    def _children(self, depth: int) -> tuple[Prototype, ...]:
        return tuple([self._function(depth + 1) for _ in range(self._count())])

    def _constants(self) -> tuple[Constant, ...]:
        count = self._count()
        found: list[Constant] = []
        add = found.append
        data = self.data
        for _ in range(count):
            kind = data[self.at]
            self.at += 1
            if kind in (_TEXT, _LONG_TEXT):
                add(self.text())
            elif kind == _NUMBER:
                add(self.number(data, self.at)[0])
                self.at += self.number_width
            elif kind == _BOOLEAN:
                add(data[self.at] != 0)
                self.at += 1
            elif kind == _NIL:
                add(None)
            elif kind == _INTEGER and self.minor == 3:
                add(self.integer(data, self.at)[0])
                self.at += self.integer_width
            else:
                raise DumpError(f"Lua 5.{self.minor} has no constants of type {kind}", self.at - 1)
        return tuple(found)

    def _debug(self, source: bytes | None) -> Debug:
        lines = self._take(self.whole_width * self._count(self.whole_width))
        variables = [Variable(self.text() or b"", self._line(), self._line()) for _ in range(self._count())]
        upvalues = [self.text() for _ in range(self._count())]
        if not (lines or variables or upvalues or source):
            return NO_DEBUG
        if lines and self.whole_width != _CODE_WIDTH:
            lines = _as_words(lines, self.whole_width, self.order)
        elif self.order == ">":
            lines = little_endian(lines, self.whole_width)
        return Debug(source, lines, b"", tuple(variables), tuple(upvalues))


def _as_words(lines: bytes, width: int, order: str) -> bytes:
    count = len(lines) // width
    values = Struct(f"{order}{count}{_WHOLE[width]}").unpack(lines)
    return Struct(f"<{count}I").pack(*[value & 0xFFFFFFFF for value in values])
