"""The parts of a program that its code names: modules it requires and declares, functions, members of libraries.

Each function is followed once, from the first instruction to the last, with what is known of its registers; functions
see what those around them captured. What is decided while the program runs (`require(name)`) stays unknown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from struct import unpack
from typing import Any, NamedTuple, TypeAlias

from consilience.analyse.lua.conformance import is_raw_next
from consilience.analyse.lua.dialects import Dialect, dialects
from consilience.analyse.lua.dump import Dump, Prototype
from consilience.analyse.lua.instructions import IS_CONSTANT, K_BIT, words

MOST_STEPS = 10_000_000
_LOCAL_SLOT = 0x8000
_SLOT = 0x3FFF
_LONGEST_PATH = 200


class DottedName(NamedTuple):
    """A global, or a field of one or of a module, as its dotted name."""

    name: str


Known: TypeAlias = "DottedName | bytes | Prototype"
_GLOBALS = DottedName("")
_NO_BIT = 32


class NamedPart(NamedTuple):
    """Something named: `how` is required, declared, library or function; `where` the function that says so."""

    name: str
    how: str
    where: Prototype


class Components(NamedTuple):
    """What the code of a dump names. `names` gives functions by their offsets in the dump."""

    required: tuple[NamedPart, ...]
    declared: tuple[NamedPart, ...]
    library: tuple[NamedPart, ...]
    functions: tuple[NamedPart, ...]
    names: Mapping[int, str]


class _Actions(NamedTuple):
    family: Mapping[str, str]
    keep_order: tuple[int, int, int]


@lru_cache(maxsize=1)
def parts_table() -> Mapping[str, Any]:
    """What `parts.toml` says."""
    return tomllib.loads(files("consilience.analyse.lua").joinpath("parts.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def library_names() -> frozenset[str]:
    """The libraries that come with Lua or LuaJIT."""
    return frozenset(parts_table()["names"]["libraries"].split())


@lru_cache(maxsize=1)
def loader_names() -> frozenset[str]:
    """The globals that compile text or files while a program runs."""
    return frozenset(parts_table()["names"]["loaders"].split())


@lru_cache(maxsize=8)
def _actions(family: str) -> _Actions:
    row = dict(parts_table()[family])
    order = tuple(row.pop("keep_order"))
    quiet = dict.fromkeys(row.pop("quiet").split(), "quiet")
    return _Actions(quiet | {name: action for action, names in row.items() for name in names}, order)


def components(dump: Dump) -> Components:
    """The parts that the code of a dump names, each once, in the order in which it names them.

    Only for dumps whose instructions have standard numbers (`conformance`); of others the answer means nothing.
    """
    traversal = _Traversal(dump)
    traversal.run()
    return Components(
        required=_once(traversal.found["required"]),
        declared=_once(traversal.found["declared"]),
        library=_once(traversal.found["library"]),
        functions=_once(traversal.found["function"]),
        names=traversal.names,
    )


def _once(parts: Iterable[NamedPart]) -> tuple[NamedPart, ...]:
    first: dict[str, NamedPart] = {}
    for part in parts:
        first.setdefault(part.name, part)
    return tuple(first.values())


class _Traversal:
    """The functions of a dump still to be followed, with what they captured, and what was found."""

    def __init__(self, dump: Dump) -> None:
        self.dialect = dialects()[dump.dialect]
        self.keep_order = _actions(self.dialect.family).keep_order
        self.first_argument = 2 if "fr2" in dump.flags else 1
        self.found: dict[str, list[NamedPart]] = {how: [] for how in ("required", "declared", "library", "function")}
        self.recorded: set[tuple[str, str]] = set()
        self.names: dict[int, str] = {}
        self.modules: set[str] = set()
        self.followed: set[int] = set()
        self.steps = MOST_STEPS
        self.table = _table(self.dialect.name)
        self.leading = {name.encode() for name in (*library_names(), *loader_names(), "require", "module")}
        environment: dict[int, Known] = {} if self.dialect.is_luajit else {0: _GLOBALS}
        self.waiting: list[tuple[Prototype, dict[int, Known]]] = [(dump.main, environment)]

    def run(self) -> None:
        while self.waiting and self.steps > 0:
            prototype, upvalues = self.waiting.pop()
            if prototype.offset in self.followed:
                continue
            self.followed.add(prototype.offset)
            self.steps -= len(prototype.code) // 4
            if not self._is_silent(prototype, upvalues):
                _Function(self, prototype, upvalues).follow()

    def _is_silent(self, prototype: Prototype, upvalues: Mapping[int, Known]) -> bool:
        """Whether a function can name no part: it defines none, and neither its strings nor upvalues lead to any."""
        if prototype.children or not self.leading.isdisjoint(prototype.constants):
            return False
        return all(isinstance(each, bytes) or each == _GLOBALS for each in upvalues.values())

    def record(self, how: str, name: str, where: Prototype) -> None:
        if name and (how, name) not in self.recorded:
            self.recorded.add((how, name))
            self.found[how].append(NamedPart(name, how, where))

    def read(self, path: str, where: Prototype) -> None:
        """Takes note of a name that is read, when it is of a library or a module."""
        base, dot, _ = path.partition(".")
        if path in loader_names() or (dot and (base in library_names() or path.rpartition(".")[0] in self.modules)):
            self.record("library", path, where)


class _Function:
    """One function while it is followed: what is known of its registers and upvalues."""

    def __init__(self, traversal: _Traversal, prototype: Prototype, upvalues: dict[int, Known]) -> None:
        self.traversal = traversal
        self.dialect: Dialect = traversal.dialect
        self.prototype = prototype
        self.upvalues = upvalues
        self.registers: dict[int, Known] = {}
        self.place = self.resume = 0
        self.code: tuple[int, ...] = ()
        self.made: set[int] = set()
        self.defined: list[tuple[Prototype, dict[int, Known]]] = []

    def follow(self) -> None:
        self.code = words(self.prototype)
        dialect, table, registers = self.dialect, self.traversal.table, self.registers
        mask, known = dialect.mask, len(table)
        raw = dialect.numbers["SETLIST"] if dialect.name == "lua-5.1" else -1
        for place, word in enumerate(self.code):
            number = word & mask
            if number >= known or place < self.resume:
                continue
            action, fields, split = table[number]
            if action is not None:
                if self.traversal.steps <= 0:
                    break
                self.place = place
                if split:
                    action(self, *[(word >> at & of) + (word >> bit & 1) * IS_CONSTANT for at, of, bit in fields])
                elif len(fields) == 3:
                    (at, of, _), (then, those, _), (last, rest, _) = fields
                    action(self, word >> at & of, word >> then & those, word >> last & rest)
                else:
                    action(self, *[word >> at & of for at, of, _ in fields])
            elif fields:
                if registers:
                    at, of, _ = fields[0]
                    registers.pop(word >> at & of, None)
            elif number == raw and is_raw_next(word, number, dialect):
                self.resume = place + 2
        self.traversal.waiting.extend(reversed(self.defined))

    def _set_register(self, register: int, known: Known | None) -> None:
        if known is None:
            self.registers.pop(register, None)
        else:
            self.registers[register] = known

    def _text_of(self, place: int) -> str | None:
        """The constant of this place as text, when it is a string."""
        constants = self.prototype.constants
        return _named(constants[place]) if place < len(constants) else None

    def _name(self, given: int) -> str | None:
        """The name that an operand gives: a constant, or in Lua 5.1 to 5.3 a register that holds one."""
        if self.dialect.family != "lua-5.1":
            return self._text_of(given)
        return self._text_of(given - IS_CONSTANT) if given >= IS_CONSTANT else self._held(given)

    def _held(self, register: int) -> str | None:
        """The string that a register is known to hold, as text."""
        return _named(self.registers.get(register))

    def _member(self, base: Known | None, name: str | None) -> DottedName | None:
        if not isinstance(base, DottedName) or name is None or not name.isidentifier():
            return None
        if len(base.name) + len(name) > _LONGEST_PATH:
            return None
        path = f"{base.name}.{name}" if base.name else name
        self.traversal.read(path, self.prototype)
        return DottedName(path)

    def _get(self, register: int, place: int) -> None:
        self._set_register(register, self._member(_GLOBALS, self._text_of(place)))

    def _up_get(self, register: int, upvalue: int, given: int) -> None:
        base = self.upvalues.get(upvalue)
        self._set_register(register, self._member(base, self._name(given)) if isinstance(base, DottedName) else None)

    def _field(self, register: int, table: int, given: int) -> None:
        base = self.registers.get(table)
        self._set_register(register, self._member(base, self._name(given)) if isinstance(base, DottedName) else None)

    def _method(self, register: int, table: int, given: int) -> None:
        base = self.registers.get(table)
        if self.dialect.name == "lua-5.5":
            given |= IS_CONSTANT
        name = self._text_of(given - IS_CONSTANT) if given >= IS_CONSTANT else self._held(given)
        self._set_register(register + 1, base)
        self._set_register(register, self._member(base, name))

    def _pick(self, register: int, table: int, key: int) -> None:
        self._set_register(register, self._member(self.registers.get(table), self._held(key)))

    def _text(self, register: int, place: int) -> None:
        constants = self.prototype.constants
        constant = constants[place] if place < len(constants) else None
        self._set_register(register, constant if isinstance(constant, bytes) else None)

    def _move(self, register: int, other: int, *rest: int) -> None:
        self._set_register(register, self.registers.get(other))

    def _upvalue(self, register: int, place: int, *rest: int) -> None:
        self._set_register(register, self.upvalues.get(place))

    def _closure(self, register: int, place: int) -> None:
        among = self.prototype.constants if self.dialect.is_luajit else self.prototype.children
        child = among[place] if place < len(among) else None
        if not isinstance(child, Prototype):
            self._set_register(register, None)
            return
        self.traversal.steps -= child.upvalues // 4
        captured = self._captured(child)
        if child.offset not in self.made:
            self.made.add(child.offset)
            self.defined.append((child, captured))
        self._set_register(register, child)
        local = self._local(register)
        if local:
            self.traversal.names.setdefault(child.offset, local)

    def _captured(self, child: Prototype) -> dict[int, Known]:
        """What is known of the upvalues of a function when it is made."""
        if self.dialect.is_luajit:
            slots = unpack(f"<{len(child.captures) // 2}H", child.captures)
            pairs = [(slot & _LOCAL_SLOT, slot & _SLOT) for slot in slots]
        elif self.dialect.name == "lua-5.1":
            pairs = self._pseudo(child.upvalues)
        else:
            step = 3 if self.dialect.family == "lua-5.4" else 2
            pairs = list(zip(child.captures[::step], child.captures[1::step], strict=True))
        known = ((self.registers if local else self.upvalues).get(slot) for local, slot in pairs)
        return {place: each for place, each in enumerate(known) if each is not None}

    def _pseudo(self, count: int) -> list[tuple[int, int]]:
        """The captures that Lua 5.1 writes as instructions behind the one that makes a function."""
        following = self.code[self.place + 1 : self.place + 1 + count]
        self.place += count
        self.resume = self.place + 1
        move = self.dialect.numbers["MOVE"]
        return [(word & self.dialect.mask == move, word >> 23 & 0x1FF) for word in following]

    def _local(self, register: int) -> str:
        """The name of the local variable that a register begins to be after this instruction, where names are kept."""
        variables = self.prototype.debug.variables
        begun = self.place + (2 if self.dialect.is_luajit else 1)
        self.traversal.steps -= len(variables)
        for variable in variables if self.traversal.steps > 0 else ():
            if variable.begin in (begun, begun - 1) and not variable.name.startswith(b"("):
                self.traversal.steps -= len(variables)
                active = sum(
                    other.begin <= variable.begin < other.end for other in variables[: variables.index(variable)]
                )
                if active == register:
                    return spelled(variable.name)
        return ""

    def _set(self, register: int, place: int) -> None:
        self._define(self._text_of, place, self.registers.get(register), _GLOBALS)

    def _up_set(self, upvalue: int, name: int, given: int) -> None:
        kept = self.registers.get(given) if given < IS_CONSTANT else None
        self._define(self._name, name, kept, self.upvalues.get(upvalue))

    def _keep(self, *operands: int) -> None:
        first, second, third = self.traversal.keep_order
        given = operands[third]
        kept = self.registers.get(given) if given < IS_CONSTANT else None
        self._define(self._name, operands[second], kept, self.registers.get(operands[first]))

    def _put_by(self, *operands: int) -> None:
        first, second, third = self.traversal.keep_order
        given = operands[third]
        kept = self.registers.get(given) if given < IS_CONSTANT else None
        self._define(self._held, operands[second], kept, self.registers.get(operands[first]))

    def _define(self, naming: Callable[[int], str | None], given: int, kept: Known | None, table: Known | None) -> None:
        if not isinstance(kept, Prototype) and not isinstance(table, DottedName):
            return
        name = naming(given)
        if name is None:
            return
        if isinstance(table, DottedName) and table.name == "package.preload":
            self.traversal.record("declared", name, self.prototype)
        if isinstance(kept, Prototype):
            path = f"{table.name}.{name}" if isinstance(table, DottedName) and table.name else name
            self.traversal.names[kept.offset] = path
            self.traversal.record("function", path, kept)

    def _call(self, register: int, *rest: int) -> None:
        called = self.registers.get(register)
        result: Known | None = None
        if isinstance(called, DottedName):
            first = register + self.traversal.first_argument
            argument = self.registers.get(first)
            if called.name in ("pcall", "xpcall") and argument == DottedName("require"):
                called, argument = DottedName("require"), self.registers.get(first + 1)
            name = _named(argument)
            if name and called.name in ("require", "module"):
                result = self._module(called.name, name)
        self.traversal.steps -= len(self.registers) // 16
        for each in [each for each in self.registers if each >= register]:
            del self.registers[each]
        self._set_register(register, result)

    def _module(self, how: str, name: str) -> DottedName:
        self.traversal.record("required" if how == "require" else "declared", name, self.prototype)
        self.traversal.modules.add(name)
        self.traversal.leading.add(name.partition(".")[0].encode())
        return DottedName(name)


def _named(constant: object) -> str | None:
    """A string as a name; None for other constants, and for strings longer than names are."""
    return spelled(constant) if isinstance(constant, bytes) and len(constant) <= _LONGEST_PATH else None


def spelled(text: bytes) -> str:
    """A string as text: UTF-8 where it is, other bytes as escapes."""
    return text.decode("utf-8", "backslashreplace")


_Row: TypeAlias = "tuple[Callable[..., None] | None, tuple[tuple[int, int, int], ...], bool]"


@lru_cache(maxsize=8)
def _table(name: str) -> tuple[_Row, ...]:
    """What to do for each opcode of a dialect: an action and where its operands are; the one it changes; or nothing.

    An operand is a shift, a mask, and a bit that adds 256 where it is set; the last part says whether any has one.
    """
    dialect = dialects()[name]
    actions = _actions(dialect.family).family
    rows: list[_Row] = []
    for opcode in dialect.opcodes:
        action = actions.get(opcode.name)
        split = dialect.family == "lua-5.4" and any(each.kind == "rk" for each in opcode.operands)
        fields = tuple(
            (each.shift, each.mask, K_BIT if split and each.kind == "rk" else _NO_BIT) for each in opcode.operands
        )
        if action in (None, "quiet"):
            rows.append((None, fields[:1] if action is None else (), False))
        else:
            rows.append((getattr(_Function, f"_{action}"), fields, split))
    return tuple(rows)
