"""Where no instruction can be told from another, rows of bytes are the features of code."""

import random

import numpy as np
from tests.unit.analyse.conftest import TEXT, portable_executable

from consilience.analyse.code.byte_rows import GRAM, WINDOW, _winnowed
from consilience.analyse.code.features import code_of
from consilience.analyse.containers.pe import PortableExecutable

OTHER = 0x1C4


def grams(code, machine=OTHER):
    found, instructions = code_of(PortableExecutable(portable_executable(code, machine=machine)).image())
    assert instructions == 0 and set(found) <= {"gram"}
    return found["gram"] if found else None


def test_another_machine_is_read_as_rows_of_bytes():
    """Code of a machine that cannot be read shares features with the same code elsewhere, and with no other."""
    picked = random.Random(1)
    body = picked.randbytes(600)
    one, moved, other = grams(body), grams(picked.randbytes(300) + body), grams(picked.randbytes(600))
    assert one.address.min() >= TEXT
    shared = np.intersect1d(one.value, moved.value)
    assert len(shared) >= 0.8 * len(one.value) > 10
    assert not len(np.intersect1d(one.value, other.value))
    assert grams(bytes(600)) is None


def test_distances_are_masked_in_code_without_functions():
    """What looks like a call in code of x86 of which no function is known does not tell where it leads to."""
    picked = random.Random(2)
    pieces = [picked.randbytes(40).translate(bytes(0x90 if each >= 0x80 else each for each in range(256)))] * 8
    one, two = (b"".join(piece + b"\xe8" + place for piece in pieces) for place in (b"\1\2\3\4", b"\5\6\7\x08"))
    assert grams(one, 0x8664).value.tolist() == grams(two, 0x8664).value.tolist()
    assert grams(one).value.tolist() != grams(two).value.tolist()


def test_each_window_keeps_its_least():
    """Of every row of windows the least row of bytes is kept, and no other."""
    code = np.frombuffer(random.Random(3).randbytes(3_000), dtype=np.uint8)
    value, place = _winnowed(code)
    kept = dict(zip(place.tolist(), value.tolist(), strict=True))
    assert all(any(at in kept for at in range(start, start + WINDOW)) for start in range(3_000 - GRAM - WINDOW + 2))
    again, shifted = _winnowed(code[1_000:2_000])
    inside = (shifted >= WINDOW) & (shifted < 1_000 - GRAM - WINDOW)
    assert inside.sum() > 20
    told = zip(shifted[inside].tolist(), again[inside].tolist(), strict=True)
    assert all(kept[at + 1_000] == number for at, number in told)
    assert len(kept) < 3_000 // 10
