"""PE and ELF files as their parts, and the instructions of their code."""

import random
import struct

import iced_x86 as iced
import numpy as np
import pytest
from tests.unit.analyse.conftest import DATA, TEXT, portable_executable

from consilience.analyse.code import x86
from consilience.analyse.code.boundaries import instruction_starts
from consilience.analyse.code.features import code_of
from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.calls import called
from consilience.analyse.containers.elf import Elf
from consilience.analyse.containers.pe import PortableExecutable
from consilience.model.code import CODE_CHANNELS

WIDE = bytes.fromhex("0123456789abcdef")
LEAF = bytes.fromhex("4883ec28b8785634124883c428c3")
CODE = LEAF + b"\xcc" * 18 + LEAF + b"\xcc" * 18 + bytes.fromhex("0f1f4000" * 5) + b"\xc3" + b"\xcc" * 11


def test_the_parts_of_a_pe():
    """Sections, functions, imports, the debug file and the base of a PE are read."""
    raw = portable_executable(
        CODE, [(0, 14), (32, 46)], [("KERNEL32.dll", ["Sleep", "ExitProcess"]), ("a.dll", ["b"])], r"c:\src\x.pdb"
    )
    found = PortableExecutable(raw)
    image = found.image()
    assert (image.format, image.machine, image.bits, image.functions_from) == ("pe", "x86_64", 64, "pdata")
    assert [each.name for each in image.sections] == [".text", ".rdata"]
    assert image.imports == ("KERNEL32.dll!Sleep", "KERNEL32.dll!ExitProcess", "a.dll!b")
    assert image.functions.tolist() == [[0x1000, 0x100E], [0x1020, 0x102E], [0x1040, 0x1055]]
    assert found.pdb() == (r"c:\src\x.pdb", "000102030405060708090a0b0c0d0e0f-2")
    assert image.notes == () and found.header.linker == (14, 29)


def test_a_function_in_parts_is_one():
    """A record that continues another is joined with it."""
    raw = portable_executable(CODE, [(0, 5), (32, 46)], chained=[(5, 14)])
    assert PortableExecutable(raw).image().functions.tolist()[:2] == [[0x1000, 0x100E], [0x1020, 0x102E]]


def test_the_features_of_code():
    """The same function twice is one feature; its wide number is a constant; places are told."""
    code, instructions = code_of(PortableExecutable(portable_executable(CODE, [(0, 14), (32, 46)])).image())
    assert tuple(code) == CODE_CHANNELS and instructions == 14
    assert code["constant"].value.tolist() == [0x12345678]
    assert code["constant"].address.tolist() == [0x1004]
    assert len(code["function"].value) == len(code["block"].value) == 2


def test_registers_addresses_and_places_do_not_matter():
    """Code elsewhere, calling elsewhere, has the same blocks; other registers give the same grams."""
    body = "4889c84801d94831d04829c2{call}4889d04801c8c3"
    one = bytes.fromhex(body.format(call="e810000000")).ljust(48, b"\xcc")
    two = b"\xcc" * 64 + bytes.fromhex(body.format(call="e8f0010000")).ljust(48, b"\xcc")
    first, _ = code_of(PortableExecutable(portable_executable(one, [(0, 24)])).image())
    second, _ = code_of(PortableExecutable(portable_executable(two, [(64, 88)])).image())
    for channel in ("function", "block", "gram"):
        assert first[channel].value.tolist() == second[channel].value.tolist() != []
    other = bytes.fromhex(body.format(call="e810000000").replace("4889c8", "4889f8")).ljust(48, b"\xcc")
    third, _ = code_of(PortableExecutable(portable_executable(other, [(0, 24)])).image())
    assert third["gram"].value.tolist() == first["gram"].value.tolist()
    assert third["block"].value.tolist() != first["block"].value.tolist()


def test_a_number_is_the_same_wherever_the_compiler_keeps_it():
    """A wide number in an instruction, added as a displacement, or loaded from data beside the code is one feature."""
    near = struct.Struct("<i").pack
    ways = [
        bytes.fromhex("48b8") + WIDE,
        bytes.fromhex("488b05") + near(DATA - TEXT - 7),
        bytes.fromhex("f20f1005") + near(DATA - TEXT - 8),
        bytes.fromhex("c5fb1005") + near(DATA - TEXT - 8),
    ]
    for instruction in ways:
        code = (instruction + b"\xc3").ljust(16, b"\xcc")
        raw = portable_executable(code, [(0, len(instruction) + 1)], constants=WIDE)
        found, _ = code_of(PortableExecutable(raw).image())
        assert found["constant"].value.tolist() == [int.from_bytes(WIDE, "little")]
    added = bytes.fromhex("8d841978563412c3").ljust(16, b"\xcc")
    found, _ = code_of(PortableExecutable(portable_executable(added, [(0, 8)])).image())
    assert found["constant"].value.tolist() == [0x12345678]


def test_a_short_number_is_no_wide_one():
    """Behind an operand-size prefix a number has two bytes, and the bytes before it are not taken with it."""
    code = bytes.fromhex("66c74424341234c3").ljust(16, b"\xcc")
    found, _ = code_of(PortableExecutable(portable_executable(code, [(0, 8)])).image())
    assert not len(found["constant"].value)


def test_operations_do_not_tell_widths_and_forms():
    """The same work in another width, in another form and with other moves between gives the same grams."""
    one = bytes.fromhex("4801d84883f805740583e8014831c848c1e00385c0c3")
    two = bytes.fromhex("03c33d050000000f84050000002d0100000089c033c1c1e0034885c0c3")
    grams = []
    for body in (one, two):
        code = body.ljust(64, b"\xcc")
        found, _ = code_of(PortableExecutable(portable_executable(code, [(0, len(body))])).image())
        grams.append(found["gram"].value.tolist())
    assert grams[0] == grams[1] != []


def test_real_libraries_are_read(libraries):
    """ELF files that Python brings along have their functions, names and code read without a note."""
    for raw in libraries:
        image = Elf(raw).image()
        size = sum(each.stored for each in image.sections if each.runnable)
        assert image.functions_from in {"eh-frame", "symbols"} and not image.notes
        assert (np.diff(image.functions, axis=1).sum()) > 0.5 * size
        assert any(name.startswith("PyInit_") for name in image.exports) and image.imports
        assert code_of(image)[1] > 5_000 or image.machine != "x86_64"


def test_lengths_agree_with_another_decoder(libraries):
    """Instructions begin where a decoder that others wrote says they do, in all but a very few functions."""
    functions = differing = 0
    for raw in libraries:
        image = Elf(raw).image()
        if image.machine != "x86_64":
            pytest.skip("the libraries here are of another machine")
        for section, view in image.code():
            rows = (
                image.functions[
                    (image.functions[:, 0] >= section.address)
                    & (image.functions[:, 1] <= section.address + section.stored)
                ]
                - section.address
            )
            if section.name != ".text" or not len(rows):
                continue
            code = np.concatenate((np.frombuffer(view, dtype=np.uint8), np.zeros(x86.PAD, dtype=np.uint8)))
            at, of = instruction_starts(x86.decoded(code, 64).length, rows)
            begin = np.searchsorted(of, np.arange(len(rows) + 1))
            for row, (start, end) in enumerate(rows.tolist()):
                theirs = [each.ip for each in iced.Decoder(64, bytes(view[start:end]), ip=start)]
                differing += theirs != at[begin[row] : begin[row + 1]].tolist()
                functions += 1
    assert functions > 200 and differing <= functions // 200


@pytest.mark.parametrize("kind", ["pe", "elf"])
def test_only_one_error_on_damage(kind, libraries):
    """Cut or changed anywhere, a file gives its parts, with notes, or the one error, and nothing else."""
    if kind == "pe":
        whole = portable_executable(CODE, [(0, 14), (32, 46)], [("KERNEL32.dll", ["Sleep"])], "x.pdb")
    else:
        whole = libraries[0]
    picked = random.Random(5)
    refused = 0
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 6)):
            raw[picked.randrange(min(len(raw), 2_000))] = picked.randrange(256)
        cut = bytes(raw[: picked.randrange(len(raw))] if picked.random() < 0.3 else raw)
        try:
            read = PortableExecutable(cut) if kind == "pe" else Elf(cut)
            image = read.image()
            read.pdb() if kind == "pe" else read.build_id()
            if kind == "pe":
                code_of(image)
        except Damaged:
            refused += 1
    assert 0 < refused < 300


def test_functions_are_found_by_calls_where_none_are_listed():
    """Without a table, functions start where calls lead to and where padding ends, and end before padding."""
    callee = bytes.fromhex("31c083c0014801d8c3").ljust(16, b"\xcc")
    caller = bytes.fromhex("4883ec28") + b"\xe8" + struct.pack("<i", -16 - 9) + bytes.fromhex("4883c428c3")
    pointed = bytes.fromhex("31c04801d8c3").ljust(16, b"\xcc")
    code = callee + caller.ljust(16, b"\xcc") + pointed
    image = PortableExecutable(portable_executable(code)).image()
    assert image.functions_from == "calls"
    assert image.functions.tolist() == [[TEXT, TEXT + 9], [TEXT + 16, TEXT + 30], [TEXT + 32, TEXT + 38]]


def test_calls_lead_to_functions_that_tables_list(libraries):
    """Of the functions found by calls in real libraries most are listed in their unwinding tables."""
    listed: list[bool] = []
    for raw in libraries:
        image = Elf(raw).image()
        if image.machine != "x86_64":
            pytest.skip("the libraries here are of another machine")
        found = called(raw, image.sections, [], 0)
        text = next(each for each in image.sections if each.name == ".text")
        found = found[(found[:, 0] >= text.address) & (found[:, 0] < text.address + text.stored)]
        listed += np.isin(found[:, 0], image.functions[:, 0]).tolist()
    assert len(listed) > 60 and np.mean(listed) > 0.7


@pytest.mark.parametrize("field", [16, 24, 32])
def test_numbers_past_all_addresses_are_borne(field, libraries):
    """Sections said to lie, or to be stored, where no number with a sign reaches give their parts and their code."""
    whole = libraries[0]
    headers = int.from_bytes(whole[40:48], "little")
    count = int.from_bytes(whole[60:62], "little")
    for row in range(count):
        raw = bytearray(whole)
        raw[headers + 64 * row + field + 7] = 0xFF
        image = Elf(bytes(raw)).image()
        code_of(image)
        assert image.format == "elf"
