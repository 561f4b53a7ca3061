"""Code of AArch64 gives the same kinds of features as that of x86, and the same constants."""

import struct

import numpy as np
from tests.unit.analyse.conftest import ARM64, DATA, TEXT, portable_executable

from consilience.analyse.code.arm64 import Arm64
from consilience.analyse.code.features import code_of
from consilience.analyse.containers.pe import PortableExecutable

WIDE = bytes.fromhex("0123456789abcdef")
NUMBER = int.from_bytes(WIDE, "little")


def words(*told):
    return b"".join(struct.pack("<I", each) for each in told)


def features(code, functions, constants=b""):
    raw = portable_executable(code, functions, constants=constants, machine=ARM64)
    return code_of(PortableExecutable(raw).image())


def moved(register, number):
    """A movz and three movk, which put a number together in a register."""
    parts = [(number >> 16 * each) & 0xFFFF for each in range(4)]
    return [
        (0xD2800000 if not each else 0xF2800000 | each << 21) | part << 5 | register for each, part in enumerate(parts)
    ]


BODY = (0x8B010000, 0xCB020000, 0xEB00003F, 0x9AC10800, 0xCA020021, 0x8A000042, 0xAA010063, 0x8B030084)
RETURN = 0xD65F03C0


def test_functions_are_packed_into_the_table():
    """The table tells where functions start, and how long they are."""
    code = words(*BODY, RETURN, *BODY[:4], RETURN)
    image = PortableExecutable(portable_executable(code, [(0, 36), (36, 56)], machine=ARM64)).image()
    assert (image.machine, image.functions_from) == ("aarch64", "pdata")
    assert image.functions.tolist() == [[TEXT, TEXT + 36], [TEXT + 36, TEXT + 56]]
    found, instructions = code_of(image)
    assert instructions == 14 and len(found["function"].value) == 2


def test_a_number_put_together_is_the_one_that_is_loaded():
    """A wide number in four moves, and the same loaded through the address of a page, are one feature."""
    together, _ = features(words(*moved(3, NUMBER), RETURN), [(0, 20)])
    assert together["constant"].value.tolist() == [NUMBER]
    page = (DATA >> 12) - (TEXT >> 12)
    adrp = 0x90000000 | (page & 3) << 29 | (page >> 2) << 5 | 1
    loaded, _ = features(words(adrp, 0xF9400020, RETURN), [(0, 12)], constants=WIDE)
    assert loaded["constant"].value.tolist() == [NUMBER]


def test_addresses_and_registers_do_not_matter():
    """Another distance to a page or a branch gives the same blocks, other registers the same grams."""
    one, _ = features(words(*BODY, 0x90000001, 0x91004021, 0x94000010, RETURN), [(0, 48)])
    two, _ = features(words(*BODY, 0xB0000041, 0x91108021, 0x94000410, RETURN), [(0, 48)])
    other, _ = features(words(*(each + 1 for each in BODY), 0x90000001, 0x91004021, 0x94000010, RETURN), [(0, 48)])
    for channel in ("function", "block", "gram"):
        assert one[channel].value.tolist() == two[channel].value.tolist() != []
    assert one["gram"].value.tolist() == other["gram"].value.tolist()
    assert one["block"].value.tolist() != other["block"].value.tolist()


def test_branches_end_blocks_where_they_lead():
    """Distances of all forms of branches are read, forwards and backwards; a call is no branch."""
    code = words(0x14000002, 0x54FFFFE0, 0xB4000041, 0x37FFFFA0, 0x94000004, RETURN)
    read = Arm64(np.frombuffer(code, dtype=np.uint8), np.array([[0, len(code)]]))
    assert sorted(read.leads().tolist()) == [0, 0, 8, 16]
