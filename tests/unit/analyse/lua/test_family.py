"""Lua through the case: a modular program is found again in its next version, in a fork, and under another compiler."""

import pytest

from consilience.case import Case
from consilience.keep import MemoryKeeper

from .inert import NEWER, OTHERS, PARTS, PLAIN, bundle, renumbered


@pytest.fixture
def dumped(compile_lua):
    """The stripped dumps of some sources by a dialect."""
    return lambda sources, dialect="luajit-2.1": [
        compile_lua(text.encode(), dialect, True, b"@x.lua") for text in sources
    ]


@pytest.fixture
def case(tmp_path, dumped):
    """A case that knows a modular program as a bundle of stripped dumps, and two others."""
    found = Case(MemoryKeeper())
    families = {"modular": bundle(dumped(PARTS.values()))}
    families |= {name: dumped([text])[0] for name, text in OTHERS.items()}
    for name, raw in families.items():
        (tmp_path / name).write_bytes(raw)
        found.read([str(tmp_path / name)], subject=name, subject_type="malware")
    return found


def asked(case, path, raw):
    path.write_bytes(raw)
    answered = case.attribute([str(path)])
    return answered.answers[0], " ".join(notice.what for notice in answered.notices)


def named_in(answer):
    return {value for reason in answer.ranking[0].because for value in reason.values}


def test_the_next_version_of_a_bundle_is_of_its_family(case, tmp_path, dumped):
    """A later version, rebuilt and stripped, is found; reasons name texts, functions and who else has them."""
    found, _ = asked(case, tmp_path / "q.bin", bundle(dumped(NEWER.values())))
    assert found.ranking[0].subject == "own analysis/modular"
    assert {view.subject for view in found.views} == {"own analysis/modular"}
    assert found.ranking[0].probability > 0.9
    whys = [reason.why for reason in found.ranking[0].because]
    assert any("of function 0x" in why and "only own analysis/modular of 3 families" in why for why in whys)
    assert any(value.strip("'") in "".join(PARTS.values()) for value in named_in(found))


@pytest.mark.parametrize("dialect", ["lua-5.3", "lua-5.4", "lua-5.5"])
def test_another_compiler_is_found_by_constants(case, tmp_path, dumped, dialect):
    """The same program by PUC Lua shares no row of operations with LuaJIT's, and is found by what it holds."""
    found, _ = asked(case, tmp_path / "q.bin", bundle(dumped(NEWER.values(), dialect)))
    assert found.ranking[0].subject == "own analysis/modular"
    kinds = {reason.kind for reason in found.ranking[0].because}
    assert "code:opcodes" not in kinds and kinds & {"code:constant", "code:string", "code:block"}


def test_a_fork_is_found_and_marked(case, tmp_path, dumped):
    """With its instructions renumbered the program is still found by its constants, and is told as a fork."""
    fork = bundle([renumbered(each) for each in dumped(NEWER.values())])
    found, notes = asked(case, tmp_path / "q.bin", fork)
    assert found.ranking[0].subject == "own analysis/modular"
    assert "code:opcodes" not in {reason.kind for reason in found.ranking[0].because}
    assert any("luajit-2.1 fork" in note for note in found.notes) and "as in no release in 3 of 3 dumps" in notes
    case.read([str(tmp_path / "q.bin")], subject="fork", subject_type="malware")
    told = {seen.trait.value for seen in case.snapshot().observations if seen.subject.name == "fork"}
    assert "luajit 2.1 fork" in told


def test_a_source_is_found(case, tmp_path):
    """A part of the program as it was written is nearest to the dumps of its family."""
    found, notes = asked(case, tmp_path / "records.lua", PARTS["records"].encode())
    assert found.ranking[0].subject == "own analysis/modular"
    assert "a source has no instructions" in notes


def test_an_unrelated_program_is_of_none(case, tmp_path, written, dumped):
    """A program that shares nothing but the language is of no family, and neither is one of Lua's own names alone."""
    for number, text in enumerate((written(3).decode(), PLAIN[0])):
        found, _ = asked(case, tmp_path / f"q{number}", dumped([text])[0])
        assert found.none_of_these > 0.5


def test_names_of_lua_link_nobody(tmp_path, dumped):
    """Two programs that have only the names of Lua and its libraries in common share no constant and no import."""
    case = Case(MemoryKeeper())
    for name, raw in zip(("one", "two"), dumped(PLAIN), strict=True):
        (tmp_path / name).write_bytes(raw)
        (receipt,) = case.read([str(tmp_path / name)], subject=name, subject_type="malware")
        assert receipt.new
    one, two = (code.profile for code in case.keeper.codes())
    for channel in ("constant", "string", "import", "block"):
        assert not set(one.channel(channel).value.tolist()) & set(two.channel(channel).value.tolist())
