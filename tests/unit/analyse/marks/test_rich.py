"""The Rich header of a PE against the rest of the file."""

import random
import struct

import pytest
from tests.unit.analyse.conftest import portable_executable, with_rich
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.go import MAGIC
from consilience.analyse.marks.linker_contradictions import linker_contradictions
from consilience.analyse.marks.pe import pe_marks
from consilience.analyse.marks.rich import rich_of

IMPORTS = [("KERNEL32.dll", [f"f{number}" for number in range(20)])]
NEW = [(147, 30729, 3), (1, 0, 23), (260, 30148, 4), (258, 30148, 1)]
OLD = [(14, 7299, 2), (1, 0, 24), (10, 8047, 11), (4, 8047, 1)]
VC9 = [(1, 0, 40), (131, 21022, 9), (145, 21022, 1)]


def debug_row(kind):
    return 6, lambda address, offset: struct.pack("<IIHHIIII", 0, 0, 0, 0, kind, 0, address, offset)


def reasons(raw):
    parsed = PortableExecutable(raw)
    return list(linker_contradictions(parsed, parsed.image(), rich_of(parsed)))


def test_a_header_that_fits_raises_nothing():
    """The key is the checksum, and tools, linker, runtime and imports agree."""
    raw = with_rich(portable_executable(CODE, imports=IMPORTS), NEW)
    found = rich_of(PortableExecutable(raw))
    assert list(found.tools) == NEW and found.key == found.computed and found.count(1) == 23
    assert reasons(raw) == []
    marks = list(pe_marks(PortableExecutable(raw), PortableExecutable(raw).image()))
    assert "build:inconsistent" not in {mark.kind for mark in marks}
    assert next(mark for mark in marks if mark.kind == "build:rich-header").confidence == ""


def test_an_old_program_that_fits_raises_nothing():
    """A 32-bit program of linker 6.0 with the header of linker 6.0 is in order."""
    raw = with_rich(portable_executable(CODE, imports=IMPORTS, linker=(6, 0), machine=0x14C), OLD)
    assert reasons(raw) == []


@pytest.mark.parametrize(
    "told,raw",
    [
        ("is of another file", with_rich(portable_executable(CODE, imports=IMPORTS), NEW, key=0x12345678)),
        ("names linker 6.00", with_rich(portable_executable(CODE, imports=IMPORTS, machine=0x14C), OLD)),
        ("names linker 14.16", with_rich(portable_executable(CODE), [(258, 27030, 1)])),
        (
            "vcruntime140.dll is imported",
            with_rich(portable_executable(CODE, imports=[("VCRUNTIME140.dll", ["memset"])], linker=(9, 0)), VC9),
        ),
        (
            "counts 3 imported names and the file imports 20",
            with_rich(portable_executable(CODE, imports=IMPORTS), [(1, 0, 3), (258, 30148, 1)]),
        ),
        ("made nothing for x86_64", with_rich(portable_executable(CODE, imports=IMPORTS, linker=(6, 0)), OLD)),
        ("a later one wrote a debug", with_rich(portable_executable(CODE, more=[debug_row(13)], linker=(9, 0)), VC9)),
        (
            "the runtime inside the file",
            with_rich(portable_executable(CODE + b"CorExitProcess\0", linker=(6, 0), machine=0x14C), OLD),
        ),
    ],
)
def test_each_contradiction_is_named_alone(told, raw):
    """A header from elsewhere is told by what it contradicts, and only by that."""
    (found,) = reasons(raw)
    assert told in found
    marks = list(pe_marks(PortableExecutable(raw), PortableExecutable(raw).image()))
    rich = next(mark for mark in marks if mark.kind == "build:rich-header")
    odd = next(mark for mark in marks if mark.kind == "build:inconsistent")
    assert odd.value == f"build:rich-header {rich.value}" and odd.note == found and rich.confidence == "low"


def test_a_linker_nobody_knows_yet_raises_nothing():
    """Builds after the last release known here are taken for a release that came later."""
    assert reasons(with_rich(portable_executable(CODE, linker=(14, 80)), [(258, 60000, 1)])) == []


def test_a_header_without_beginning_is_noted():
    """An end without a beginning is no Rich header, and a note says so."""
    raw = bytearray(with_rich(portable_executable(CODE), NEW))
    at = raw.index(b"Rich")
    raw[at + 4 : at + 8] = bytes(4)
    parsed = PortableExecutable(bytes(raw))
    assert rich_of(parsed) is None and parsed.notes == ["the Rich header has an end and no beginning"]


def test_a_program_of_go_has_no_such_header():
    """Build information of Go at the start of the data contradicts a Rich header; elsewhere it does not."""
    raw = with_rich(portable_executable(MAGIC + bytes(64)), [(258, 30148, 1)])
    assert reasons(raw) == []
    start = struct.unpack_from("<I", raw, 0x3C)[0] + 24 + 240
    writable = raw[: start + 36] + struct.pack("<I", 0xC0000040) + raw[start + 40 :]
    (found,) = reasons(writable)
    assert "whose linkers write no Rich header" in found


def test_damage_in_the_headers():
    """Changed anywhere in its headers, a PE gives marks, with notes, or the one error, and nothing else."""
    whole = with_rich(portable_executable(CODE, imports=IMPORTS, more=[debug_row(13)]), NEW)
    picked, refused = random.Random(4), 0
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 5)):
            raw[picked.randrange(0x400)] = picked.randrange(256)
        try:
            parsed = PortableExecutable(bytes(raw))
            list(pe_marks(parsed, parsed.image()))
        except Damaged:
            refused += 1
    assert 0 < refused < 1_500
