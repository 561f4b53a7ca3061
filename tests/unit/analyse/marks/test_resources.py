"""Resources, exports and signs of packing in a PE."""

import hashlib
import random
import struct

import pytest
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.packing import entropy
from consilience.analyse.marks.pe import pe_marks
from consilience.analyse.marks.resources import MAX_LEAVES, resource_marks, resources_of

ICONS = (b"first picture", b"second picture")
GROUP = struct.pack("<3H", 0, 1, 2) + b"".join(struct.pack("<12xH", number) for number in (2, 1))
MANIFEST = b'<assembly><assemblyIdentity version="1.0.0.0" name="Example.Tool" type="win32"/></assembly>'


def block(key, value, children=(), text=True):
    """One block of version information, ended at four bytes."""
    head = key.encode("utf-16-le") + b"\0\0"
    head += bytes(-(len(head) + 6) % 4)
    body = head + value + bytes(-len(value) % 4)
    for child in children:
        body += bytes(-(len(body) + 6) % 4) + child
    return struct.pack("<3H", len(body) + 6, len(value) // 2 if text else len(value), text) + body


def version(**texts):
    rows = [block(name, text.encode("utf-16-le") + b"\0\0") for name, text in texts.items()]
    strings = block("StringFileInfo", b"", [block("040904b0", b"", rows)])
    return block("VS_VERSION_INFO", bytes(52), [strings], text=False)


def directory(rows):
    return bytes(12) + struct.pack("<HH", 0, len(rows)) + b"".join(struct.pack("<II", *row) for row in rows)


def resources(leaves):
    """What makes a resource directory of (type, identity, language, bytes)."""

    def made(address, offset):
        tree, rows = bytearray(16 + 8 * len(leaves)), []
        for kind, identity, language, raw in leaves:
            below = len(tree)
            tree += directory([(identity, below + 24 | 1 << 31)]) + directory([(language, below + 48)])
            at = below + 64
            tree += struct.pack("<4I", address + at, len(raw), 0, 0) + raw + bytes(-len(raw) % 8)
            rows.append((kind, below | 1 << 31))
        tree[: 16 + 8 * len(leaves)] = directory(rows)
        return bytes(tree)

    return 2, made


def exported(name, *names):
    """What makes an export directory of a library of this name."""

    def made(address, offset):
        table, texts = 40, 40 + 4 * len(names)
        strings, places = b"", []
        for each in (name, *names):
            places.append(address + texts + len(strings))
            strings += each.encode() + b"\0"
        head = struct.pack("<3I", 0, 0, 0) + struct.pack("<7I", places[0], 1, 0, len(names), 0, address + table, 0)
        return head + struct.pack(f"<{len(names)}I", *places[1:]) + strings

    return 0, made


WHOLE = [
    (3, 1, 0x419, ICONS[0]),
    (3, 2, 0x419, ICONS[1]),
    (14, 1, 0x419, GROUP),
    (
        16,
        1,
        0x409,
        version(CompanyName="Honest  Ltd", OriginalFilename="tool.exe", InternalName="tool", FileVersion="1"),
    ),
    (24, 1, 0, MANIFEST),
]


def parsed(*more, code=CODE, imports=()):
    return PortableExecutable(portable_executable(code, imports=imports, more=more))


def told(found, *kinds):
    return [(mark.kind, mark.value) for mark in found if mark.kind in kinds or not kinds]


def test_what_resources_tell():
    """Languages with how many resources have them, version information, icons in their order, and the manifest."""
    found = parsed(resources(WHOLE))
    marks = list(resource_marks(found))
    assert told(marks) == [
        ("build:resource-language", "Russian"),
        ("build:resource-language", "English"),
        ("file:name", "tool"),
        ("file:name", "tool.exe"),
        ("build:version-info", "CompanyName=Honest Ltd"),
        ("file:icon", hashlib.sha256(ICONS[1] + ICONS[0]).hexdigest()),
        ("build:version-info", "manifest=Example.Tool"),
    ]
    assert marks[0].note == "0x0419; 3 of 5 resources" and {mark.confidence for mark in marks} == {"low"}
    assert found.notes == []


def test_a_tree_that_goes_in_circles_ends():
    """Directories that lead back into themselves, and more rows than there may be, end with a note."""
    for rows in ([(number, 1 << 31) for number in range(200)], [(1, 0)] * (MAX_LEAVES + 1)):
        found = parsed((2, lambda address, offset, rows=rows: directory(rows)))
        assert resources_of(found) == [] and "leads back into itself" in found.notes[0]


def test_exports_are_told():
    """The name under which a library was linked, and what it exports."""
    found = parsed(exported("implant.dll", "ServiceMain", "Run"))
    marks = told(pe_marks(found, found.image()), "file:name", "code:export")
    assert marks == [("file:name", "implant.dll"), ("code:export", "ServiceMain"), ("code:export", "Run")]
    many = parsed(exported("runtime.dll", *(f"f{number}" for number in range(65))))
    assert told(pe_marks(many, many.image()), "code:export") == []


def renamed(raw, old, new):
    at = raw.index(old.ljust(8, b"\0"))
    return raw[:at] + new.ljust(8, b"\0") + raw[at + 8 :]


@pytest.mark.parametrize("header", [b"", b"UPX!"])
def test_names_of_packers(header):
    """A packer is told by the names of sections, with low confidence, and whether its own header is there."""
    raw = bytearray(renamed(portable_executable(CODE), b".text", b"UPX0"))
    raw[0x200 : 0x200 + len(header)] = header
    found = PortableExecutable(bytes(raw))
    (mark,) = [mark for mark in pe_marks(found, found.image()) if mark.kind == "build:packer"]
    assert mark.value == "UPX" and mark.confidence == "low"
    assert ("is at 0x200" if header else "is missing or was changed") in mark.note


def test_signs_of_packing_are_notes():
    """Dense code, few imports and a program that begins in its last section are signs, and no packer is named."""
    dense = random.Random(1).randbytes(8_192)
    raw = bytearray(portable_executable(dense, imports=[("KERNEL32.dll", ["LoadLibraryA"])]))
    struct.pack_into("<I", raw, 0x40 + 24 + 16, 0x1000)
    struct.pack_into("<I", raw, 0x40 + 24 + 240 + 36, 0xE0000020)
    found = PortableExecutable(bytes(raw))
    marks = list(pe_marks(found, found.image()))
    (note,) = found.notes
    assert note.startswith("signs of packing, each also seen in honest programs: section '.text' holds code of 7.9")
    assert "begins in '.text', which can be written" in note and "imports only 1 names" in note
    assert "build:packer" not in {mark.kind for mark in marks}
    plain = parsed(imports=[("KERNEL32.dll", [f"f{number}" for number in range(20)])])
    list(pe_marks(plain, plain.image()))
    assert plain.notes == []


@pytest.mark.parametrize(
    "behind,tool",
    [
        (b"\xef\xbe\xad\xdeNullsoftInst" + bytes(20), "NSIS"),
        (b"x" * 40 + b"MEI\014\013\012\013\016" + bytes(9), "PyInstaller"),
    ],
)
def test_what_lies_behind_a_program(behind, tool):
    """Bytes behind the sections are noted, and installers that are known by how these begin or end are named."""
    raw = portable_executable(CODE)
    raw += bytes(-len(raw) % 512)
    found = PortableExecutable(raw + behind)
    marks = [mark for mark in pe_marks(found, found.image()) if mark.kind == "build:toolchain"]
    assert marks[-1].value == tool and marks[-1].where == f"behind the sections at {len(raw):#x}"
    assert found.notes == [f"{len(behind)} bytes lie behind the sections at {len(raw):#x} ({tool})"]


def test_symbols_behind_the_sections_are_none_of_that():
    """The symbols that some linkers write behind the sections are no hidden bytes; what follows them is."""
    raw = portable_executable(CODE)
    raw += bytes(-len(raw) % 512)
    raw = (
        raw[: 0x40 + 12]
        + struct.pack("<II", len(raw), 3)
        + raw[0x40 + 20 :]
        + b"s" * 54
        + struct.pack("<I", 14)
        + b"n" * 10
    )
    for behind, notes in ((b"", 0), (b"x" * 600, 1)):
        found = PortableExecutable(raw + behind)
        list(pe_marks(found, found.image()))
        assert len(found.notes) == notes


def test_entropy():
    """Nothing and one letter have none; all bytes alike often have eight bits."""
    assert entropy(b"") == entropy(b"aaaa") == 0 and entropy(bytes(range(256))) == 8


def test_damage_becomes_notes():
    """Changed anywhere in its tables, a PE gives marks and notes and nothing else."""
    whole = portable_executable(CODE, more=[resources(WHOLE), exported("implant.dll", "ServiceMain", "Run")])
    begin = whole.index(struct.pack("<HH", 0, len(WHOLE)) + struct.pack("<I", 3)) - 12
    picked, noted = random.Random(9), 0
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 5)):
            raw[picked.randrange(begin, len(raw))] = picked.randrange(256)
        found = PortableExecutable(bytes(raw))
        list(pe_marks(found, found.image()))
        noted += bool(found.notes)
    assert 100 < noted < 2_000
