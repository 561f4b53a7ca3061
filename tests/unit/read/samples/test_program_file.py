"""Programs are read in a locked process: marks become observations, and the code a profile."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.sample import analyse, image_of, profile_in, profile_of
from consilience.analyse.strings import strings_of, text_at
from consilience.model.code import CHANNELS, profile_from
from consilience.read import read_path, read_queries

IMPORTS = [("KERNEL32.dll", ["Sleep", "ExitProcess"]), ("a.dll", ["#7", "b"])]
RAW = portable_executable(CODE, [(0, 14), (32, 46)], IMPORTS, r"c:\src\x.pdb")


def read(path, raw, **defaults):
    path.write_bytes(raw)
    (found,) = read_path(path, defaults)
    return found


def test_a_program_is_read_for_a_subject(tmp_path):
    """Its digests and marks are observations of the subject that was named, and its code comes with the reading."""
    found = read(tmp_path / "x.bin", RAW, subject="Fam", subject_type="malware", publisher="V")
    told = {(seen.trait.kind, seen.printed) for seen in found.observations}
    assert ("file:sha256", hashlib.sha256(RAW).hexdigest()) in told and ("file:pdb-path", r"c:\src\x.pdb") in told
    joined = "kernel32.sleep,kernel32.exitprocess,a.ord7,a.b"
    assert ("file:imphash", hashlib.md5(joined.encode()).hexdigest()) in told
    assert ("build:toolchain", "linker 14.29") in told and not found.refusals
    assert {seen.subject.key for seen in found.observations} == {"V/Fam"} == {found.codes[0].subject.key}
    assert found.format == "program" and found.codes[0].profile.channel("constant").value.tolist() == [0x12345678]
    assert next(seen for seen in found.observations if seen.trait.kind == "build:compile-time").confidence == "low"


def test_without_a_subject_a_sample_stands_for_itself(tmp_path):
    """The subject is the sample under its SHA-256, and the publisher says that it is our own analysis."""
    found = read(tmp_path / "x.bin", RAW)
    (subject,) = {seen.subject for seen in found.observations}
    assert (subject.publisher, subject.name, subject.type) == (
        "own analysis",
        hashlib.sha256(RAW).hexdigest(),
        "sample",
    )


def test_the_same_sample_elsewhere_says_the_same(tmp_path):
    """Where a sample lies changes no observation, so that reading it twice adds nothing."""
    one, two = read(tmp_path / "a", RAW), read(tmp_path / "b", RAW)
    assert {seen.id for seen in one.observations} == {seen.id for seen in two.observations}
    assert one.codes[0].id == two.codes[0].id


def test_a_failed_analysis_keeps_the_bytes(tmp_path):
    """A program whose headers lie is refused with the reason; its bytes and digests are kept."""
    found = read(tmp_path / "x", RAW[:0x60])
    assert found.raw == RAW[:0x60] and not found.codes
    (refusal,) = found.refusals
    assert "Damaged" in refusal.what and "kept" in refusal.todo
    assert {seen.trait.kind for seen in found.observations} == {"file:sha256", "file:sha1", "file:md5"}


def test_real_libraries_come_through_the_locked_process(tmp_path, libraries):
    """An ELF file gives the same profile in the locked process as here, with code, strings and imports."""
    found = read(tmp_path / "x.so", libraries[0], subject="L", subject_type="tool", publisher="P")
    assert not found.refusals and found.codes[0].profile.bytes == profile_of(image_of(libraries[0])).bytes
    assert len(found.codes[0].profile.channel("string").value) > 20 and found.codes[0].profile.imports


def test_a_sample_is_a_query(tmp_path):
    """A program asked about is one query with its code and its bytes."""
    (tmp_path / "x").write_bytes(RAW)
    (query,) = read_queries(str(tmp_path / "x")).queries
    assert query.raw == RAW and query.code.sample == hashlib.sha256(RAW).hexdigest()


def test_a_profile_comes_back_from_its_bytes():
    """What was written is read back equal, in every channel."""
    profile = profile_of(image_of(RAW))
    back = profile_from(profile.bytes)
    assert back == profile and back.digest == profile.digest and back.imports == profile.imports
    for name in CHANNELS:
        assert np.array_equal(back.channel(name).value, profile.channel(name).value)
        assert np.array_equal(back.channel(name).address, profile.channel(name).address)
    assert profile.function_at(0x1004) == 0x1000 and profile.function_at(0) == -1


@pytest.mark.parametrize("change", ["cut", "more", "unsorted", "no head", "other sample"])
def test_bytes_that_are_no_profile_are_refused(change):
    """A profile is checked column by column, because a hostile sample may have had a hand in it."""
    answer, raw = analyse(RAW, "x"), profile_of(image_of(RAW)).bytes
    head, _, columns = raw.partition(b"\n")
    if change == "other sample":
        with pytest.raises(ValueError, match="another sample"):
            profile_in(answer, "0" * 64)
        return
    functions = 8 * len(profile_of(image_of(RAW)).functions)
    swapped = columns[:functions] + columns[functions + 8 : functions + 16] + columns[functions : functions + 8]
    broken = {
        "cut": raw[:-1],
        "more": raw + b"\0",
        "unsorted": head + b"\n" + swapped + columns[functions + 16 :],
        "no head": columns.replace(b"\n", b""),
    }
    with pytest.raises(ValueError, match=r"profile|Expecting"):
        profile_from(broken[change])


def test_strings_are_found_plain_and_wide():
    """The same string in bytes and in UTF-16 is one number; short ones are left out, and text comes back."""
    plain = image_of(portable_executable(CODE, [(0, 14)], pdb="needle in the hay"))
    wide_raw = portable_executable(CODE, [(0, 14)]) + b"\0\0" + "needle in the hay".encode("utf-16-le") + b"\0\0\0"
    wide = image_of(wide_raw)
    ours, theirs = strings_of(plain), strings_of(wide)
    shared = np.intersect1d(ours.value, theirs.value)
    at = {text_at(wide_raw, int(theirs.address[theirs.value == value][0])) for value in shared}
    assert "needle in the hay" in at
    short = strings_of(image_of(portable_executable(CODE, [(0, 14)], pdb="short")))
    assert len(short.value) < len(ours.value)


def test_long_names_do_not_keep_a_program_from_being_read():
    """Of more names than the head of a profile holds the first are kept, and the profile can be read back."""
    names = [f"{each:05}" + "x" * 500 for each in range(12_000)]
    image = replace(image_of(RAW), imports=tuple(f"a.dll!{name}" for name in names))
    back = profile_from(profile_of(image).bytes)
    assert back.imports == tuple(names[: len(back.imports)]) and 3_000 < len(back.imports) < 12_000
