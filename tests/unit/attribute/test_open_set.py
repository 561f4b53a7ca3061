"""Probabilities of all known subjects and of none of these."""

import numpy as np
import pytest

from consilience.attribute.engine import LogOdds
from consilience.attribute.open_set import SoftmaxOpenSet, candidates, features, softmax_probabilities

RULE = SoftmaxOpenSet(1.0, 2.0, {"margin": -0.5})


def terms(*weights, prior=0.0):
    return LogOdds(np.array(weights, dtype=float), np.full(len(weights), prior), {"before": 0.0})


@pytest.mark.parametrize("weights", [(0.0,), (3.0, 1.0), (900.0, -900.0, 0.0), (0.0, 0.0, 0.0)])
def test_probabilities_sum_to_one(weights):
    """The probabilities of all known subjects and of none of these sum to 1 and are probabilities."""
    found = softmax_probabilities(terms(*weights), RULE)
    assert found.known.sum() + found.none == pytest.approx(1)
    assert min(found.known.min(), found.none) >= 0


def test_none_wins_when_nobody_stands_out():
    """None of these is likelier when nobody stands out, and loses to a best that does."""
    dull, clear = softmax_probabilities(terms(0.1, 0.0, 0.0), RULE), softmax_probabilities(terms(9.0, 0.0, 0.0), RULE)
    assert dull.none > dull.known.max()
    assert clear.none < 0.1 < clear.known[0]


def test_nobody_known_is_none_of_these():
    """With nobody known, none of these is certain."""
    assert softmax_probabilities(terms(), RULE).none == 1.0


def test_prior_can_be_left_out():
    """The prior moves probabilities only where it is asked for."""
    uneven = LogOdds(np.array([1.0, 1.0]), np.array([3.0, 0.0]), {"before": 0.0})
    without = softmax_probabilities(uneven, RULE, with_prior=False)
    assert without.known[0] == pytest.approx(without.known[1])
    assert softmax_probabilities(uneven, RULE).known[0] > softmax_probabilities(uneven, RULE).known[1]


def test_features_describe_the_ranking():
    """The margin is the lead over the second, and the best stands out by its log-odds against all others."""
    found = features(terms(2.0, 1.0, 1.0))
    assert found["margin"] == pytest.approx(1.0)
    assert found["stands_out"] == pytest.approx(2.0 - np.log(2 * np.exp(1.0)))
    assert found["before"] == 0.0


def test_candidates_times_numbers_are_the_log_odds():
    """The matrix that is fitted gives, times the numbers of a rule, the odds behind its probabilities."""
    rows = candidates(terms(2.0, 0.5), tuple(RULE.coefficients))
    odds = np.exp(rows @ np.array([RULE.scale, RULE.intercept, *RULE.coefficients.values()]))
    found = softmax_probabilities(terms(2.0, 0.5), RULE)
    assert odds / odds.sum() == pytest.approx([*found.known, found.none])
