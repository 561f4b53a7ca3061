"""Fitting the engine for indicators: nothing of the future, the same twice, the unknown told from the known."""

import random

import numpy as np
import pytest
from world import HABITS, START, STRANGERS, report, world

from consilience.attribute.activity import Activity
from consilience.attribute.indicators import IndicatorEngine
from consilience.attribute.indicators.features import feature_counts
from consilience.calibrate.indicators import fit_indicators, folds
from consilience.calibrate.logit import conditional_logit, logistic_curve
from consilience.vocab import vocabulary

VOCAB = vocabulary()


def bags(reports):
    return [feature_counts(each, VOCAB) for each in reports]


@pytest.fixture(scope="module")
def model():
    return fit_indicators(world(), VOCAB)


def test_half_years_are_asked_of_the_past():
    """Every query of a half-year is later than the case it is asked of, which holds no source of a query."""
    for fold in folds(bags(world())):
        assert fold.rows.days.min() > fold.day
        assert fold.found.shape[0] == len(fold.right) == len(fold.rows.queries)


def test_planted_future_changes_no_earlier_half_year():
    """Planted leak: reports of the last days, even with the very values of earlier queries, change no earlier fold."""
    reports = world()
    last = max(each.day for each in reports)
    copies = [Activity("P/thief", last, f"copy {n}", each.traits) for n, each in enumerate(reports[:300])]
    before, after = folds(bags(reports)), folds(bags([*reports, *copies]))
    assert len(before) > 2
    for left, right in zip(before[:-1], after[:-1], strict=True):
        assert left.day == right.day
        assert np.array_equal(left.found, right.found)
        assert np.array_equal(left.right, right.right)


def test_query_of_a_known_source_is_not_asked():
    """Planted leak: a report whose source is in the case already is no query."""
    reports = world()
    late = max(each.day for each in reports)
    again = Activity("P/alder", late, reports[0].origin, reports[0].traits)
    asked = [each.activity for fold in folds(bags([*reports, again])) for each in fold.rows.queries]
    assert again not in asked
    assert Activity("P/alder", late, "a fresh source", again.traits) in [
        each.activity
        for fold in folds(bags([*reports, Activity("P/alder", late, "a fresh source", again.traits)]))
        for each in fold.rows.queries
    ]


def test_fitted_twice_in_any_order_is_one_model(model):
    """The same reports in another order give the same bytes."""
    shuffled = world()
    random.Random(1).shuffle(shuffled)
    assert fit_indicators(shuffled, VOCAB).as_record() == model.as_record()


def test_unknown_actors_are_likelier_none(model):
    """Activities of actors never reported get more of none than those of known actors."""
    engine = IndicatorEngine.of([each for each in world() if each.subject[2:] in HABITS], VOCAB, model)
    day = START + 5 * 430

    def none(actor):
        found = report(actor, day, 1, random.Random(3))
        return engine.probabilities(Activity("", day, f"query {actor}", found.traits))[-1]

    assert max(none(actor) for actor in HABITS) < min(none(actor) for actor in STRANGERS)


def test_too_few_reports_are_refused():
    """Too short a history is refused with a reason."""
    with pytest.raises(ValueError, match="too few"):
        fit_indicators(world(60), VOCAB)


def test_weights_are_never_negative_and_find_the_telling_term():
    """A term that points to the right candidate gets weight, one that points away gets none."""
    draw = np.random.default_rng(5)
    right = draw.integers(0, 4, 200)
    terms = draw.normal(size=(200, 4, 3))
    terms[np.arange(200), right, 0] += 2
    terms[np.arange(200), right, 1] -= 2
    weights = conditional_logit([terms], [right], [np.ones(200)], 1.0)
    assert weights[0] > 0.5
    assert weights[1] == 0
    assert (weights >= 0).all()


def test_logistic_curve_returns_the_rate_without_a_telling_feature():
    """With a feature that says nothing the curve gives the rate of yes."""
    rows = [{"x": float(number % 2)} for number in range(400)]
    curve = logistic_curve(rows, [number % 4 < 1 or number % 4 == 3 for number in range(400)], ["x"], 1.0)
    assert curve.probability({"x": 0.0}) == pytest.approx(0.5, abs=0.02)
