"""An import that moves a kept assessment waits for a person."""

import json

import pytest

from consilience.case import Case
from consilience.keep.memory import MemoryKeeper
from consilience.model.shift import Decision

PAIR = ("P/A", "Q/B")
CLEAN = [("P/A", "sector", "energy"), ("Q/B", "sector", "energy"), ("R/C", "sector", "banks")]


def statement(subject, kind, value, **more):
    publisher, name = subject.split("/")
    source = {"publisher": publisher, "title": f"on {name}", "reliability": "B"}
    row = {"publisher": publisher, "subject": name, "kind": kind, "value": value, "source": source}
    return {**row, "first_seen": "2020-03", "last_seen": "2020-04", **more}


def written(folder, name, rows, **more):
    path = folder / name
    path.write_text("".join(json.dumps(statement(*row, **more)) + "\n" for row in rows), "utf-8")
    return str(path)


def shared(*values, kind="domain-name"):
    return [(side, kind, value) for side in PAIR for value in values]


@pytest.fixture
def case(tmp_path):
    opened = Case(MemoryKeeper())
    opened.read([written(tmp_path, "clean.jsonl", CLEAN)])
    opened.assess(*PAIR)
    return opened


def test_an_import_that_moves_a_kept_assessment_is_held(case, tmp_path):
    """It is told what would move, and nothing of the file is kept."""
    before = case.digest(), case.keeper.imports()
    (done,) = case.read([written(tmp_path, "strong.jsonl", shared("a.example", "b.example"))])
    assert {row.axis for row in done.held} >= {"operator"}
    assert all(abs(row.after - row.before) > 0.2 for row in done.held)
    assert (done.new, done.known) == (0, 0)
    assert (case.digest(), case.keeper.imports()) == before


def test_a_person_can_decide(case, tmp_path):
    """The file is then kept, the decision can be walked, and the pair has been assessed again."""
    path = written(tmp_path, "strong.jsonl", shared("a.example", "b.example"))
    (done,) = case.read([path], despite_shift=Decision("checked with both", "A. Analyst"))
    assert (done.new, done.held) == (4, ())
    kept = dict(case.keeper.results())
    (decision,) = (id for id in kept if id.startswith("sh-"))
    assert kept[decision]["because"] == "checked with both"
    assert set(kept[decision]["assessed_again"]) <= kept.keys()
    assert "A. Analyst" in case.why(decision)["what"]
    assert case.verify()["sound"]
    (again,) = case.read([path])
    assert (again.known, again.held) == (4, ())


def test_nothing_waits_where_nothing_was_assessed(tmp_path):
    """A case without assessments takes every file, and is not read for it."""
    opened = Case(MemoryKeeper())
    (done,) = opened.read([written(tmp_path, "all.jsonl", [*CLEAN, *shared("a.example", "b.example")])])
    assert (done.new, done.held) == (7, ())


def test_what_concerns_others_is_taken_unread(case, tmp_path, monkeypatch):
    """A file about others, which shares no value with the pair, is kept without looking at the whole case."""
    monkeypatch.setattr(case.keeper, "observations", lambda: pytest.fail("the case was read"))
    (done,) = case.read([written(tmp_path, "others.jsonl", [("R/C", "domain-name", "c.example")])])
    assert (done.new, done.held) == (1, ())


def test_what_moves_little_is_taken(case, tmp_path):
    """Evidence that moves no probability by more than .20 is kept."""
    (done,) = case.read([written(tmp_path, "weak.jsonl", shared("svc.exe", kind="file:name"))])
    assert (done.new, done.held) == (2, ())


def test_small_steps_add_up(case, tmp_path):
    """Files that each move little are held once they together moved the kept assessment far."""
    steps = [
        written(tmp_path, f"{place}.jsonl", shared(value, kind=kind))
        for place, (kind, value) in enumerate(
            [("practice:operations", "p"), ("practice:infrastructure", "i"), ("config:leftover", "l"), ("victim", "v")]
        )
    ]
    done = case.read(steps)
    assert not done[0].held
    assert any(reading.held for reading in done)


def test_holders_that_make_a_value_common_are_seen(tmp_path):
    """A file that gives what the pair shares to a crowd of others is held, though it names neither side."""
    opened = Case(MemoryKeeper())
    opened.read([written(tmp_path, "pair.jsonl", shared("a.example", "b.example"))])
    opened.assess(*PAIR)
    crowd = [(f"X/C{place}", "domain-name", value) for place in range(300) for value in ("a.example", "b.example")]
    (done,) = opened.read([written(tmp_path, "crowd.jsonl", crowd)])
    assert done.held
