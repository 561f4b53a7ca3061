"""When a PE says that it was built, and what speaks against it."""

import struct

from tests.unit.analyse.conftest import portable_executable, with_rich
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.pe import pe_marks
from consilience.analyse.marks.stamps import OF_BORLAND, REPRODUCIBLE

IN_2018, IN_2023 = 0x5A7B0000, 0x65000000
NEW = [(260, 30148, 4), (258, 30148, 1)]


def times(raw):
    parsed = PortableExecutable(raw)
    found = [mark for mark in pe_marks(parsed, parsed.image()) if "build:compile-time" in (mark.kind, mark.value[:18])]
    return [(mark.kind, mark.value, mark.where, mark.note) for mark in found]


def directory(number, stamp):
    return number, lambda address, offset: struct.pack("<II", 0, stamp).ljust(40, b"\0")


def debug(kind, stamp):
    return 6, lambda address, offset: struct.pack("<IIHHIIII", 0, stamp, 0, 0, kind, 0, 0, 0)


def test_places_that_agree_and_places_that_do_not():
    """Places with the same time stand in the note of the header; another time is a mark of its own."""
    raw = portable_executable(CODE, more=[debug(4, IN_2023), directory(0, IN_2018), directory(2, 0)])
    first, second = times(raw)
    assert first[2] == "file header" and "the debug directory says the same" in first[3]
    assert second[1:3] == ("2018-02-07T13:32:48Z", "export directory") and "differs" in second[3]


def test_hashes_are_no_times():
    """Of a reproducible build one mark is left, and its note says that it is a hash; it contradicts nothing."""
    raw = with_rich(portable_executable(CODE, more=[debug(16, 5), directory(0, 77)], stamp=0x40000000), NEW)
    ((kind, _, _, note),) = times(raw)
    assert (kind, note) == ("build:compile-time", REPRODUCIBLE)


def test_built_before_its_linker_came_out():
    """A stamp more than a year before the linker of the Rich header came out contradicts it; a month does not."""
    told = times(with_rich(portable_executable(CODE, stamp=IN_2018), NEW))
    assert [kind for kind, *_ in told] == ["build:compile-time", "build:inconsistent"]
    assert told[1][1] == "build:compile-time 2018-02-07T13:32:48Z" and "14.29 of build 30037" in told[1][3]
    early = times(with_rich(portable_executable(CODE, stamp=0x60700000), NEW))
    assert [kind for kind, *_ in early] == ["build:compile-time"] and "no earlier than linker 14.29" in early[0][3]


def test_a_copied_header_dates_nothing():
    """A Rich header whose key is not in order says nothing about the time."""
    told = times(with_rich(portable_executable(CODE, stamp=IN_2018), NEW, key=5))
    assert [kind for kind, *_ in told] == ["build:compile-time"] and "linker" not in told[0][3]


def test_the_time_of_borland():
    """Where the header has the one time of Borland's linkers, resources tell the true one, as DOS writes it."""
    dos = ((2015 - 1980) << 9 | 6 << 5 | 7) << 16 | (13 << 11 | 14 << 5 | 5)
    ((_, value, place, _),) = times(portable_executable(CODE, stamp=OF_BORLAND, more=[directory(2, dos)]))
    assert (value, place) == ("2015-06-07T13:14:00Z", "resource directory")
    assert times(portable_executable(CODE, stamp=OF_BORLAND, more=[directory(2, dos & 0xFFFF)])) == []
