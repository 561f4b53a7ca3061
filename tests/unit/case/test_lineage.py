"""Samples read for families, and a program asked about, through a case."""

import pytest
from tests.unit.analyse.conftest import portable_executable

from consilience.case import Case
from consilience.keep import MemoryKeeper

BODY = bytes.fromhex("4883ec28b8{constant}4889c84801d94831d04829c24889d04801c84883c428c3".format(constant="78563412"))
OTHER = bytes.fromhex("554889e5b9efbeadde31c029d039c84885c07402ffc05dc3")


def program(*bodies, pdb=""):
    code, functions = b"", []
    for body in bodies:
        functions.append((len(code), len(code) + len(body)))
        code += body + b"\xcc" * (16 - len(body) % 16)
    return portable_executable(code, functions, [("KERNEL32.dll", ["Sleep"])], pdb)


@pytest.fixture
def case(tmp_path):
    found = Case(MemoryKeeper())
    for name, raw in (("one", program(BODY)), ("two", program(OTHER, pdb="two.pdb"))):
        (tmp_path / name).write_bytes(raw)
        found.read([str(tmp_path / name)], subject=name, subject_type="malware")
    return found


def asked(case, path, raw, **options):
    path.write_bytes(raw)
    (answer,) = case.attribute([str(path)], **options).answers
    return answer


def test_a_program_is_attributed_to_the_family_whose_code_it_holds(case, tmp_path):
    """A new build with a known function is nearest to its family, and its strings are told as text."""
    found = asked(case, tmp_path / "q", program(OTHER + b"\x90", OTHER, pdb="two.pdb"))
    assert found.ranking[0].subject == "own analysis/two" and len(found.ranking) == 2
    values = {value for reason in found.ranking[0].because for value in reason.values}
    assert "0xdeadbeef" in values and "'two.pdb'" in values
    assert sum(each.probability for each in found.ranking) + found.none_of_these == pytest.approx(1)


def test_only_families_of_the_type_that_is_asked_for(case, tmp_path):
    """A sample read without a subject is no family, unless samples are asked for."""
    (tmp_path / "lone").write_bytes(program(BODY, OTHER))
    case.read([str(tmp_path / "lone")])
    assert len(asked(case, tmp_path / "q", program(BODY)).ranking) == 2
    assert len(asked(case, tmp_path / "q", program(BODY), among="sample").ranking) == 1
    assert asked(case, tmp_path / "q", program(BODY), among="tool").none_of_these == 1


def test_reading_a_sample_twice_changes_nothing(case, tmp_path):
    """The second reading brings no observation and no profile, and the case is sound."""
    before, many = case.digest(), len(list(case.keeper.codes()))
    (again,) = case.read([str(tmp_path / "one")], subject="one", subject_type="malware")
    assert (again.new, case.digest(), len(list(case.keeper.codes()))) == (0, before, many)
    assert case.verify()["sound"]
