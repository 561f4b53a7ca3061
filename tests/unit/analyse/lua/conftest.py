"""Harmless programs, and what the compilers of lupa make of them. They are compiled and never run."""

import contextlib
import importlib.util
import os
import random
import shutil
import struct
import subprocess
import sys
import textwrap

import pytest

RUNTIMES = {
    "luajit-2.0": "luajit20",
    "luajit-2.1": "luajit21",
    "lua-5.1": "lua51",
    "lua-5.2": "lua52",
    "lua-5.3": "lua53",
    "lua-5.4": "lua54",
    "lua-5.5": "lua55",
}
# Reads sources, and writes for each the size of its dump and the dump; nothing for what is not of the language.
SERVE = """
import importlib, struct, sys
compile = importlib.import_module(sys.argv[1]).LuaRuntime(encoding=None).eval(b'''
function(source, name, strip)
    local chunk = (loadstring or load)(source, name)
    return chunk and string.dump(chunk, strip) or ""
end
''')
while head := sys.stdin.buffer.read(9):
    size, name_size, strip = struct.unpack(">IIB", head)
    source, name = sys.stdin.buffer.read(size), sys.stdin.buffer.read(name_size)
    made = compile(source, name, bool(strip))
    sys.stdout.buffer.write(len(made).to_bytes(4, "big") + made)
    sys.stdout.buffer.flush()
"""
REQUIRED = "CONSILIENCE_TEST_LUA"
STARTS = 5

LISTS = b"""
local socket = require "socket.core"
local ok, codec = pcall(require, "vendor.codec")
local M = {}
M.colours = { "crimson", "viridian", [7] = 86400, depth = 3.25, [true] = false }
function M.walk(tree, visit, ...)
    for key, value in pairs(tree) do
        if type(value) == "table" then M.walk(value, visit, ...) else visit(key, value, ...) end
    end
    return #tree, select("#", ...)
end
function M:measure(first, second)
    local total = 0
    for step = first, second, 2 do total = total + step * 1.5 - step % 7 end
    while total > 65521 do total = total / 2 end
    repeat total = total - 1 until total < 1000
    self.total = total
    return os.time() - total, string.format("%d of %s", total, self.name or "nobody")
end
local function counter()
    local count = 0
    return function(by) count = count + (by or 1); return not (count == 12) and -count or nil end
end
M.counter, later = counter, function() return io.open("/dev/null", "rb"), socket.gettime() end
return setmetatable(M, { __index = function(_, key) return key .. "!" .. tostring(codec) end })
"""
MODULE = b"""
package.preload["inner.part"] = function(...)
    local required = require
    local part = required("outer.part")
    return part.build("assembled from pieces", 123456789, ...)
end
function start(config)
    local list = {}
    list[#list + 1] = config and config.name or "unnamed program"
    load("return 1")
    return list, math.floor(2718.28), string.rep("ab", 3)
end
"""
EMPTY = b""
# More constants than an operand of eight bits can tell, so that compilers must go about it in another way.
MANY = b"local t = {}\n" + b"".join(b"t.field%d = 'value %d'\n" % (each, each) for each in range(400)) + b"return t"
LONG = b"return [==[" + b"a long string of no meaning " * 40 + b"]==], '\\0\\255\\n', \"\\226\\130\\172\""
DEEP = b"return " + b"function() return " * 60 + b"1" + b" end" * 60
PROGRAMS = {"lists": LISTS, "module": MODULE, "empty": EMPTY, "many": MANY, "long": LONG, "deep": DEEP}
BITS = b"local a, b = 3, 5 return a & b | ~a ~ b << 2 >> 1, a // b, a | 255, 1 << a"
BOXED = b"return 0x123456789abcdefLL, 18446744073709551615ULL, 2.5i, { 1, 2, x = 1e300 }"
GOTO = b"for i = 1, 3 do for j = 1, 3 do if j == 2 then goto out end end ::out:: end"
SCOPED = b"local limit <const> = 4242 local handle <close> = nil return limit + #arg"
ONLY = {
    "lua-5.2": {"goto": GOTO},
    "lua-5.3": {"bits": BITS, "goto": GOTO},
    "lua-5.4": {"bits": BITS, "goto": GOTO, "scoped": SCOPED},
    "lua-5.5": {"bits": BITS, "goto": GOTO, "scoped": SCOPED},
    "luajit-2.0": {"boxed": BOXED, "goto": GOTO},
    "luajit-2.1": {"boxed": BOXED, "goto": GOTO},
}


def required(what):
    """Skips the test for want of `what`, or fails it where CI says that nothing may be wanting."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{what} is not there, and {REQUIRED} says it must be")
    pytest.skip(f"{what} is not there")


class Compiler:
    """The compiler of a dialect, from lupa, in a process of its own: several of them in one are known to crash."""

    def __init__(self, dialect):
        module = f"lupa.{RUNTIMES[dialect]}"
        if not importlib.util.find_spec("lupa") or not importlib.util.find_spec(module):
            required(module)
        self.command = [sys.executable, "-c", SERVE, module]
        self.process = None

    def __call__(self, source, name, strip):
        """The dump of a source. A compiler that crashes says nothing of our reader, and is begun anew."""
        for _ in range(STARTS):
            if self.process is None:
                self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            try:
                self.process.stdin.write(struct.pack(">IIB", len(source), len(name), strip) + source + name)
                self.process.stdin.flush()
                head = self.process.stdout.read(4)
            except BrokenPipeError:
                head = b""
            if len(head) == 4:
                return self.process.stdout.read(int.from_bytes(head, "big")) or None
            status = self.close()
        raise AssertionError(f"the compiler ended {STARTS} times, at last with status {status}")

    def close(self):
        """The status with which the process ended, none where none ran."""
        if self.process is None:
            return None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        status = self.process.wait()
        self.process.stdout.close()
        self.process = None
        return status


def stripped_by_luac(source, version, folder):
    """A stripped dump of Lua 5.1 or 5.2, whose own string.dump cannot strip."""
    program = shutil.which(f"luac{version}")
    if program is None:
        return required(f"luac{version}")
    made = folder / "stripped.luac"
    subprocess.run([program, "-s", "-o", made, "-"], input=source, check=True)
    return made.read_bytes()


@pytest.fixture(scope="session")
def compile_lua(tmp_path_factory):
    """What a dialect's compiler makes of a source; None where the source is none of its language."""
    compilers = {}
    folder = tmp_path_factory.mktemp("lua")

    def compiled(source, dialect, strip=False, name=b"@parts/lists.lua"):
        if strip and dialect in ("lua-5.1", "lua-5.2"):
            return stripped_by_luac(source, dialect.removeprefix("lua-"), folder)
        if dialect not in compilers:
            compilers[dialect] = Compiler(dialect)
        return compilers[dialect](source, name, strip)

    yield compiled
    for compiler in compilers.values():
        compiler.close()


@pytest.fixture(params=sorted(RUNTIMES))
def dialect(request):
    return request.param


@pytest.fixture(scope="session")
def programs_of():
    """The programs that a dialect can compile, by name."""
    return lambda dialect: {**PROGRAMS, **ONLY.get(dialect, {})}


@pytest.fixture(scope="session")
def written():
    """A program made by chance of what Lua has, the same for the same seed."""
    return lambda seed, functions=12: _Writer(seed).program(functions)


class _Writer:
    """Writes programs of functions that calculate, loop, and put things in tables."""

    NAMES = ("alpha", "beta", "gamma", "delta", "width", "height", "queue", "record", "answer", "signal")

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def program(self, functions):
        parts = [f"local M, index = {{}}, {self.chance.randrange(9999)}"]
        for number in range(functions):
            body = textwrap.indent("\n".join(self.statement(3) for _ in range(self.chance.randint(2, 9))), "    ")
            result = self.expression(2)
            parts.append(f"function M.{self.name()}_{number}(a, b, ...)\n{body}\n    return {result}\nend")
        return "\n".join([*parts, "return M"]).encode()

    def name(self):
        return self.chance.choice(self.NAMES)

    def statement(self, depth):
        kinds = [self.assign, self.call, self.store]
        if depth:
            kinds += [self.branch, self.loop, self.each, self.closure]
        return self.chance.choice(kinds)(depth)

    def assign(self, depth):
        return f"local {self.name()} = {self.expression(depth)}"

    def call(self, depth):
        return f"{self.name()}.{self.name()}({self.expression(depth)}, {self.expression(1)})"

    def store(self, depth):
        return f"M.{self.name()}[{self.expression(1)}] = {self.expression(depth)}"

    def branch(self, depth):
        return f"if {self.test(depth)} then\n{self.statement(depth - 1)}\nelse\n{self.statement(depth - 1)}\nend"

    def loop(self, depth):
        return f"for i = 1, {self.expression(1)} do\n{self.statement(depth - 1)}\nend"

    def each(self, depth):
        return f"for k, v in pairs({self.expression(1)}) do\n{self.statement(depth - 1)}\nend"

    def closure(self, depth):
        return f"local {self.name()} = function(x, y)\n{self.statement(depth - 1)}\nreturn x, {self.expression(2)}\nend"

    def test(self, depth):
        sign = self.chance.choice(("==", "~=", "<", "<=", ">", ">="))
        return f"{self.expression(1)} {sign} {self.expression(depth)} {self.chance.choice(('and', 'or'))} not a"

    def expression(self, depth):
        if not depth or self.chance.random() < 0.35:
            number = self.chance.choice((self.chance.randrange(99), self.chance.randrange(10**8), self.chance.random()))
            return self.chance.choice((str(number), f"'{self.name()} {number}'", "a", "b", "index", "nil", "true"))
        left, right = self.expression(depth - 1), self.expression(depth - 1)
        kind = self.chance.randrange(6)
        if kind == 0:
            return f"{{ {left}, {self.name()} = {right} }}"
        if kind == 1:
            return f"({left} .. {right})"
        if kind == 2:
            return f"M.{self.name()}({left}, {right})"
        if kind == 3:
            return f"#{self.name()}[{left}]"
        return f"({left} {self.chance.choice('+-*/%')} {right})"


@pytest.fixture(scope="session")
def need_tool():
    """The path of a program that comes with Lua or LuaJIT."""
    return lambda name: shutil.which(name) or required(name)
