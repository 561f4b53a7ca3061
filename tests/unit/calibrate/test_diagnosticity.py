"""How much sharing says, counted in a case small enough to count by hand."""

import math

import pytest

from consilience.attribute.activity import Activity
from consilience.calibrate.diagnosticity import diagnosticity
from consilience.calibrate.record import diagnosticity_record


def report(subject, number, *values):
    return Activity(subject, number, f"report {number}", tuple(("mutex", value) for value in values))


KNOWN = [report("A", 1, "x", "y"), report("A", 2, "x"), report("B", 3, "y"), report("B", 4), report("C", 5, "z")]


def test_ratio_of_shares():
    """One of two pairs of one subject shares, and one of eight of two: the ratio is four."""
    rows, left_out = diagnosticity(KNOWN)
    (row,) = rows
    assert (row.same, row.different, left_out) == (1, 1, 0)
    assert row.ratio == pytest.approx((1 / 2) / (1 / 8))
    assert row.given == 0.5


def test_what_only_one_subject_shares_is_infinite():
    """Where no two subjects share, the ratio is infinite, and null in the document."""
    rows, left_out = diagnosticity(KNOWN[:2])
    assert math.isinf(rows[0].ratio)
    assert diagnosticity_record(rows, left_out)["rows"][0]["ratio"] is None


def test_a_pair_counts_once():
    """Two reports that share two values of a kind are one pair."""
    rows, _ = diagnosticity([report("A", 1, "x", "y"), report("B", 2, "x", "y"), report("B", 3)])
    assert (rows[0].same, rows[0].different) == (0, 1)


def test_what_everybody_has_is_left_out():
    """A value on very many reports is left out, and said to be."""
    rows, left_out = diagnosticity([report("A", number, "x") for number in range(201)])
    assert (rows, left_out) == ([], 1)
