"""Bytes that begin as nothing known does are compared as rows of bytes, when somebody says whose sample they are."""

import random

from consilience.analyse.sample import BYTES
from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.read import read_path

COMMON = random.Random(1).randbytes(8_000)


def blob(seed, common=COMMON):
    """Inert bytes of chance, with a piece that others have too."""
    chance = random.Random(seed)
    return b"\x00\x01" + chance.randbytes(3_000) + common + chance.randbytes(2_000)


def one(path, raw, **defaults):
    path.write_bytes(raw)
    (found,) = read_path(path, defaults)
    return found


def test_bytes_are_read_as_a_sample_that_is_named(tmp_path):
    """They have a profile of rows and strings, a digest, and a notice that says what is compared."""
    found = one(tmp_path / "a.bin", blob(2) + b"\0a string of some length\0", subject="Fam", subject_type="malware")
    (code,) = found.codes
    assert (found.format, code.profile.format, code.profile.instructions) == ("specimen", BYTES, 0)
    assert len(code.profile.channel("gram").value) > 100 and len(code.profile.channel("string").value) >= 1
    assert "rows of bytes" in found.notices[-1].what and not found.refusals
    assert [seen.trait.kind for seen in found.observations] == ["file:sha256"]


def test_without_a_name_they_are_of_no_known_format(tmp_path):
    """Nobody said that it is a sample, and a text is none whoever says so."""
    assert not one(tmp_path / "a.bin", blob(2)).codes
    assert not one(tmp_path / "b.bin", b"words, and nothing else\n" * 100, subject="Fam").codes


def test_in_a_folder_they_are_noticed_only(tmp_path):
    """What lies in a folder may be a picture: it is told, and not read."""
    (tmp_path / "a.bin").write_bytes(blob(2))
    (found,) = read_path(tmp_path, {"subject": "Fam"})
    assert not found.codes and not found.observations and "unknown" in found.notices[0].what


def test_the_family_whose_bytes_they_share_is_found(tmp_path):
    """A further piece with the same bytes is nearest to the family that has them."""
    case = Case(MemoryKeeper())
    for number in range(12):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(blob(number, COMMON if number == 4 else random.Random(50 + number).randbytes(8_000)))
        case.read([str(path)], publisher="V", subject=f"Family {number}", subject_type="malware")
    (tmp_path / "asked.bin").write_bytes(blob(99))
    (answer,) = case.attribute([str(tmp_path / "asked.bin")]).answers
    assert answer.ranking[0].subject == "V/Family 4"
