"""Fitting by conditional logit, on choices whose answer is known."""

import math

import numpy as np
import pytest

from consilience.attribute.activity import Activity
from consilience.attribute.engine import LogOdds
from consilience.attribute.open_set import softmax_probabilities
from consilience.attribute.reports import prepare
from consilience.calibrate.logit import Choice, fitted_weights
from consilience.calibrate.reports import fit_open_set, fit_reports
from consilience.calibrate.rounds import rounds_inside


def choices(weights, count=400):
    """Choices of five candidates drawn as a conditional logit with these weights draws them."""
    chance = np.random.default_rng(7)
    for _ in range(count):
        rows = chance.normal(size=(5, len(weights)))
        shares = np.exp(rows @ np.array(weights))
        yield Choice(rows, int(chance.choice(5, p=shares / shares.sum())))


def test_weights_are_found_again():
    """Fitting finds the weights that the choices were drawn with."""
    found = fitted_weights(list(choices([2.0, 0.5, 0.0])), 0.1, [True] * 3)
    assert found == pytest.approx([2.0, 0.5, 0.0], abs=0.35)


def test_weights_are_never_negative():
    """A feature that speaks against the right candidates gets the weight 0 where weights may not be negative."""
    drawn = list(choices([1.0, -1.0]))
    assert fitted_weights(drawn, 0.1, [True, True])[1] == 0
    assert fitted_weights(drawn, 0.1, [True, False])[1] < -0.5


def test_ridge_draws_towards():
    """A strong ridge leaves the weights where they are drawn to, whatever the scale of the features."""
    drawn = [Choice(each.candidates * [1.0, 1000.0], each.right) for each in choices([1.0, 1.0])]
    found = fitted_weights(drawn, 1e9, [True, True], [0.7, 0.002])
    assert found == pytest.approx([0.7, 0.002], rel=1e-3)


def test_open_set_learns_when_nobody_is_meant():
    """Queries whose best hardly leads get a higher probability of none of these when those were asked of nobody."""
    judged = []
    for number in range(40):
        lead = 5.0 + number % 3
        judged += [
            (LogOdds(np.array([lead, 0.0, 0.0]), np.zeros(3)), 0),
            (LogOdds(np.array([0.3, 0.0, 0.1]), np.zeros(3)), -1),
        ]
    rule = fit_open_set(judged, ("margin",))
    dull, clear = (softmax_probabilities(terms, rule).none for terms in (judged[1][0], judged[0][0]))
    assert dull > 0.8
    assert clear < 0.35


def report(subject, year, number):
    """A report of an invented subject that keeps to its own software, and shares its techniques with all."""
    day = math.floor(year * 365.25) + 20 * number + 1
    own = f"family{subject}{number % 2}"
    traits = (("attack-pattern", f"T{1000 + number}"), ("attack-pattern", "T1059"), ("malware", own))
    return Activity(f"P/{subject}", day, f"{subject} {year} {number}", tuple(sorted(traits)))


def test_fitted_model_ranks_and_is_the_same_twice():
    """On subjects that keep to their software the fitted model ranks them first, and fitting again changes nothing."""
    known = [report(subject, year, number) for subject in "ABCDEF" for year in range(2014, 2019) for number in range(4)]
    rounds = rounds_inside(known, [], range(2015, 2019))
    model = fit_reports(rounds)
    assert model == fit_reports(rounds)
    assert min(model.weights()) >= 0
    engine = prepare(rounds[-1].known, (), model)
    for asked in rounds[-1].questions:
        terms = engine.terms(asked.query)
        assert engine.subjects[int(np.argmax(terms.weight))] == asked.answer
