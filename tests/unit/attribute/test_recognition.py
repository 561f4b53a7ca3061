"""How well subjects were recognised so far: only earlier reports, of other sources, the newer counting more."""

import numpy as np
import pytest

from consilience.attribute.indicators.recognition import DRAWN_BY, recognition_rates


def block(*groups):
    """Reports by reports, alike (0.9) within these groups of places and hardly (0.1) outside them."""
    count = sum(len(group) for group in groups)
    alike = np.full((count, count), 0.1)
    for group in groups:
        alike[np.ix_(group, group)] = 0.9
    return alike


def test_subject_of_one_habit_is_recognised_better():
    """Of two subjects, the one whose reports are like each other has the higher rate."""
    owner = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    days = np.array([10, 30, 50, 70, 20, 40, 60, 80])
    alike = block([0, 1, 2, 3, 4, 5], [6], [7])
    found = recognition_rates(alike, owner, days, list("abcdefgh"), 2)
    assert 1 > found[0] > found[1] > 0


def test_later_reports_answer_nothing():
    """Planted leak: a report that is like a later one alone is not given to the later one's subject."""
    owner, days = np.array([0, 1, 0]), np.array([10, 20, 30])
    alike = np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.0], [0.0, 0.2, 1.0]])
    before = recognition_rates(alike, owner, days, list("abc"), 2)
    alike[0, 2] = 0.0
    assert np.array_equal(recognition_rates(alike, owner, days, list("abc"), 2), before)


def test_own_source_and_undated_reports_take_no_part():
    """With one source for all, or without dates, nothing is asked and every rate is one half."""
    owner, alike = np.array([0, 0, 1]), block([0, 1, 2])
    assert (recognition_rates(alike, owner, np.array([10, 20, 30]), ["a"] * 3, 2) == 0.5).all()
    assert (recognition_rates(alike, owner, np.zeros(3, dtype=np.int64), list("abc"), 2) == 0.5).all()


def test_subject_without_answers_has_the_rate_of_all():
    """A subject that was never asked for has the rate of all subjects together."""
    owner, days = np.array([0, 0, 0]), np.array([10, 10, 10 + 1])
    assert recognition_rates(block([0, 1, 2]), owner, days, list("abc"), 2)[1] == pytest.approx(1.0)


def test_few_answers_say_little():
    """One wrong answer among the rates of all moves a subject by no more than one report against DRAWN_BY."""
    owner, days = np.array([0, 0, 0, 0, 1]), np.array([10, 20, 30, 40, 50])
    found = recognition_rates(block([0, 1, 2, 3, 4]), owner, days, list("abcde"), 2)
    rate = 0.75
    assert found[1] == pytest.approx(DRAWN_BY * rate / (DRAWN_BY + 1), abs=0.02)
