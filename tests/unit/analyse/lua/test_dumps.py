"""Dumps of every dialect are read whole, stripped or not, and what is read is what was written."""

import struct

import pytest

from consilience.analyse.lua import (
    BoxedInteger,
    DumpError,
    DumpLimits,
    comparable_sets,
    features,
    find_dumps,
    instructions,
    read_dump,
)

STRIPPING = pytest.mark.parametrize("strip", [False, True], ids=["whole", "stripped"])


@STRIPPING
def test_programs_are_read_to_the_last_byte(dialect, strip, programs_of, compile_lua):
    """Every program of our own is read, every byte of it is used, and it says whether it was stripped."""
    for source in programs_of(dialect).values():
        made = compile_lua(source, dialect, strip)
        dump = read_dump(made)
        assert (dump.dialect, dump.stripped, dump.size) == (dialect, strip, len(made))


def test_generated_programs_are_read(dialect, written, compile_lua):
    """Forty programs made by chance are read, with as many functions as they define."""
    for seed in range(40):
        dump = read_dump(compile_lua(written(seed), dialect))
        assert len(dump.main.children) >= 12
        assert all(prototype.code for prototype in dump.prototypes)


@STRIPPING
def test_strings_and_numbers_come_back(dialect, strip, programs_of, compile_lua):
    """Literals, names of fields and globals, and numbers of a source are among what its dump holds."""
    found = comparable_sets(read_dump(compile_lua(programs_of(dialect)["lists"], dialect, strip)))
    texts = {b"socket.core", b"crimson", b"%d of %s", b"gettime", b"select", b"measure", b"__index"}
    assert texts <= found.strings
    assert {86400, 3.25, 1.5, 65521, 1000} <= found.numbers


def test_long_strings_keep_their_bytes(dialect, programs_of, compile_lua):
    """A string of more than a kilobyte, and one with zero and non-text bytes, come back byte for byte."""
    found = comparable_sets(read_dump(compile_lua(programs_of(dialect)["long"], dialect)))
    assert {b"a long string of no meaning " * 40, b"\0\xff\n", b"\xe2\x82\xac"} <= found.strings


def test_functions_are_nested_as_written(dialect, programs_of, compile_lua):
    """Sixty functions within each other are a chain of sixty."""
    prototype = read_dump(compile_lua(programs_of(dialect)["deep"], dialect)).main
    depth = 0
    while prototype.children:
        (prototype,) = prototype.children
        depth += 1
    assert depth == 60


def test_children_are_in_the_order_of_the_source(dialect, compile_lua):
    """The functions of a chunk come in the order in which they are written."""
    source = b"return function() return 'first one' end, function() return 'second one' end"
    first, second = read_dump(compile_lua(source, dialect)).main.children
    assert (b"first one" in first.constants, b"second one" in second.constants) == (True, True)


def test_debug_information(dialect, programs_of, compile_lua):
    """Not stripped, a dump gives the chunk's name, the lines of functions, and the names of variables and upvalues."""
    dump = read_dump(compile_lua(programs_of(dialect)["lists"], dialect))
    assert dump.chunk == b"@parts/lists.lua"
    assert dump.main.children[0].line == 6
    assert dump.main.children[0].last_line == 11
    names = {variable.name for variable in dump.main.debug.variables}
    assert {b"socket", b"codec", b"M", b"counter"} <= names
    assert b"M" in dump.main.children[0].debug.upvalues


def test_stripping_changes_no_feature_of_code(dialect, programs_of, written, compile_lua):
    """All features but the path are equal whether a dump is stripped or not."""
    sources = [*programs_of(dialect).values(), *(written(seed) for seed in range(10))]
    for source in sources:
        whole, stripped = (_of_code(read_dump(compile_lua(source, dialect, strip))) for strip in (False, True))
        assert whole == stripped


def _of_code(dump):
    return {(each.kind, each.value) for each in features(dump) if each.where != "chunk name"}


@pytest.mark.parametrize("version", ["luajit-2.0", "luajit-2.1"])
def test_boxed_constants(version, programs_of, compile_lua):
    """LuaJIT's 64-bit and imaginary literals, and its ready-made tables, are read as what they are."""
    constants = read_dump(compile_lua(programs_of(version)["boxed"], version)).main.constants
    assert BoxedInteger(0x123456789ABCDEF, True) in constants
    assert BoxedInteger(2**64 - 1, False) in constants
    assert 2.5j in constants
    (table,) = [each for each in constants if type(each).__name__ == "TableConstant"]
    assert table.array[1:] == (1, 2)
    assert table.pairs == ((b"x", 1e300),)


def test_bit_operations_of_luajit(compile_lua):
    """The flag and the opcodes that LuaJIT has had since July 2026 are read, and count as standard."""
    made = bytearray(compile_lua(b"local a, b = ... return a + b", "luajit-2.1", True))
    plain = read_dump(bytes(made))
    addition = plain.main.code.index(struct.pack("B", 32), 4)
    assert addition % 4 == 0
    at = plain.main.offset
    made[4] |= 0x10
    made[at] |= 0x80
    made[bytes(made).index(plain.main.code) + addition] = 90
    dump = read_dump(bytes(made))
    assert "bitop" in dump.flags
    assert "BAND" in [each.name for each in instructions(dump, dump.main)]
    assert comparable_sets(dump).standard


def test_big_endian_luajit():
    """The order of bytes in the file is not that of the value: words are little-endian always."""
    body = bytes((2, 0, 2, 0, 0, 0, 1)) + struct.pack(">I", 0x0001004B)
    dump = read_dump(b"\x1bLJ\x02\x03" + bytes((len(body),)) + body + b"\0")
    assert dump.big_endian
    assert dump.main.code == bytes(reversed(body[-4:]))


RETURN_5_1 = 0x0080001E
MACHINES = pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])


@MACHINES
@pytest.mark.parametrize(("whole", "size", "number"), [(4, 4, 8), (4, 8, 8), (8, 8, 4), (2, 4, 8)])
def test_machines_of_5_1(order, whole, size, number):
    """Dumps of other machines, made here byte by byte: order of bytes, widths of counts, of sizes and of numbers."""
    w, s, n = ({2: "H", 4: "I", 8: "Q"}[whole], {4: "I", 8: "Q"}[size], {4: "f", 8: "d"}[number])

    def text(value):
        return struct.pack(order + s, len(value) + 1) + value + b"\0"

    def counts(*values):
        return struct.pack(f"{order}{len(values)}{w}", *values)

    constants = b"\4" + text(b"some words") + b"\3" + struct.pack(order + n, 0.25) + b"\1\1" + b"\0"
    function = text(b"@there.lua") + counts(0, 0) + b"\0\0\2\2" + counts(1) + struct.pack(order + "I", RETURN_5_1)
    function += counts(4) + constants + counts(0) + counts(1, 77) + counts(0, 0)
    dump = read_dump(b"\x1bLua\x51\0" + bytes((order == "<", whole, size, 4, number, 0)) + function)
    assert dump.main.constants == (b"some words", 0.25, True, None)
    assert dump.main.code == struct.pack("<I", RETURN_5_1)
    assert dump.main.debug.lines == struct.pack("<I", 77)
    assert (dump.big_endian, dump.chunk) == (order == ">", b"@there.lua")


@MACHINES
def test_machines_of_5_3(order):
    """The order of bytes is known by the integer in the header, here of four bytes, as is the number's format."""
    mark = struct.pack(order + "if", 0x5678, 370.5)
    function = b"\0" + struct.pack(order + "II", 0, 0) + b"\0\0\2" + struct.pack(order + "II", 1, 0x00800026)
    function += (
        struct.pack(order + "I", 3) + b"\x13" + struct.pack(order + "i", -9) + b"\3" + struct.pack(order + "f", 0.5)
    )
    function += b"\x14\xff" + struct.pack(order + "I", 301) + b"x" * 300 + struct.pack(order + "5I", 0, 0, 0, 0, 0)
    dump = read_dump(b"\x1bLua\x53\0\x19\x93\r\n\x1a\n\4\4\4\4\4" + mark + b"\1" + function)
    assert dump.main.constants == (-9, 0.5, b"x" * 300)
    assert (dump.stripped, dump.big_endian) == (True, order == ">")


@MACHINES
def test_machines_of_5_4(order):
    """Counts of 5.4 have no order of bytes; its instructions, integers and numbers have that of the header."""
    mark = struct.pack(order + "qd", 0x5678, 370.5)
    function = (
        b"\x80\x80\x80\0\0\2\x81" + struct.pack(order + "I", 0x00010046) + b"\x82\3" + struct.pack(order + "q", -7)
    )
    function += b"\x13" + struct.pack(order + "d", 1.5) + b"\x80" * 6
    dump = read_dump(b"\x1bLua\x54\0\x19\x93\r\n\x1a\n\4\x08\x08" + mark + b"\0" + function)
    assert dump.main.constants == (-7, 1.5)
    assert dump.main.code == struct.pack("<I", 0x00010046)


def test_a_private_version_is_read_and_named(programs_of, compile_lua):
    """A version byte of 0x80 or more marks a fork, which is read as LuaJIT 2.1 and said to be one."""
    made = bytearray(compile_lua(programs_of("luajit-2.1")["lists"], "luajit-2.1"))
    made[3] = 0x83
    dump = read_dump(bytes(made))
    assert dump.private
    assert features(dump)[0].value == "LuaJIT 2.1 fork"


def test_dumps_within_other_bytes(dialect, programs_of, compile_lua):
    """Dumps between other bytes are found where they are, and what only begins as one is passed over."""
    made = compile_lua(programs_of(dialect)["lists"], dialect)
    hidden = b"MZ" + b"\0" * 61 + made + b"\x1bLua\x51\0 no dump \x1bLJ\x02" + made
    found = list(find_dumps(hidden))
    assert [(at, dump.size) for at, dump in found] == [(63, len(made)), (len(hidden) - len(made), len(made))]


def test_a_search_gives_up_on_a_file_of_beginnings(programs_of, compile_lua):
    """A file in which one beginning after the other turns out to be no dump is refused instead of searched for long."""
    cut = compile_lua(programs_of("luajit-2.1")["lists"], "luajit-2.1")[:-1] + b"\1"
    with pytest.raises(DumpError, match="begins as a dump"):
        list(find_dumps(cut * 40))


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (b"", "no dump of Lua"),
        (b"\x7fELF", "no dump of Lua"),
        (b"\x1bLJ", "too early"),
        (b"\x1bLJ\x03\x02", "version 3"),
        (b"\x1bLJ\x02\x42", "flags 0x42"),
        (b"\x1bLJ\x01\x0a", "flags 0xa"),
        (b"\x1bLJ\x02\x02\xff\xff\xff\xff\x1f", "longer than 32 bits"),
        (b"\x1bLJ\x02\x02\xff\x7f", "are left"),
        (b"\x1bLJ\x02\x02\x00", "0 functions"),
        (b"\x1bLua\x50\0", "no dumps of this version"),
        (b"\x1bLua\x53\0nothing of the kind", "does not go on"),
        (b"\x1bLua\x51\0\1\4\x08\x08\x08\0", "machine"),
        (b"\x1bLua\x51\0\1\3\x08\4\x08\0", "widths"),
        (b"\x1bLua\x51\0\1\4\x08\4\x08\0", "too early"),
    ],
)
def test_damage_is_told(made, what):
    """What is no dump is refused with what is wrong and where."""
    with pytest.raises(DumpError, match=what) as caught:
        read_dump(made)
    assert caught.value.offset <= len(made)


def test_bytes_behind_the_end(dialect, programs_of, compile_lua):
    """A dump with more behind it is not read as if it were whole, and neither is one without its end."""
    made = compile_lua(programs_of(dialect)["lists"], dialect)
    with pytest.raises(DumpError, match="2 more bytes"):
        read_dump(made + b"ab")
    for cut in range(1, len(made), 7):
        with pytest.raises(DumpError):
            read_dump(made[:cut])


@pytest.mark.parametrize(
    "limits", [DumpLimits(size=100), DumpLimits(items=50), DumpLimits(prototypes=3), DumpLimits(depth=2)]
)
def test_limits_are_kept(dialect, limits, programs_of, compile_lua):
    """A dump that is larger, fuller or deeper than the limits is refused."""
    made = compile_lua(programs_of(dialect)["deep"], dialect)
    assert read_dump(made).size == len(made)
    with pytest.raises(DumpError):
        read_dump(made, limits)
