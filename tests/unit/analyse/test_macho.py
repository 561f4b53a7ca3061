"""Mach-O files as their parts, put together byte by byte: nothing in them can run."""

import hashlib
import random
import struct

import pytest
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.code.features import code_of
from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.macho import MachO, Slice, is_universal, slices
from consilience.analyse.containers.recognised import is_program
from consilience.analyse.marks.macho import macho_marks, signed_by
from consilience.analyse.sample import analyse
from consilience.read import read_content, read_queries

MUTATIONS = 2_000
X64, ARM64 = 0x01000007, 0x0100000C
TEXT = 0x1000


def symbols(rows):
    """A table of symbols (name, type, section, value), and its names."""
    names, table = b"\0", b""
    for name, kind, section, value in rows:
        table += struct.pack("<IBBHQ", len(names), kind, section, 0, value)
        names += name + b"\0"
    return table, names


def chained(names):
    """Chained fixups that import these names and fix nothing."""
    text, rows = b"\0", b""
    for name in names:
        rows += struct.pack("<I", 1 | len(text) << 9)
        text += name + b"\0"
    return struct.pack("<7I", 0, 28, 28, 28 + len(rows), len(names), 1, 0) + rows + text


def bound(names):
    """A binding program for these names, with all that a linker puts between."""
    steps = b"".join(b"\x11\x40" + name + b"\0\x51\x72\x90\x01\x90\xa0\x08\xc0\x02\x08" for name in names)
    return steps + b"\0"


def tree(name, other):
    """A tree of two exported names that begin with the same letter."""
    first, second = name[1:], other[1:]
    root = b"\0\x01" + name[:1] + b"\0\x05"
    at = 5 + 2 + len(first) + 2 + len(second) + 2
    branch = b"\0\x02" + first + b"\0" + bytes([at]) + second + b"\0" + bytes([at + 4])
    return root + branch + b"\x02\0\x10\0" + b"\x02\0\x20\0"


def signature(name, team, flags=0):
    """A code signature that names a program and a team, with no certificate in it."""
    text = name + b"\0" + team + b"\0"
    body = struct.pack(">7I4BI", 0x20200, flags, 0, 52, 0, 0, 0, 32, 2, 0, 12, 0)
    body += struct.pack(">II", 0, 52 + len(name) + 1) + text
    held = struct.pack(">II", 0xFADE0C02, 8 + len(body)) + body
    return struct.pack(">5I", 0xFADE0CC0, 20 + len(held), 1, 0, 20) + held


def macho(code=CODE, machine=X64, starts=b"\x80\x20\x20\x20\0", base=0, **pieces):
    """A 64-bit Mach-O of this code. `pieces` are the tables behind it, by the number of their load command."""
    tables = [(int(number[2:], 16), table) for number, table in pieces.items()] + [(0x26, starts)]
    at = 0x1000 + len(code)
    commands, behind = [], b""
    for kind, given in tables:
        table = given
        if kind == 0x2:
            rows, names = given
            told = struct.pack("<4I", at, len(rows) // 16, at + len(rows), len(names))
            table = rows + names
        elif kind in {0x22, 0x80000022}:
            told = struct.pack("<10I", 0, 0, at, len(table), 0, 0, 0, 0, 0, 0)
        elif kind in {0x1B, 0x32, 0x24}:
            told, table = given, b""
        else:
            told = struct.pack("<II", at, len(table))
        commands.append(struct.pack("<II", kind, 8 + len(told)) + told)
        behind += table
        at += len(table)
    section = struct.pack(
        "<16s16sQQ8I", b"__text", b"__TEXT", base + TEXT, len(code), TEXT, 4, 0, 0, 0x80000400, 0, 0, 0
    )
    segment = struct.pack("<16s4Q4I", b"__TEXT", base, 0x4000, 0, 0x1000 + len(code), 5, 5, 1, 0) + section
    commands.insert(0, struct.pack("<II", 0x19, 8 + len(segment)) + segment)
    told = b"".join(commands)
    head = struct.pack("<8I", 0xFEEDFACF, machine, 3, 6, len(commands), len(told), 0, 0)
    return (head + told).ljust(0x1000, b"\0") + code + behind


def universal(*programs, wide=False):
    """A universal file of programs, told as (machine, bytes)."""
    head, at, body = b"", 0x1000, b""
    for machine, raw in programs:
        form = ">IIQQII" if wide else ">5I"
        head += struct.pack(form, machine, 3, at + len(body), len(raw), 12, *([0] if wide else []))
        body += raw + bytes(-len(raw) % 16)
    magic = 0xCAFEBABF if wide else 0xCAFEBABE
    return (struct.pack(">II", magic, len(programs)) + head).ljust(at, b"\0") + body


UUID = bytes(range(16))
BUILD = struct.pack("<6I", 1, 0x000B0000, 0x000D0100, 1, 3, 0x03330600)
TABLE = symbols(
    [(b"_malloc", 1, 0, 0), (b"_fopen$DARWIN_EXTSN", 1, 0, 0), (b"_mine", 0xF, 1, TEXT), (b"_other", 0xE, 1, TEXT + 32)]
)
WHOLE = macho(
    lc02=TABLE,
    lc1B=UUID,
    lc32=BUILD,
    lc80000034=chained([b"_free", b"__Znwm"]),
    lc80000033=tree(b"_one", b"_two"),
    lc1D=signature(b"org.example.tool", b"AB12CD34EF"),
)


def test_the_parts_of_a_macho():
    """Sections, functions, and names without their underscore are read as of every format."""
    image = MachO(WHOLE).image()
    assert (image.format, image.machine, image.bits, image.functions_from) == ("macho", "x86_64", 64, "function-starts")
    assert [(each.name, each.address, each.runnable) for each in image.sections] == [("__TEXT,__text", TEXT, True)]
    assert image.functions.tolist() == [[0x1000, 0x1020], [0x1020, 0x1040], [0x1040, TEXT + len(CODE)]]
    assert image.imports == ("_Znwm", "fopen", "free", "malloc") and image.exports == ("mine",)
    assert image.notes == () and code_of(image)[0]["constant"].value.tolist() == [0x12345678]


def test_the_base_changes_nothing():
    """Addresses are told from the base of the image, so that the same build elsewhere gives the same."""
    one, two = MachO(macho()).image(), MachO(macho(base=0x100000000)).image()
    assert two.base == 0x100000000 and one.functions.tolist() == two.functions.tolist()
    first, second = code_of(one)[0], code_of(two)[0]
    assert all(first[name].value.tolist() == second[name].value.tolist() for name in first)


def test_what_the_build_left():
    """The identity, tools and systems of a build are marks, and who signed it, with word that nobody checked."""
    told = {(mark.kind, mark.value) for mark in macho_marks(MachO(WHOLE))}
    assert told == {
        ("build:id", UUID.hex()),
        ("build:toolchain", "sdk macos 13.1.0 for 11.0.0"),
        ("build:toolchain", "ld 819.6.0"),
        ("build:signer", "team AB12CD34EF"),
    }
    (signer,) = [mark for mark in macho_marks(MachO(WHOLE)) if mark.kind == "build:signer"]
    assert "org.example.tool" in signer.where and "not checked" in signer.note
    older = macho(lc24=struct.pack("<II", 0x000A0900, 0x000A0F00))
    assert [mark.value for mark in macho_marks(MachO(older))] == ["sdk macos 10.15.0 for 10.9.0"]


def test_a_local_signature_names_nobody():
    """What was signed without a certificate has a name and no signer."""
    parsed = MachO(macho(lc1D=signature(b"tool-5555", b"AB12CD34EF", flags=2)))
    assert signed_by(parsed) == ("tool-5555", "") and not list(macho_marks(parsed))


@pytest.mark.parametrize("command", ["lc22", "lc80000022"])
def test_names_of_older_loaders(command):
    """A binding program names its imports too, and where no symbols are left a tree tells the exports."""
    assert MachO(macho(**{command: bound([b"_bind", b"_more"])})).image().imports == ("bind", "more")
    stripped = MachO(macho(lc80000033=tree(b"_one", b"_two"))).image()
    assert stripped.exports == ("one", "two") and stripped.imports == ()


def test_symbols_stand_in_for_functions():
    """Where the starts of functions are not told, symbols tell them."""
    image = MachO(macho(starts=b"", lc02=TABLE)).image()
    assert image.functions_from == "symbols" and image.functions[:, 0].tolist() == [0x1000, 0x1020]


def test_numbers_the_big_way_round_are_read():
    """A program for an old machine of the other byte order has its machine and sections, and no code is compared."""
    section = struct.pack(">16s16s9I", b"__text", b"__TEXT", 0x1000, 4, 0x400, 2, 0, 0, 0x80000400, 0, 0)
    segment = struct.pack(">II16s8I", 1, 124, b"__TEXT", 0, 0x2000, 0, 0x404, 5, 5, 1, 0) + section
    raw = struct.pack(">7I", 0xFEEDFACE, 18, 0, 2, 1, len(segment), 0) + segment
    image = MachO(raw.ljust(0x400, b"\0") + b"\x60\0\0\0").image()
    assert (image.machine, image.bits, image.sections[0].address) == ("ppc", 32, 0x1000)
    assert code_of(image) == ({}, 0)


@pytest.mark.parametrize("wide", [False, True])
def test_each_machine_of_a_universal_file_is_a_sample(wide, tmp_path):
    """They are of one subject; each has its profile and digest, and is a query with its own bytes."""
    one, two = WHOLE, macho(CODE[:16], ARM64)
    raw = universal((X64, one), (ARM64, two), wide=wide)
    assert [(each.machine, each.size) for each in slices(raw)] == [("x86_64", len(one)), ("aarch64", len(two))]
    found = read_content(raw, "x", {})
    assert not found.refusals and {seen.subject.name for seen in found.observations} == {
        hashlib.sha256(raw).hexdigest()
    }
    digests = [hashlib.sha256(each).hexdigest() for each in (one, two)]
    assert [code.profile.sample for code in found.codes] == digests
    assert [code.profile.machine for code in found.codes] == ["x86_64", "aarch64"]
    told = {seen.where: seen.printed for seen in found.observations if seen.trait.kind == "file:sha256"}
    assert told["x86_64: the whole program"] == digests[0] and len(told) == 3
    assert any(seen.where == "x86_64: UUID load command" for seen in found.observations)
    (tmp_path / "x").write_bytes(raw)
    assert [query.raw for query in read_queries(str(tmp_path / "x")).queries] == [one, two]


def test_a_damaged_machine_costs_only_itself():
    """Of a universal file whose second program is none the first is read, and the second refused."""
    found = read_content(universal((X64, WHOLE), (ARM64, b"none of this can be read")), "x", {})
    assert [code.profile.machine for code in found.codes] == ["x86_64"]
    (refusal,) = found.refusals
    assert refusal.field == "aarch64" and "begins as no program" in refusal.what


def test_java_classes_are_no_universal_files():
    """A class begins as a universal file does; its version tells it apart."""
    java = b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(100)
    assert not is_universal(java) and not is_program(java) and is_program(universal((X64, WHOLE)))


def test_programs_over_each_other_are_refused():
    """Two machines that share bytes, or lie outside the file, are damage."""
    raw = bytearray(universal((X64, WHOLE), (ARM64, WHOLE)))
    raw[36:40] = struct.pack(">I", 0x1001)
    with pytest.raises(Damaged, match="over each other"):
        slices(bytes(raw))
    raw[36:40] = struct.pack(">I", 0x7FFFFFFF)
    with pytest.raises(Damaged, match="outside the file"):
        slices(bytes(raw))


@pytest.mark.parametrize("whole", [WHOLE, macho(lc22=bound([b"_a", b"_b"])), universal((X64, WHOLE), (ARM64, WHOLE))])
def test_only_one_error_on_damage(whole):
    """Cut or changed anywhere, a file gives its parts, with notes, or the one error, and nothing else."""
    picked, refused = random.Random(5), 0
    for turn in range(MUTATIONS):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 6)):
            at = picked.choice([picked.randrange(700), picked.randrange(0x1000, len(raw))])
            raw[at] = picked.choice([0, 1, 0x7F, 0x80, 0xFF, picked.randrange(256)])
        cut = bytes(raw[: picked.randrange(len(raw))] if picked.random() < 0.3 else raw)
        try:
            parts = slices(cut) if is_universal(cut[:8]) else [Slice("", 0, len(cut))]
            for each in parts:
                parsed = MachO(cut[each.offset : each.offset + each.size])
                parsed.image()
                list(macho_marks(parsed))
            if not turn % 20:
                analyse(cut, "x")
        except Damaged:
            refused += 1
    assert 0 < refused < MUTATIONS
