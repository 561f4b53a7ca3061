"""Reads dumps of PUC Lua 5.4 and 5.5, whose counts are variable: groups of 7 bits, the highest first.

In 5.4 the last group has its high bit set; in 5.5 all but the last, strings are kept once and then told by number,
and code and line marks begin at multiples of 4 from the chunk's start (ldump.c, lundump.c).
"""

from __future__ import annotations

from struct import Struct

from consilience.analyse.lua.dump import NO_DEBUG, Budget, Constant, Debug, Dump, Prototype, Variable
from consilience.analyse.lua.errors import DumpError
from consilience.analyse.lua.luajit import little_endian
from consilience.analyse.lua.puc_fixed import INTEGER_MARK, NUMBER_MARK, TAIL

_SIGNED = {4: "i", 8: "q"}
_REAL = {4: "f", 8: "d"}
_NIL, _FALSE, _INTEGER, _TEXT, _TRUE, _FLOAT, _LONG_TEXT = 0, 1, 3, 4, 0x11, 0x13, 0x14
_MARK_OF_CODE = 0x12345678
_CODE_WIDTH = 4
_MOST = (1 << 64) - 1


def read(data: bytes, start: int, budget: Budget) -> Dump:
    """The dump that begins at `start`. IndexError or struct.error where the bytes end too early.

    Raises:
        DumpError: for bytes that break the format.
    """
    return (_Chunk if data[start + 4] == 0x54 else _Interned)(data, start, budget).dump()


class _Chunk:
    """One dump of Lua 5.4 while it is read."""

    minor = 4

    def __init__(self, data: bytes, start: int, budget: Budget) -> None:
        self.data = data
        self.start = start
        self.budget = budget
        self.at = start + 6
        self.order = "<"
        if self._take(6) != TAIL:
            raise DumpError(f"the header does not go on as that of Lua 5.{self.minor}", self.at)
        self._header()
        self.at += 1

    def _header(self) -> None:
        code, integer, number = self._take(3)
        if code != _CODE_WIDTH:
            raise DumpError("the header describes a machine that Lua 5.4 does not know", self.start)
        self._integer_format(integer, INTEGER_MARK)
        self._number_format(number, NUMBER_MARK)

    def _integer_format(self, width: int, mark: int) -> None:
        given = self._take(width)
        form = _SIGNED.get(width, "")
        self.order = next((order for order in "<>" if form and Struct(order + form).unpack(given)[0] == mark), "")
        if not self.order:
            raise DumpError("the integer that shows the order of bytes is another one", self.at)
        self.integer_width = width
        self.integer = Struct(self.order + form).unpack_from

    def _number_format(self, width: int, mark: float) -> None:
        if width not in _REAL:
            raise DumpError("the header gives widths that no machine has", self.start)
        self.number_width = width
        self.number = Struct(self.order + _REAL[width]).unpack_from
        if self.number(self.data, self.at)[0] != mark:
            raise DumpError("the number that shows the format of numbers is another one", self.at)
        self.at += width

    def _take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            left = max(0, len(self.data) - self.at)
            raise DumpError(f"{count:,} bytes are announced where {left:,} are left", len(self.data) - left)
        taken = self.data[self.at : end]
        self.at = end
        return taken

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

    def _count(self, least: int = 1) -> int:
        """A count of things of which each takes at least so many bytes."""
        count = self._value()
        if count * least > len(self.data) - self.at:
            raise DumpError(f"{count:,} items are announced where {len(self.data) - self.at:,} bytes are left", self.at)
        return count

    def _text(self) -> bytes | None:
        length = self._value()
        return self._take(length - 1) if length else None

    def _whole(self) -> int:
        value: int = self.integer(self.data, self.at)[0]
        self.at += self.integer_width
        return value

    def _words(self, width: int) -> bytes:
        words = self._take(width * self._count(width))
        return words if self.order == "<" else little_endian(words, _CODE_WIDTH)

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
        source = self._text() if self.minor == 4 else None
        line, last_line = self._value(), self._value()
        parameters, vararg, stack = self._take(3)
        code = self._words(_CODE_WIDTH)
        constants = self._constants()
        captures = self._take(3 * self._count(3))
        children = tuple([self._function(depth + 1) for _ in range(self._count())])
        if self.minor == 5:
            source = self._text()
        debug = self._debug(source)
        self.budget.spend(len(code) // _CODE_WIDTH + len(constants) + len(debug.lines) + len(debug.variables), offset)
        return Prototype(
            offset,
            parameters,
            bool(vararg & 3) if self.minor == 5 else bool(vararg),
            stack,
            len(captures) // 3,
            code,
            constants,
            (),
            children,
            captures,
            line,
            last_line,
            debug,
        )

    def _constants(self) -> tuple[Constant, ...]:
        count = self._count()
        found: list[Constant] = []
        add = found.append
        data = self.data
        text = self._text
        for _ in range(count):
            kind = data[self.at]
            self.at += 1
            if kind in (_TEXT, _LONG_TEXT):
                add(text())
            elif kind == _INTEGER:
                add(self._whole())
            elif kind == _FLOAT:
                add(self.number(data, self.at)[0])
                self.at += self.number_width
            elif kind in (_NIL, _FALSE, _TRUE):
                add(None if kind == _NIL else kind == _TRUE)
            else:
                raise DumpError(f"Lua 5.{self.minor} has no constants of type {kind}", self.at - 1)
        return tuple(found)

    def _debug(self, source: bytes | None) -> Debug:
        lines = self._take(self._count())
        absolute = self._absolute()
        variables = [Variable(self._text() or b"", self._value(), self._value()) for _ in range(self._count())]
        upvalues = [self._text() for _ in range(self._count())]
        if not (lines or variables or upvalues or source):
            return NO_DEBUG
        return Debug(source, lines, absolute, tuple(variables), tuple(upvalues))

    def _absolute(self) -> bytes:
        """Pairs of instruction and line, as words, from which the offsets in `lines` go on."""
        values = [self._value() & 0xFFFFFFFF for _ in range(2 * self._count(2))]
        return Struct(f"<{len(values)}I").pack(*values)


class _Interned(_Chunk):
    """One dump of Lua 5.5 while it is read."""

    minor = 5

    def __init__(self, data: bytes, start: int, budget: Budget) -> None:
        self.strings: list[bytes] = []
        super().__init__(data, start, budget)

    def _header(self) -> None:
        width = self._take(1)[0]
        self._integer_format(width, -INTEGER_MARK)
        width = self._take(1)[0]
        if width != _CODE_WIDTH or self.order_of_code() != _MARK_OF_CODE:
            raise DumpError("the header describes a machine that Lua 5.5 does not know", self.start)
        self._integer_format(self._take(1)[0], -INTEGER_MARK)
        self._number_format(self._take(1)[0], -NUMBER_MARK)

    def order_of_code(self) -> int:
        mark: int = Struct(self.order + "I").unpack(self._take(_CODE_WIDTH))[0]
        return mark

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
            raise DumpError(f"string {number:,} is told where {len(self.strings):,} are known", self.at)
        return self.strings[number - 1] if number else None

    def _whole(self) -> int:
        value = self._value()
        return ~(value >> 1) if value & 1 else value >> 1

    def _words(self, width: int) -> bytes:
        count = self._count(width)
        self.at += -(self.at - self.start) % _CODE_WIDTH
        words = self._take(width * count)
        return words if self.order == "<" else little_endian(words, _CODE_WIDTH)

    def _absolute(self) -> bytes:
        count = self._count(8)
        if not count:
            return b""
        self.at += -(self.at - self.start) % _CODE_WIDTH
        marks = self._take(8 * count)
        return marks if self.order == "<" else little_endian(marks, _CODE_WIDTH)
