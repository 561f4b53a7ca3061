"""Hostile programs: headers, tables and dumps that lie. None of them holds code that could run."""

import random
import struct
from pathlib import Path

import numpy
from tests.unit.analyse.conftest import portable_executable

CODE = bytes([0x48, 0x31, 0xC0, 0xC3]) * 64
LUA = b"\x1bLua"
JIT = b"\x1bLJ\x02\x02"


def _pe():
    return bytearray(
        portable_executable(CODE, [(each, each + 4) for each in range(0, 256, 4)], [("a.dll", ["f", "g"])], "c:\\x.pdb")
    )


def _with(at, form, *values):
    made = _pe()
    struct.pack_into(form, made, at, *values)
    return bytes(made)


def _directory(which, address, size):
    return _with(0x40 + 24 + 112 + 8 * which, "<II", address, size)


def pe_files():
    """PE files whose counts, places and sizes lie."""
    yield "only a mark.exe", lambda: b"MZ"
    yield "a header outside.exe", lambda: b"MZ" + bytes(58) + b"\xff\xff\xff\x7f"
    yield "a header over itself.exe", lambda: b"MZPE\0\0" + bytes(54) + struct.pack("<I", 2) + bytes(300)
    yield "65,535 sections.exe", lambda: _with(0x46, "<H", 65_535)
    yield "an odd optional header.exe", lambda: _with(0x58, "<H", 0xFFFF)
    yield "sections everywhere.exe", lambda: _with(0x40 + 24 + 240 + 8, "<4I", 0xFFFFFFFF, 1, 0xFFFFFFFF, 0)
    yield "all in one place.exe", lambda: _with(0x40 + 24 + 240 + 8, "<4I", 0, 0, 0, 0)
    for which, name in enumerate(("exports", "imports", "resources", "functions", "certificates", "places", "debug")):
        yield f"{name} outside.exe", lambda which=which: _directory(which, 0xFFFFFFF0, 0xFFFFFFFF)
        yield f"{name} over the code.exe", lambda which=which: _directory(which, 0x1000, 0x7FFFFFFF)
    yield (
        "five million functions.exe",
        lambda: portable_executable(b"\xc3" * 4_000_000, [(each, each + 1) for each in range(0, 400_000, 1)]),
    )
    yield "only jumps.exe", lambda: portable_executable(b"\xeb\x00" * 2_000_000, [(0, 4_000_000)])
    yield "only prefixes.exe", lambda: portable_executable(b"\x66" * 4_000_000, [(0, 4_000_000)])
    yield "chance.exe", lambda: portable_executable(random.Random(1).randbytes(4_000_000), [(0, 4_000_000)])
    yield "zeros.exe", lambda: b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(5_000_000)
    yield "text by the megabyte.exe", lambda: bytes(_pe()) + b"abcdefgh\0" * 2_000_000
    yield "wide text.exe", lambda: bytes(_pe()) + b"a\0b\0c\0d\0e\0f\0" * 1_000_000


def small_elf():
    """The bytes of the smallest library that numpy brings along."""
    path = min(Path(numpy.__path__[0]).rglob("*.so"), key=lambda each: (each.stat().st_size, each.name))
    return path.read_bytes()


def _elf():
    return bytearray(small_elf())


def _elf_with(at, form, *values):
    made = _elf()
    struct.pack_into(form, made, at, *values)
    return bytes(made)


def _rows_filled(column, value):
    """An ELF whose section headers all say the same in one of their fields."""
    made = _elf()
    (place,) = struct.unpack_from("<Q", made, 40)
    (count,) = struct.unpack_from("<H", made, 60)
    for row in range(count):
        struct.pack_into("<Q" if column >= 8 else "<I", made, place + 64 * row + column, value)
    return bytes(made)


def elf_files():
    """ELF files whose section headers, tables and sizes lie."""
    yield "only a mark.elf", lambda: b"\x7fELF"
    yield "no class.elf", lambda: b"\x7fELF\x09\x09" + bytes(100)
    yield "headers outside.elf", lambda: _elf_with(40, "<Q", 1 << 62)
    yield "65,535 headers.elf", lambda: _elf_with(60, "<H", 65_535)
    yield "headers without size.elf", lambda: _elf_with(58, "<H", 0)
    yield "names nowhere.elf", lambda: _elf_with(62, "<H", 65_535)
    yield "cut off.elf", lambda: bytes(_elf()[:4_000])
    yield "the other order.elf", lambda: _elf_with(5, "<B", 2)
    yield "sizes without end.elf", lambda: _rows_filled(32, (1 << 64) - 1)
    yield "all at one place.elf", lambda: _rows_filled(24, 0)
    yield "all outside.elf", lambda: _rows_filled(24, 1 << 63)
    yield "all symbols.elf", lambda: _rows_filled(4, 11)
    yield "all notes.elf", lambda: _rows_filled(4, 7)
    yield "all code.elf", lambda: _rows_filled(8, 6)


def lua_files():
    """Dumps of Lua whose lengths lie and whose functions nest."""
    fair = LUA + b"\x51\0\1\4\4\4\x08\0"
    newer = LUA + b"\x54\0\x19\x93\r\n\x1a\n\4\x08\x08" + struct.pack("<qd", 0x5678, 370.5) + b"\1"
    yield "only a mark.luac", lambda: LUA
    yield "no such version.luac", lambda: LUA + b"\x99" + bytes(40)
    yield "a name without end.luac", lambda: fair + b"\xff\xff\xff\x7f"
    yield "code without end.luac", lambda: fair + bytes(12) + b"\0\0\0\2" + b"\xff\xff\xff\x7f"
    yield "numbers of 255 bytes.luac", lambda: LUA + b"\x51\0\1\xff\xff\xff\xff\xff" + bytes(100)
    yield "a newer one without end.luac", lambda: newer + b"\x7f" * 100_000
    yield "functions in functions.luac", lambda: fair + (bytes(12) + b"\0\0\0\2" + bytes(8) + b"\1\0\0\0") * 50_000
    yield "only a mark.ljbc", lambda: JIT[:3]
    yield "a length without end.ljbc", lambda: JIT + b"\xff" * 5
    yield "a length of a gigabyte.ljbc", lambda: JIT + b"\x80\x80\x80\x80\x04" + bytes(1_000)
    yield "functions of nothing.ljbc", lambda: JIT + b"\x07\0\0\0\0\0\0\0" * 200_000 + b"\0"
    yield "constants without end.ljbc", lambda: JIT + b"\x0d\0\0\0\0\xff\xff\xff\xff\x0f\0\0\0\0" + bytes(10)
    yield "unknown flags.ljbc", lambda: b"\x1bLJ\x02\xff\xff\x7f" + bytes(100)
    yield "a fork.ljbc", lambda: b"\x1bLJ\x80\x02" + bytes(100)
    yield "the beginnings of dumps.bin", lambda: b"MZ" + (JIT + b"\x7f") * 300_000


FILES = (pe_files, elf_files, lua_files)
