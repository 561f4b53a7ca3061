"""What Go and Rust leave in a program."""

import random
import struct

import pytest
from tests.unit.analyse.conftest import BASE, TEXT, portable_executable
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.elf import Elf
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.elf import elf_marks
from consilience.analyse.marks.go import MAGIC, go_marks
from consilience.analyse.marks.pe import pe_marks
from consilience.analyse.marks.rust import MAX_CRATES, rust_marks

TEXT_OF_BUILD = (
    "path\texample.test/cmd/tool\nmod\texample.test/tool\tv1.2.3\th1:x=\ndep\tgolang.test/x/crypto\tv0.9.0\th1:y=\n"
    "build\t-ldflags=-s -w\nbuild\tGOOS=windows\nbuild\tvcs.revision=0123456789abcdef0123456789abcdef01234567\n"
)


def varint(value):
    return bytes([value & 0x7F | 0x80, value >> 7]) if value > 0x7F else bytes([value])


def inline(version, text):
    whole = b"s" * 16 + text.encode() + b"e" * 16
    piece = varint(len(version)) + version.encode() + varint(len(whole)) + whole
    return MAGIC + b"\x08\x02" + bytes(16) + piece


def program(code):
    return PortableExecutable(portable_executable(CODE + bytes(-len(CODE) % 16) + code)).image()


def told(marks):
    return [(mark.kind, mark.value) for mark in marks]


def test_the_build_information_of_go():
    """Version, main package, modules with their versions, settings and revision are marks."""
    marks = list(go_marks(program(inline("go1.21.3", TEXT_OF_BUILD))))
    assert told(marks) == [
        ("build:toolchain", "go1.21.3"),
        ("code:component", "example.test/cmd/tool"),
        ("code:component", "example.test/tool"),
        ("code:component", "golang.test/x/crypto"),
        ("build:id", "0123456789abcdef0123456789abcdef01234567"),
    ]
    assert marks[0].note == "-ldflags=-s -w, GOOS=windows"
    assert marks[2].note == "main module v1.2.3" and marks[3].note == "dependency v0.9.0"


def test_the_build_information_of_older_go():
    """Before 1.18 the information holds addresses of texts; they are followed into the sections."""
    version, text = b"go1.15.2", b"s" * 16 + TEXT_OF_BUILD.encode() + b"e" * 16
    at = BASE + TEXT + len(CODE) + -len(CODE) % 16
    head = MAGIC + b"\x08\x00" + struct.pack("<2Q", at + 32, at + 48)
    rows = struct.pack("<4Q", at + 64, len(version), at + 64 + len(version), len(text))
    marks = list(go_marks(program(head + rows + version + text)))
    assert told(marks)[0] == ("build:toolchain", "go1.15.2") and len(marks) == 5


@pytest.mark.parametrize("first,version", [(0xFB, "1.2 to 1.15"), (0xF1, "1.20 or later")])
def test_a_stripped_go_program_is_known_by_its_table(first, version):
    """Without build information the table of functions tells Go, and about which version."""
    table = bytes([first]) + b"\xff\xff\xff\0\0\x01\x08" + struct.pack("<Q", 1_000)
    (mark,) = go_marks(program(table))
    assert (mark.kind, mark.value) == ("build:toolchain", "Go") and version in mark.note
    assert not list(go_marks(program(table[:8] + struct.pack("<Q", 1 << 60))))


def test_what_rust_leaves():
    """The commit of the compiler, crates with versions, and the folder of the crates on the machine that built it."""
    code = (
        b"/rustc/" + b"ab" * 20 + b"/library/core/src/fmt.rs\0"
        rb"C:\Users\dev\.cargo\registry\src\index.crates.io-6f17d22bba15001f\serde-1.0.200\src\lib.rs" + b"\0"
        rb"C:\Users\dev\.cargo\registry\src\index.crates.io-6f17d22bba15001f\foo-bar-0.2.0-rc.1\src\a.rs" + b"\0"
        b"/home/joe/.cargo/registry/src/github.com-1ecc6299db9ec823/serde-1.0.200/src/de.rs\0"
    )
    assert told(rust_marks(program(code))) == [
        ("build:toolchain", "rustc " + "ab" * 20),
        ("code:component", "serde"),
        ("code:component", "foo-bar"),
        ("file:path", r"C:\Users\dev\.cargo"),
        ("file:path", "/home/joe/.cargo"),
    ]
    many = b"".join(b"registry/src/index/c%d-1.0.0/a\0" % number for number in range(300))
    assert len(list(rust_marks(program(many)))) == MAX_CRATES


def test_both_formats_tell_of_them(libraries):
    """The marks of Go and Rust come with those of a PE and of an ELF."""
    parsed = PortableExecutable(portable_executable(CODE + bytes(8) + inline("go1.21.3", TEXT_OF_BUILD)))
    assert ("build:toolchain", "go1.21.3") in told(pe_marks(parsed, parsed.image()))
    library = Elf(libraries[0] + b"UPX!" + inline("go1.21.3", TEXT_OF_BUILD))
    marks = told(elf_marks(library, library.image()))
    assert ("build:toolchain", "go1.21.3") in marks and ("build:packer", "UPX") not in marks
    packed = Elf(libraries[0][:0x200] + b"UPX!" + libraries[0][0x204:])
    assert ("build:packer", "UPX") in told(elf_marks(packed, packed.image()))


def test_damage_gives_other_marks_or_none():
    """Changed anywhere, build information gives marks or none, never an error."""
    whole = bytearray(portable_executable(CODE + bytes(-len(CODE) % 16) + inline("go1.21.3", TEXT_OF_BUILD)))
    at, picked, counts = whole.index(MAGIC), random.Random(3), set()
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 4)):
            raw[picked.randrange(at, at + 340)] = picked.randrange(256)
        counts.add(len(list(go_marks(PortableExecutable(bytes(raw)).image()))))
    assert {0, 5} <= counts
