"""Assemblies of .NET as their parts, put together byte by byte: nothing in them is ever entered."""

import hashlib
import random
import struct
import uuid

import numpy as np
import pytest

from consilience.analyse.code.il import il_of
from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.dotnet import Assembly
from consilience.analyse.containers.dotnet_tables import led_to
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.dotnet import dotnet_marks
from consilience.analyse.sample import analyse, image_of, profile_of
from consilience.analyse.strings import text_at
from consilience.model.code import CODE_CHANNELS
from consilience.read import read_content

MUTATIONS = 2_000
RVA, AT = 0x2000, 0x200
MVID = uuid.UUID(int=0x0123456789ABCDEF0123456789ABCDEF)
KEY = b"\0\x24\0\0" + bytes(range(60))

PLAIN = bytes.fromhex("02 03 58 20 78563412 61 72 01000070 28 0100000a 26 2a")
"""Loads two arguments, adds, mixes with a wide number, loads a text, calls, and returns."""

SWITCHED = bytes.fromhex("02 45 02000000 00000000 01000000 17 2b 01 18 2a")
"""A switch of two targets, and a short branch over one instruction."""


class Heap:
    """A heap of names or blobs, whose first is empty."""

    def __init__(self):
        self.raw, self.places = bytearray(b"\0"), {}

    def text(self, value):
        return self._put(value.encode() + b"\0") if value else 0

    def blob(self, value):
        return self._put(bytes([len(value)]) + value) if value else 0

    def _put(self, piece):
        if piece not in self.places:
            self.places[piece] = len(self.raw)
            self.raw += piece
        return self.places[piece]


def assembly(
    *bodies, framework=".NETFramework,Version=v4.8", guid="6F9619FF-8B86-D011-B42D-00C04FC964FF", types=(), flags=1
):
    """A PE32 whose metadata defines `Own.Work` with a method for each body; fat headers for bodies that need them."""
    names, blobs = Heap(), Heap()
    code, places = bytearray(bytes(72)), []
    for body in bodies:
        code += bytes(-len(code) % 4)
        places.append(RVA + len(code))
        code += bytes([len(body) << 2 | 2]) if len(body) < 64 else struct.pack("<HHII", 0x3003, 8, len(body), 0)
        code += body
    code += bytes(-len(code) % 4)
    text = names.text

    def told(value):
        return blobs.blob(b"\1\0" + bytes([len(value)]) + value.encode() + b"\0\0")

    rows = {
        0x00: struct.pack("<5H", 0, text("own.dll"), 1, 0, 0),
        0x01: b"".join(
            struct.pack("<3H", 1 << 2 | 2, text(name), text(space))
            for space, name in (
                ("System.IO", "File"),
                ("System.Runtime.Versioning", "TargetFrameworkAttribute"),
                ("System.Runtime.InteropServices", "GuidAttribute"),
                ("System.Collections.Generic", "List`1"),
            )
        ),
        0x02: struct.pack("<I5H", 0, text("<Module>"), 0, 0, 1, 1)
        + struct.pack("<I5H", 1, text("Work"), text("Own"), 0, 1, 1)
        + b"".join(struct.pack("<I5H", 1, text(name), 0, 0, 1, len(bodies) + 2) for name in types),
        0x06: b"".join(
            struct.pack("<I5H", place, 0, 0x16, text(f"step{row}"), 0, 1) for row, place in enumerate(places)
        )
        + struct.pack("<I5H", 0, 0, 0x2016, text("native"), 0, 1),
        0x0A: b"".join(
            struct.pack("<3H", row << 3 | kind, text(name), 0)
            for row, kind, name in ((1, 1, "Delete"), (2, 1, ".ctor"), (3, 1, ".ctor"), (1, 4, "Add"))
        ),
        0x0C: struct.pack("<3H", 1 << 5 | 14, 2 << 3 | 3, told(framework) if framework else 0)
        + struct.pack("<3H", 1 << 5 | 14, 3 << 3 | 3, told(guid) if guid else 0),
        0x1A: struct.pack("<H", text("kernel32.dll")),
        0x1B: struct.pack("<H", blobs.blob(bytes([0x15, 0x12, 4 << 2 | 1, 1, 8]))),
        0x1C: struct.pack("<4H", 0, (len(bodies) + 1) << 1 | 1, text("VirtualAlloc"), 1),
        0x20: struct.pack("<I4HI3H", 0x8004, 1, 2, 3, 4, 1, blobs.blob(KEY), text("own"), 0),
        0x23: struct.pack("<4HI4H", 4, 0, 0, 0, 0, 0, text("mscorlib"), 0, 0),
    }
    sizes = {0x00: 10, 0x01: 6, 0x02: 14, 0x06: 14, 0x0A: 6, 0x0C: 6, 0x1A: 2, 0x1B: 2, 0x1C: 8, 0x20: 22, 0x23: 20}
    stream = struct.pack("<IBBBBQQ", 0, 2, 0, 0, 1, sum(1 << number for number in rows), 0)
    stream += b"".join(struct.pack("<I", len(told) // sizes[number]) for number, told in rows.items())
    stream += b"".join(rows.values())
    user = b"\0" + bytes([2 * 11 + 1]) + "a user text".encode("utf-16-le") + b"\0"
    parts = [(b"#~", stream), (b"#Strings", bytes(names.raw)), (b"#US", user), (b"#GUID", MVID.bytes_le)]
    parts.append((b"#Blob", bytes(blobs.raw)))
    parts = [(name, raw + bytes(-len(raw) % 4)) for name, raw in parts]
    root = struct.pack("<IHHI", 0x424A5342, 1, 1, 0) + struct.pack("<I12sHH", 12, b"v4.0.30319", 0, len(parts))
    at = len(root) + sum(8 + (len(name) // 4 + 1) * 4 for name, _ in parts)
    for name, raw in parts:
        root += struct.pack("<II", at, len(raw)) + name.ljust((len(name) // 4 + 1) * 4, b"\0")
        at += len(raw)
    metadata = root + b"".join(raw for _, raw in parts)
    code[:72] = struct.pack("<IHHIIII", 72, 2, 5, RVA + len(code), len(metadata), flags, 0).ljust(72, b"\0")
    return _portable(bytes(code) + metadata)


def _portable(text):
    """A PE32 with one section that holds all of this, and whose header of .NET begins it."""
    head = b"MZ" + bytes(58) + struct.pack("<I", 0x40)
    head += b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, 1, 0x65000000, 0, 0, 224, 0x2102)
    head += struct.pack("<HBB6I", 0x10B, 48, 0, len(text), 0, 0, 0, RVA, 0)
    head += struct.pack(
        "<3I6HIIIIHH6I", 0x400000, 0x2000, 512, 4, 0, 0, 0, 4, 0, 0, 0x10000, AT, 0, 3, 0, 0, 0, 0, 0, 0, 16
    )
    directories = [(0, 0)] * 14 + [(RVA, 72), (0, 0)]
    head += b"".join(struct.pack("<II", *row) for row in directories)
    head += struct.pack("<8sIIIIIIHHI", b".text", len(text), RVA, len(text), AT, 0, 0, 0, 0, 0x60000020)
    return head.ljust(AT, b"\0") + text


RAW = assembly(PLAIN, SWITCHED, PLAIN * 5)


def test_the_parts_of_an_assembly():
    """Methods, the members of other assemblies and native functions are told as of every format."""
    image = image_of(RAW)
    assert (image.format, image.machine, image.functions_from, image.notes) == ("dotnet", "cil", "metadata", ())
    assert (image.functions[:, 1] - image.functions[:, 0]).tolist() == [len(PLAIN), len(SWITCHED), len(PLAIN) * 5]
    start, end = image.functions[0] - RVA + AT
    assert RAW[start:end] == PLAIN
    assert set(image.imports) == {
        "kernel32.dll!VirtualAlloc",
        "mscorlib!System.IO.File::Delete",
        "mscorlib!System.Collections.Generic.List`1::Add",
        "mscorlib!System.Runtime.Versioning.TargetFrameworkAttribute::.ctor",
        "mscorlib!System.Runtime.InteropServices.GuidAttribute::.ctor",
    }
    assert image.exports == ("Own.Work::native", "Own.Work::step0", "Own.Work::step1", "Own.Work::step2")
    assert "VirtualAlloc" in profile_of(image).imports


def test_what_the_build_left():
    """The identities of build and project, the framework and the key are marks; what all assemblies share is none."""
    told = {(mark.kind, mark.value) for mark in dotnet_marks(Assembly(PortableExecutable(RAW)))}
    assert told == {
        ("build:id", str(MVID)),
        ("build:id", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("build:toolchain", ".NETFramework,Version=v4.8"),
        ("build:signer", f"strong name {hashlib.sha1(KEY).digest()[-8:][::-1].hex()}"),
    }
    bare = {
        (mark.kind, mark.value)
        for mark in dotnet_marks(Assembly(PortableExecutable(assembly(PLAIN, framework="", guid=""))))
    }
    assert ("build:toolchain", ".NET v4.0.30319") in bare
    assert "file:imphash" not in {kind for kind, *_ in analyse(RAW, "x")["marks"]}
    confused = Assembly(PortableExecutable(assembly(PLAIN, types=("ConfusedByAttribute",))))
    (mark,) = [mark for mark in dotnet_marks(confused) if mark.kind == "build:obfuscator"]
    assert (mark.value, mark.confidence) == ("ConfuserEx", "low")


def test_the_features_of_intermediate_language():
    """A method twice is one feature; its wide number is a constant, and short forms are no other operations."""
    code, instructions = il_of(image_of(assembly(PLAIN, PLAIN)))
    assert tuple(code) == ("function", "block", "gram", "constant") == CODE_CHANNELS and instructions == 18
    assert code["constant"].value.tolist() == [0x12345678] and len(code["function"].value) == 1
    start = int(image_of(assembly(PLAIN, PLAIN)).functions[0, 0])
    assert code["constant"].address.tolist() == [start + 3] and code["function"].address.tolist() == [start]
    other = bytes.fromhex("fe09 0000 fe09 0100") + PLAIN[2:]
    for channel in ("function", "block", "gram"):
        assert il_of(image_of(assembly(other, other)))[0][channel].value.tolist() == code[channel].value.tolist() != []


def test_tokens_and_places_do_not_matter():
    """The same method that calls and loads what has another number in another assembly has the same features."""
    moved = PLAIN.replace(bytes.fromhex("0100000a"), bytes.fromhex("0400000a")).replace(b"\1\0\0\x70", b"\x77\0\0\x70")
    one, two = il_of(image_of(assembly(PLAIN)))[0], il_of(image_of(assembly(SWITCHED, moved)))[0]
    for channel in ("function", "block", "gram"):
        assert np.isin(one[channel].value, two[channel].value).all()
    wider = il_of(image_of(assembly(PLAIN.replace(b"\x78\x56\x34\x12", b"\x79\x56\x34\x12"))))[0]
    assert not np.isin(one["block"].value, wider["block"].value).any()


def test_a_switch_is_one_instruction():
    """Its targets follow it, and are no instructions; a branch may lead over one."""
    code, instructions = il_of(image_of(assembly(SWITCHED)))
    assert instructions == 6 and len(code["function"].value) == 1


def test_names_and_texts_are_strings():
    """The names of an assembly and the texts of its user are strings, though they lie in one section with its code."""
    channel = profile_of(image_of(RAW)).channel("string")
    told = {text_at(RAW, place) for place in channel.address.tolist()}
    assert {"a user text", "VirtualAlloc", "System.IO"} <= told


def test_an_assembly_is_read_as_a_sample():
    """It comes through the locked process with its code, and where each mark stands."""
    found = read_content(RAW, "x.dll", {"subject": "Fam", "subject_type": "malware"})
    assert not found.refusals and found.codes[0].profile.format == "dotnet" and found.codes[0].profile.instructions
    assert ("build:id", str(MVID), "module version id") in {
        (seen.trait.kind, seen.printed, seen.where) for seen in found.observations
    }


def test_native_code_counts_where_an_assembly_says_it_holds_some():
    """Without the flag that all is intermediate language, and without native functions, methods still count."""
    assert image_of(assembly(PLAIN, flags=0)).machine == "cil"


def test_damaged_metadata_leaves_a_pe():
    """Where metadata cannot be read the PE around it is, with a note."""
    at = RAW.index(b"BSJB")
    image = image_of(RAW[:at] + b"none" + RAW[at + 4 :])
    assert image.format == "pe"
    assert any("metadata" in note for note in analyse(RAW[:at] + b"none" + RAW[at + 4 :], "x")["notes"])


def test_too_many_rows_are_refused():
    """A table that says it has millions of rows ends outside its stream or above the limit, and is not read."""
    at = RAW.index(b"#Blob")
    at = RAW.index(struct.pack("<IBBBB", 0, 2, 0, 0, 1), at) + 24
    for many in (0xFFFFFF, 0xFFFF):
        with pytest.raises(Damaged, match="table 0x0 of metadata"):
            Assembly(PortableExecutable(RAW[:at] + struct.pack("<I", many) + RAW[at + 4 :]))


def test_columns_that_lead_to_several_tables():
    """The lowest bits tell the table; tags that stand for none lead nowhere."""
    assert led_to("type", 5 << 2 | 1) == (0x01, 5) and led_to("holder", 1 << 5 | 14) == (0x20, 1)
    assert led_to("made_by", 7 << 3 | 3) == (0x0A, 7) and led_to("made_by", 7 << 3)[0] == -1


def test_only_one_error_on_damage():
    """Cut or changed anywhere, a file gives its parts, with notes, or the one error, and nothing else."""
    picked, refused = random.Random(5), 0
    for turn in range(MUTATIONS):
        raw = bytearray(RAW)
        for _ in range(picked.randrange(1, 6)):
            raw[picked.choice([picked.randrange(len(raw)), picked.randrange(AT, len(raw))])] = picked.randrange(256)
        cut = bytes(raw[: picked.randrange(len(raw))] if picked.random() < 0.3 else raw)
        try:
            parsed = PortableExecutable(cut)
            found = Assembly(parsed)
            image = found.image(parsed.image())
            list(dotnet_marks(found))
            il_of(image)
            if not turn % 20:
                analyse(cut, "x")
        except Damaged:
            refused += 1
    assert 0 < refused < MUTATIONS
