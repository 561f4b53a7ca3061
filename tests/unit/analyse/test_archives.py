"""Archives: which programs are taken out of them, and what is refused by which rule. All specimens are inert."""

import bz2
import gzip
import hashlib
import io
import lzma
import mmap
import os
import random
import re
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.archive.aes import encrypted as encrypted_blocks
from consilience.analyse.archive.aes import round_keys
from consilience.analyse.archive.rules import MAX_RATIO
from consilience.analyse.archive.streams import _TABLE
from consilience.analyse.archive.tree import unpack
from consilience.read import read_content, read_path, read_queries
from consilience.read.samples import archive_file

ONE = portable_executable(CODE, [(0, 14), (32, 46)], [("KERNEL32.dll", ["Sleep"])], r"c:\src\one.pdb")
TWO = portable_executable(CODE, [(0, 14)], [("KERNEL32.dll", ["ExitProcess"])], r"c:\src\two.pdb")
MIB = 1024**2


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return made.getvalue()


def tarred(*members, form=tarfile.GNU_FORMAT):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, data in members:
            told = tarfile.TarInfo(name)
            told.size = len(data)
            archive.addfile(told, io.BytesIO(data))
    return made.getvalue()


def linked(kind):
    """A zip, or tar, with a symbolic link in it."""
    made = io.BytesIO()
    if kind == "tar":
        with tarfile.open(fileobj=made, mode="w") as archive:
            told = tarfile.TarInfo("link")
            told.type, told.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(told)
        return made.getvalue()
    with zipfile.ZipFile(made, "w") as archive:
        told = zipfile.ZipInfo("link")
        told.create_system, told.external_attr = 3, 0o120777 << 16
        archive.writestr(told, "/etc/passwd")
    return made.getvalue()


def overlapping(many=50):
    """A zip in which every row of the directory leads to the same member."""
    raw = zipped(("a", ONE))
    at = raw.rindex(b"PK\x01\x02")
    entry, end = raw[at : raw.rindex(b"PK\x05\x06")], raw[raw.rindex(b"PK\x05\x06") :]
    told = struct.pack("<4s4H2IH", end[:4], 0, 0, many, many, many * len(entry), at, 0)
    return raw[:at] + entry * many + told


def crowded(many):
    """A zip of empty members, put together by hand."""
    local = struct.Struct("<4s5H3I2H8s")
    entry = struct.Struct("<4s6H3I5H2I8s")
    names = [b"%08d" % each for each in range(many)]
    first = b"".join(local.pack(b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 8, 0, name) for name in names)
    told = b"".join(
        entry.pack(b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, local.size * row, name)
        for row, name in enumerate(names)
    )
    if many < 0xFFFF:
        return first + told + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, many, many, len(told), len(first), 0)
    at = len(first) + len(told)
    long = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, many, many, len(told), len(first))
    place = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(told), len(first), 0)
    return first + told + long + place + end


def encrypted(name, data, password):
    """A zip of one stored member under the old cipher."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def turn(byte):
        keys[0] = (keys[0] >> 8) ^ _TABLE[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ _TABLE[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password:
        turn(byte)
    check, hidden = zlib.crc32(data), bytearray()
    for byte in bytes(11) + bytes([check >> 24]) + data:
        mixed = keys[2] | 2
        hidden.append(byte ^ (mixed * (mixed ^ 1)) >> 8 & 0xFF)
        turn(byte)
    told = struct.pack("<4H3I2H", 1, 0, 0, 0, check, len(hidden), len(data), len(name), 0)
    first = b"PK\x03\x04\x14\0" + told + name + bytes(hidden)
    entry = b"PK\x01\x02\x14\0\x14\0" + told + struct.pack("<3H2I", 0, 0, 0, 0, 0) + name
    return first + entry + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(first), 0)


def nested(levels, inner=ONE, name="x.dll"):
    raw = inner
    for each in range(levels):
        raw, name = zipped((name, raw)), f"{each}.zip"
    return raw


def read(raw, **defaults):
    return read_content(raw, "sample.zip", defaults)


def opened(raw, room=2 * MIB):
    """What unpacking tells, in this process."""
    return unpack(raw, "x", mmap.mmap(-1, room))


def test_programs_are_samples_of_the_subject_that_is_named():
    """Each program gives its observations and code for the subject; `where` names the member; other files are told."""
    raw = zipped(("bin/one.dll", ONE), ("readme.txt", "hello"), ("two.dll", TWO))
    found = read(raw, subject="Fam", subject_type="malware", publisher="V")
    assert found.raw == raw and found.format == "archive" and not found.refusals
    assert {seen.subject.key for seen in found.observations} == {"V/Fam"}
    digests = [hashlib.sha256(each).hexdigest() for each in (ONE, TWO)]
    assert [code.profile.sample for code in found.codes] == digests
    where = {seen.where for seen in found.observations if seen.printed == r"c:\src\one.pdb"}
    assert where == {"bin/one.dll: debug directory"}
    assert any("1 of its members (readme.txt)" in each.what for each in found.notices)


def test_without_a_subject_each_program_stands_for_itself():
    """The subjects are the programs under their SHA-256; the archive is no subject."""
    found = read(zipped(("one.dll", ONE), ("two.dll", TWO), ("again.dll", ONE)))
    digests = {hashlib.sha256(each).hexdigest() for each in (ONE, TWO)}
    assert {seen.subject.name for seen in found.observations} == digests and len(found.codes) == 2
    assert any(each.field == "again.dll" and "same bytes as one.dll" in each.what for each in found.notices)


@pytest.mark.parametrize(
    "raw",
    [
        zipped(("x", ONE), method=zipfile.ZIP_STORED),
        zipped(("x", ONE)),
        zipped(("x", ONE), method=zipfile.ZIP_BZIP2),
        zipped(("x", ONE), method=zipfile.ZIP_LZMA),
        zipped((("deep/" * 40) + "x", ONE)),
        tarred(("x", ONE)),
        tarred(("long/" * 40 + "x", ONE)),
        tarred(("long/" * 40 + "x", ONE), form=tarfile.PAX_FORMAT),
        gzip.compress(tarred(("x", ONE))),
        bz2.compress(tarred(("x", ONE))),
        lzma.compress(tarred(("x", ONE))),
        bz2.compress(ONE),
        lzma.compress(ONE),
        zipped(("x.gz", gzip.compress(ONE))),
        zipped(("x.tar.xz", lzma.compress(tarred(("x", ONE))))),
        gzip.compress(ONE[:1000]) + gzip.compress(ONE[1000:]),
    ],
    ids=lambda raw: f"{raw[:4]!r}-{len(raw)}",
)
def test_every_way_of_packing_gives_the_same_program(raw):
    """Whatever holds it, the program that comes out is the same, byte by byte."""
    found = read(raw, subject="Fam", subject_type="malware")
    assert [code.profile.sample for code in found.codes] == [hashlib.sha256(ONE).hexdigest()]
    assert not found.refusals and found.raw == raw


def test_three_archives_one_in_another_are_opened():
    """The third is read and names its way; the fourth is refused, and what lies beside it is read."""
    found = read(zipped(("two.dll", TWO), ("in.zip", nested(2))))
    assert "in.zip > 0.zip > x.dll: the whole file" in {seen.where for seen in found.observations}
    found = read(zipped(("two.dll", TWO), ("in.zip", nested(3))))
    assert [code.profile.sample for code in found.codes] == [hashlib.sha256(TWO).hexdigest()]
    (refusal,) = found.refusals
    assert "number 4" in refusal.what and "at most 3" in refusal.what


def test_the_password_of_analysts_opens_a_zip():
    """The old cipher is read under `infected`; under another password a refusal says what to do."""
    assert [code.profile.sample for code in read(encrypted(b"x", ONE, b"infected")).codes] == [
        hashlib.sha256(ONE).hexdigest()
    ]
    (other,) = read(encrypted(b"x", ONE, b"other")).refusals
    assert "not with the password infected" in other.what and "infected" in other.todo


SEALED = {
    128: (
        "504b0304140001006300e173785d000000005d0000007200000001000b007801990700020041450108008580a059f8e74b1c"
        "9b420c721171e59713d747ae1af6c9ff9f4d92d23799aa9e61b70240713d23828aa66704485fb1af6c281eb82ae0c12cffd0"
        "0ce89ca3675d37a56cbbd99a8eb9b6db510fcbedb7d747131c590acbc083b626396cee504b01021403140001006300e17378"
        "5d000000005d0000007200000001000b000000000000000000800100000000780199070002004145010800504b0506000000"
        "00010001003a000000870000000000"
    ),
    192: (
        "504b0304140001006300e173785d00000000610000007200000001000b00780199070002004145020800ef5b9e1454f4ccf4"
        "e89ccadc944471a4bf18dd899c80ca96555b0b7c8345ac483bc207e34205e60351fb1523279277775f9dfacfbe1ffbf3ac5a"
        "b95554f403017b18725cb8ea787165a9b31085701e7b6691a93ddc5992c215850c7a6e313d9142504b010214031400010063"
        "00e173785d00000000610000007200000001000b000000000000000000800100000000780199070002004145020800504b05"
        "0600000000010001003a0000008b0000000000"
    ),
    256: (
        "504b0304140001006300e173785d00000000650000007200000001000b0078019907000200414503080010c4467908fe7b07"
        "9cbef87c7969926371d030db6ee365c2bcc50078075fbff977fb59ce29f9a72826a96ab21824600220a1b75979e7c184138b"
        "36000c0ee2d522cab0ec2677e9c0ae461c11a62242440ed66ff18634039e5055223aca49dfc444b15e6132504b0102140314"
        "0001006300e173785d00000000650000007200000001000b0000000000000000008001000000007801990700020041450308"
        "00504b050600000000010001003a0000008f0000000000"
    ),
}
"""Zips of one member under AES, of each strength in bits, as another program made them (pyzipper, `infected`)."""

WITHIN = b"\x7fELF" + bytes(range(60)) + b"inert" * 10


@pytest.mark.parametrize("bits", SEALED)
def test_zips_under_aes_are_opened(bits):
    """What another program encrypted comes out as it was; changed, or under another password, it is refused."""
    raw, room = bytes.fromhex(SEALED[bits]), mmap.mmap(-1, MIB)
    (member,) = unpack(raw, "x", room)["members"]
    assert member[0] == "x" and bytes(room[: member[2]]) == WITHIN
    start = 30 + 1 + 11 + bits // 16
    for at, what in ((start, "not with the password infected"), (start + 2, "damaged|encrypted|checksum|unpacks")):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        told = unpack(changed, "x", room)
        assert not told["members"] and re.search(what, told["refusals"][0][1])
    stored = raw.rindex(b"PK\x01\x02") - 1
    told = unpack(raw[:stored] + bytes([raw[stored] ^ 1]) + raw[stored + 1 :], "x", room)
    assert not told["members"] and "not those that were encrypted" in told["refusals"][0][1]


@pytest.mark.parametrize(
    ("size", "hidden"),
    [
        (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),
        (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),
        (32, "8ea2b7ca516745bfeafc49904b496089"),
    ],
)
def test_aes_is_that_of_the_standard(size, hidden):
    """The examples of FIPS 197, appendix C."""
    clear = np.frombuffer(bytes.fromhex("00112233445566778899aabbccddeeff"), dtype=np.uint8).reshape(1, 16)
    assert encrypted_blocks(round_keys(bytes(range(size))), clear).tobytes().hex() == hidden


HOSTILE = {
    "ratio": (lambda: zipped(("x", bytes(20 * MIB))), "times its size; at most 100 times"),
    "ratio of a program": (lambda: gzip.compress(ONE + bytes(200 * MIB)), "times its size; at most 100 times"),
    "ratio of gzip": (lambda: gzip.compress(tarred(("x", bytes(20 * MIB)))), "times its size; at most 100 times"),
    "ratio of two": (lambda: zipped(("x.zip", zipped(("x", bytes(20 * MIB))))), "times its size; at most 100 times"),
    "members": (lambda: crowded(300_000), "it lists 300,000 members; at most 10,000"),
    "programs": (lambda: zipped(*((f"{each}", ONE) for each in range(1_001))), "holds more than 1,000 programs"),
    "total": (lambda: declared(600 * MIB), "at most 536,870,912 are unpacked"),
    "depth": (lambda: nested(10), "number 4 one in another; at most 3"),
    "way out": (lambda: zipped(("../x.dll", ONE)), "leads out of the archive"),
    "way out of a tar": (lambda: tarred(("../x.dll", ONE)), "leads out of the archive"),
    "root": (lambda: zipped(("/x.dll", ONE)), "leads out of the archive"),
    "drive": (lambda: zipped((r"C:\x.dll", ONE)), "leads out of the archive"),
    "link": (lambda: linked("zip"), "it is a link"),
    "link in a tar": (lambda: linked("tar"), "it is a link"),
    "overlap": (overlapping, "lie over each other"),
}


def declared(size):
    """A zip of 8 MiB that says that its member is as long as this."""
    raw = bytearray(zipped(("x", random.Random(1).randbytes(8 * MIB)), method=zipfile.ZIP_STORED))
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(raw)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_breaks_a_rule_is_refused_by_it(name):
    """Nothing of it becomes an observation, the refusal names the rule with its figure, and the bytes are kept."""
    made, rule = HOSTILE[name]
    raw = made()
    found = read(raw)
    assert not found.observations and not found.codes and found.raw == raw
    assert any(rule in refusal.what for refusal in found.refusals), found.refusals


SCRIPT = """
import sys
from pathlib import Path
from consilience.read import read_path
from consilience.sandbox import Worker

asked, spent = Worker.analyse, []

def told(self, *given, **named):
    found = asked(self, *given, **named)
    spent.append(found.memory)
    return found

Worker.analyse = told

def now(what):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return 1024 * int(line.split()[1])

list(read_path(sys.argv[1], {}))
usual, spent[:] = spent[0], []
for path in sys.argv[2:]:
    Path("/proc/self/clear_refs").write_text("5")
    before = now("VmRSS")
    (found,) = read_path(path, {})
    assert found.refusals and not found.observations
    print(now("VmHWM") - before, max(spent) - usual, Path(path).name, sep="\\t")
    spent[:] = []
    del found
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is asked of Linux")
def test_hostile_archives_cost_little_memory_and_write_no_file(tmp_path):
    """Of each the reading process and the locked one together take at most 64 MiB more, and no file appears."""
    (tmp_path / "good").write_bytes(zipped(("x", "text")))
    paths = []
    for name, (made, _) in HOSTILE.items():
        if name != "programs":
            (tmp_path / name).write_bytes(made())
            paths.append(str(tmp_path / name))
    (tmp_path / "home").mkdir()
    before = sorted(tmp_path.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "good"), *paths],
        env={"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path / "home",
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(rows) == len(paths), done.stderr
    over = {name: (int(ours), int(theirs)) for ours, theirs, name in rows if int(ours) + int(theirs) > 64 * MIB}
    assert not over and sorted(tmp_path.rglob("*")) == before


def test_lies_about_a_member_cost_only_that_member():
    """A wrong size or sum is refused with the figures; the member beside it is read."""
    whole = zipped(("one", ONE), ("two", TWO))
    at = whole.index(b"PK\x01\x02")
    for offset, value, what in (
        (16, 7, "checksum"),
        (24, len(ONE) - 1, "more than"),
        (24, len(ONE) + 1, "that it states"),
    ):
        raw = bytearray(whole)
        raw[at + offset : at + offset + 4] = struct.pack("<I", value)
        told = opened(bytes(raw))
        assert [name for name, _, _ in told["members"]] == ["two"]
        (refusal,) = told["refusals"]
        assert refusal[0] == "one" and what in refusal[1]


def test_what_comes_before_damage_is_kept():
    """A packed tar that breaks off gives the members before the break, and a refusal."""
    raw = gzip.compress(tarred(("one", ONE), ("two", random.Random(2).randbytes(100_000))), mtime=0)
    told = opened(raw[: len(raw) // 2])
    assert [name for name, _, _ in told["members"]] == ["one"]
    assert [name for name, _, _ in told["refusals"]] == [""] and "middle" in told["refusals"][0][1]


@pytest.mark.parametrize(("pack", "form"), [(gzip.compress, "program.gz"), (bz2.compress, "archive")])
def test_a_program_that_is_packed_alone_shows_what_it_shows_unpacked(pack, form, tmp_path):
    """It has no name within, so its observations are those of the program itself, and the packed bytes are kept."""
    (tmp_path / "x.bin").write_bytes(ONE)
    (tmp_path / "x.gz").write_bytes(pack(ONE))
    (plain,), (packed,) = read_path(tmp_path / "x.bin", {}), read_path(tmp_path / "x.gz", {})
    assert {seen.id for seen in packed.observations} == {seen.id for seen in plain.observations}
    assert packed.format == form and packed.raw == (tmp_path / "x.gz").read_bytes()
    assert packed.codes[0].id == plain.codes[0].id
    (query,) = read_queries(str(tmp_path / "x.gz")).queries
    assert query.raw == ONE


@pytest.mark.parametrize("magic", [b"7z\xbc\xaf\x27\x1c\0\4", b"Rar!\x1a\x07\x01\0", b"\x28\xb5\x2f\xfd"])
def test_kinds_that_are_not_read_say_so(magic):
    """An archive of a known kind without a reader is refused with what to do, by itself and in another."""
    (refusal,) = read(magic + bytes(100)).refusals
    assert "of this kind are not read" in refusal.what and refusal.todo
    (refusal,) = read(zipped(("in", magic + bytes(100)))).refusals
    assert refusal.field == "in" and "of this kind are not read" in refusal.what


def test_an_archive_without_programs_says_so():
    """Documents alone, or nothing at all, are nothing to read here, and the refusal tells what to do with them."""
    assert "none of its 0 members" in read(zipped()).refusals[0].what
    (refusal,) = read(zipped(("a.json", "{}"), ("b.txt", "b"))).refusals
    assert "none of its 2 members is a program" in refusal.what and "documents" in refusal.todo


def test_an_archive_is_a_query_for_each_program(tmp_path):
    """Each program is asked about by itself, with its own bytes."""
    (tmp_path / "x.zip").write_bytes(zipped(("one.dll", ONE), ("two.dll", TWO)))
    queries = read_queries(str(tmp_path / "x.zip")).queries
    assert [query.raw for query in queries] == [ONE, TWO]
    assert [query.code.sample for query in queries] == [hashlib.sha256(each).hexdigest() for each in (ONE, TWO)]


def test_archives_in_a_folder_are_read(tmp_path):
    """A folder's archives are read beside its other files."""
    (tmp_path / "x.zip").write_bytes(zipped(("one.dll", ONE)))
    (tmp_path / "y.bin").write_bytes(TWO)
    assert [reading.format for reading in read_path(tmp_path, {})] == ["archive", "program"]


@pytest.mark.parametrize(
    "members",
    [[["x", 0, 10**9]], [["x", -1, 4]], [["x", 0, 0]], [["x", "0", 4]], [["x"]], 7, [["x", 0, 1]] * 1_001],
    ids=str,
)
def test_an_answer_about_bytes_that_are_not_there_is_refused(members, monkeypatch):
    """What the locked process says of members is checked, for a hostile archive may have had a hand in it."""
    answer = {"members": members, "refusals": [], "others": 0, "named": []}
    told = archive_file.ANALYSER.archive(zipped(("x", "y")), "x")[0]
    monkeypatch.setattr(
        type(archive_file.ANALYSER),
        "archive",
        lambda self, data, name: (type(told)(answer=answer), memoryview(bytes(100))),
    )
    (refusal,) = read(zipped(("x", "y"))).refusals
    assert "cannot be used" in refusal.what


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "encrypted", "sealed", "nested"])
def test_only_refusals_on_damage(kind):
    """Cut or changed anywhere, an archive gives its programs and refusals, and no error leaves the unpacking."""
    members = ("one", ONE[:1_500]), ("two.txt", b"text" * 50), ("three", TWO[:1_200])
    whole = {
        "zip": lambda: zipped(*members),
        "tar": lambda: tarred(*members),
        "tar.gz": lambda: gzip.compress(tarred(*members), mtime=0),
        "tar.bz2": lambda: bz2.compress(tarred(*members)),
        "tar.xz": lambda: lzma.compress(tarred(*members)),
        "encrypted": lambda: encrypted(b"x", ONE[:300], b"infected"),
        "sealed": lambda: bytes.fromhex(SEALED[256]),
        "nested": lambda: zipped(("in.zip", zipped(*members, method=zipfile.ZIP_STORED)), method=zipfile.ZIP_STORED),
    }[kind]()
    picked, refused = random.Random(7), 0
    room = mmap.mmap(-1, MIB)
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 6)):
            raw[picked.randrange(len(raw))] = picked.randrange(256)
        cut = bytes(raw[: picked.randrange(len(raw))] if picked.random() < 0.3 else raw)
        told = unpack(cut, "x", room)
        refused += bool(told["refusals"])
        assert sum(size for _, _, size in told["members"]) <= MAX_RATIO * len(cut)
    assert refused > 100
