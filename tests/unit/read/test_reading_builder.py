"""What a file gave is told once, and never without end."""

from consilience.model.errors import Rejected
from consilience.read import reading_builder
from consilience.read.reading_builder import NOTHING, ReadingBuilder

GOOD = {"publisher": "P", "subject": "S", "kind": "mutex", "value": "v"}


def test_a_file_that_gave_nothing_says_so():
    """Neither observation nor refusal nor notice: one notice tells that nothing was found."""
    (notice,) = ReadingBuilder("f", {}).reading("table", b"").notices
    assert notice.what == NOTHING


def test_a_file_that_gave_something_does_not():
    """One observation is enough for silence."""
    builder = ReadingBuilder("f", {})
    builder.take(GOOD, 1)
    assert not builder.reading("table", b"").notices


def test_refusals_beyond_the_limit_are_counted(monkeypatch):
    """The first are kept one by one, of the others their number and where they begin, and what was good is kept."""
    monkeypatch.setattr(reading_builder, "MAX_REFUSED", 3)
    builder = ReadingBuilder("f", {})
    for line in range(1, 6):
        builder.refuse(line, "value", Rejected("is wrong", todo="mend it"))
    builder.take(GOOD, 6)
    builder.take({"publisher": "P"}, 7)
    found = builder.reading("table", b"")
    assert [each.line for each in found.refusals] == [1, 2, 3, 0] and len(found.observations) == 1
    assert found.refusals[-1].what.startswith("5 more refusals, from line 4 on")
