"""Olympic Destroyer with files: a Rich header taken over from another actor's program, on code that did not make it."""

import pytest
from tests.unit.analyse.conftest import portable_executable, with_rich
from tests.unit.analyse.test_programs import CODE

from consilience.case import Case

OLD = [(12, 7291, 7), (14, 7299, 2), (10, 8047, 11), (1, 0, 146), (4, 8047, 1)]
IMPORTS = [("KERNEL32.dll", ["Sleep", "ExitProcess"])]
THEIRS = with_rich(portable_executable(CODE, [(0, 14)], IMPORTS, linker=(6, 0), machine=0x14C), OLD)
KEY = int.from_bytes(THEIRS[THEIRS.index(b"Rich") + 4 :][:4], "little")
OURS = portable_executable(
    bytes(range(64)) * 2, imports=[("VCRUNTIME140.dll", ["memset"])], pdb="w.pdb", linker=(14, 29), stamp=0x5A7B0000
)
FORGED = with_rich(OURS, OLD, key=KEY + 1)
HEADER = "build:rich-header"


@pytest.fixture
def case(tmp_path):
    with Case.open(str(tmp_path / "winter.case")) as opened:
        for name, raw, subject in (("theirs", THEIRS, "Framed"), ("forged", FORGED, "Wiper")):
            (tmp_path / name).write_bytes(raw)
            opened.read([str(tmp_path / name)], publisher="V", subject=subject, subject_type="malware")
        yield opened


def header(evidence):
    return next(item for item in evidence if item.kind == HEADER)


def test_the_framed_actor_does_not_lead_and_the_forgery_is_named(case):
    """The shared header is voided, the file's contradictions are told, and no axis says that one hand made both."""
    done = case.assess("V/Wiper", "V/Framed")
    odd = next(item for item in done.relation.evidence if item.kind == "build:inconsistent")
    told = [line.text for line in done.sentences if odd.id in line.rests_on]
    assert told and any("linker 6.00" in text and "14.29" in text for text in told)
    assert done.relation.axes["operator"].probabilities["same"] <= 0.5
    assert done.relation.axes["developer"].probabilities["same"] <= 0.5
    assert any(note.startswith("counts for little: ") for note in header(done.relation.evidence).notes)
    sincerity = done.relation.axes["sincerity"].probabilities
    assert sincerity["imitated"] > 0.25


def test_the_file_asked_about_is_not_given_to_the_framed_actor(case, tmp_path):
    """Asked whose code it is, the forged file is not the framed actor's with more than .5."""
    (answer,) = case.attribute([str(tmp_path / "forged")], among="malware").answers
    first = answer.ranking[0] if answer.ranking else None
    assert first is None or first.subject != "V/Framed" or first.probability <= 0.5


def test_an_honest_header_of_another_build_is_left_alone(case, tmp_path):
    """What is said of one header of a family voids no other header of the same family."""
    true = [(261, 30148, 3), (1, 0, 9), (258, 30148, 1)]
    for name, subject in (("second", "Wiper"), ("third", "Maker")):
        raw = with_rich(portable_executable(CODE + subject.encode()), true)
        (tmp_path / name).write_bytes(raw)
        case.read([str(tmp_path / name)], publisher="V", subject=subject, subject_type="malware")
    evidence = case.assess("V/Wiper", "V/Maker").relation.evidence
    forged = header(case.assess("V/Wiper", "V/Framed").relation.evidence)
    assert not any("voided" in note for note in header(evidence).notes)
    assert header(evidence).weights["developer"]["same"] > 2 * forged.weights["developer"]["same"]
    assert "build:inconsistent" not in {item.kind for item in evidence}
