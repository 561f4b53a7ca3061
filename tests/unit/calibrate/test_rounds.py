"""Guards against leaks: every planted leak is caught."""

from dataclasses import replace
from datetime import date

import pytest

from consilience.attribute.activity import Activity
from consilience.calibrate.rounds import Leak, Round, RoundQuestion, check_apart, rounds_inside, without_judged

DAY = date(2020, 12, 31).toordinal()


def activity(subject, day, origin, *traits):
    return Activity(subject, day, origin, tuple(("attack-pattern", each) for each in traits or ("T1", "T2", "T3")))


KNOWN = (activity("P/A", DAY - 400, "a 1"), activity("P/A", DAY - 30, "a 2"), activity("P/B", DAY - 20, "b 1"))
QUESTION = RoundQuestion(activity("", DAY + 9, "new"), "P/A")
GOOD = Round("good", DAY, KNOWN, (), (QUESTION,))


def test_own_citation_in_the_profile_is_caught():
    """A question whose source is in the profile of its answer is refused."""
    with pytest.raises(Leak, match="'a 2' is in the profile of P/A"):
        replace(GOOD, questions=(RoundQuestion(activity("", DAY + 9, "a 2"), "P/A"),))


def test_future_reports_are_caught():
    """A known report or a tool described after the day of the round, which would move rarities, is refused."""
    late = activity("P/B", DAY + 1, "late")
    with pytest.raises(Leak, match="'late' on P/B is dated 2021-01-01"):
        replace(GOOD, known=(*KNOWN, late))
    with pytest.raises(Leak, match="dated 2021-01-01"):
        replace(GOOD, tools=(late,))


def test_queries_that_name_their_subject_are_caught():
    """A query that still carries its subject is refused."""
    with pytest.raises(Leak, match="names its subject"):
        replace(GOOD, questions=(RoundQuestion(activity("P/A", DAY + 9, "new"), "P/A"),))


def test_unknown_answers_are_caught():
    """A question whose answer nobody knows has no answer, and must say so."""
    with pytest.raises(Leak, match="P/C is not known"):
        replace(GOOD, questions=(RoundQuestion(activity("", DAY + 9, "new"), "P/C"),))


def test_fitting_on_what_is_judged_is_caught():
    """Fitting on a judged question, or on a later round, is refused; judged questions can be left out."""
    with pytest.raises(Leak, match="both fitted on and judged"):
        check_apart([GOOD], GOOD)
    with pytest.raises(Leak, match="later day"):
        check_apart([replace(GOOD, day=DAY + 1, questions=())], GOOD)
    left = without_judged([GOOD], GOOD)
    check_apart(left, GOOD)
    assert [len(one.questions) for one in left] == [0]


def test_rounds_inside_are_by_date():
    """A round of a year knows only what is dated before it, and asks of subjects first reported in it as of nobody."""
    reports = [
        *KNOWN,
        activity("P/C", DAY - 10, "c 1"),
        activity("P/A", 0, "undated"),
        activity("P/A", DAY - 5, "a", "T1"),
    ]
    (one,) = rounds_inside(reports, [activity("P/Tool", DAY - 3, "t")], [2020])
    assert [each.origin for each in one.known] == ["a 1"]
    assert {asked.query.origin: asked.answer for asked in one.questions} == {"a 2": "P/A", "b 1": "", "c 1": ""}
    assert one.tools == ()
    assert not rounds_inside(reports, [], [2012])
