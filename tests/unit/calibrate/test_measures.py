"""Measures of rankings and probabilities, against figures worked out by hand."""

import numpy as np
import pytest

from consilience.calibrate import measures


def test_ranking():
    """Top-1, top-5 and mean reciprocal rank of three ranks."""
    assert measures.ranking(np.array([1.0, 2.0, 10.0])) == pytest.approx([1 / 3, 2 / 3, (1 + 0.5 + 0.1) / 3])


def test_brier_has_its_parts():
    """Reliability less resolution plus uncertainty is the score, where each bin holds one probability."""
    softmax_probabilities = np.array([0.2] * 5 + [0.8] * 5)
    right = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 1.0])
    value, reliability, resolution, constant = measures.brier(softmax_probabilities, right, 2)
    assert value == pytest.approx(reliability - resolution + constant)
    assert reliability == pytest.approx(0)
    assert constant == pytest.approx(0.25)


def test_calibration_error_of_a_boaster():
    """Who says 90% and is right half the time errs by 40 points."""
    softmax_probabilities, right = np.full(40, 0.9), np.tile([0.0, 1.0], 20)
    assert measures.calibration_error(softmax_probabilities, right, 4) == pytest.approx(0.4)
    assert measures.error_by_chance(softmax_probabilities, 4, 200) < 0.2


def test_separation_within_strata():
    """Only pairs of one stratum are compared, ties count half, and a stratum of one sort has no figure."""
    values, positive = np.array([3.0, 1.0, 10.0, 9.0, 9.0]), np.array([True, False, False, True, True])
    whole, each = measures.separation(values, positive, ["a", "a", "b", "b", "b"])
    assert (whole, each) == (pytest.approx(1 / 3), {"a": 1.0, "b": 0.0})
    whole, each = measures.separation(values, np.ones(5, dtype=bool), ["a"] * 5)
    assert np.isnan(whole) and each == {}


def test_coverage():
    """The most probable answers come first in risk and coverage, and ask for the precision held so far."""
    softmax_probabilities, right = np.array([0.9, 0.8, 0.7, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])
    assert measures.risk_coverage(softmax_probabilities, right, [0.5, 1.0]) == [(0.5, 0.8, 1.0), (1.0, 0.1, 0.5)]
    assert measures.coverage_at(softmax_probabilities, right, 0.9) == 0.5
    assert measures.coverage_at(softmax_probabilities, 1 - right, 0.9) == 0.0


def test_resamples_keep_actors_whole():
    """An actor is drawn with all of its questions or not at all, and the same seed draws the same."""
    actors = ["a", "a", "a", "b"]
    for at in measures.resamples(actors, 20):
        counts = np.bincount(at, minlength=4)
        assert counts[0] == counts[1] == counts[2]
    assert all(map(np.array_equal, measures.resamples(actors, 5), measures.resamples(actors, 5)))
