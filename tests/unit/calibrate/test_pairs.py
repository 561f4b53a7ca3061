"""Fitting pairs: directions, determinism, and folds that never saw a tested subject."""

from dataclasses import replace

import numpy as np
import pytest

from consilience.attribute.activity import Activity
from consilience.attribute.pairs import ITEMS, model_from, prepare
from consilience.attribute.shipped import pair_model
from consilience.calibrate import pairs as fitting
from consilience.calibrate.pairs import document, fitted, folds_of, held_out, log_odds, sharing_pairs

WIDTH = len(ITEMS)


def world(groups=12, each=3):
    found = []
    for group in range(groups):
        for number in range(each):
            traits = [("malware", f"own {group}"), ("malware", f"lent {(group + number) % 4}"), ("tool", "common")]
            traits += [("attack-pattern", f"T{(group + step) % 9}") for step in range(number + 1)]
            found.append(Activity(f"P/G{group}", 730000 + 90 * number, f"doc {group} {number}", tuple(sorted(traits))))
    return found


def measured(known):
    pairs = sharing_pairs(world())
    return pairs, pairs.values(prepare(world(), pair_model()), known)


def test_pairs_share_software_and_say_whose_they_are():
    """A pair is two reports of three values or more that share a family; same means one subject."""
    small = Activity("P/Small", 0, "small", (("malware", "own 1"), ("tool", "common")))
    pairs = sharing_pairs([*world(3, 2), small])
    assert len(pairs.same) == 15
    assert int(pairs.same.sum()) == 3
    assert "small" not in {each.origin for each in (*pairs.left, *pairs.right)}


@pytest.mark.parametrize("known", [True, False])
def test_a_fit_is_the_same_in_every_run(known):
    """The same pairs give the same weights, and the weights put pairs of one subject first."""
    pairs, values = measured(known)
    weights = fitted(values, pairs.same)
    assert weights == fitted(values.copy(), pairs.same.copy())
    odds = log_odds(weights, values)
    assert odds[pairs.same].mean() > odds[~pairs.same].mean()


def test_wrong_directions_weigh_nothing():
    """An item that would speak against its known direction is given no weight."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, WIDTH))
    same = values[:, 0] + rng.normal(size=400) < 0
    weights = fitted(values, same)
    assert weights.weight[0] == 0
    against = replace(weights, weight=fitted(-values, same).weight)
    assert against.weight[0] > 0.5


def test_columns_and_values_answer_alike():
    """The odds of a row of columns are those that the shipped form of the weights gives."""
    pairs, values = measured(False)
    weights = fitted(values, pairs.same)
    odds = log_odds(weights, values)
    assert [weights.log_odds(row) for row in values.tolist()] == pytest.approx(odds.tolist(), abs=1e-9)


def test_held_out_never_sees_a_tested_subject(monkeypatch):
    """No fit behind a held-out answer holds a pair with either subject of the pair it answers."""
    pairs, values = measured(False)
    fold = folds_of([each.subject for each in (*pairs.left, *pairs.right)], 4)
    rows = {row.tobytes(): place for place, row in enumerate(np.column_stack([values, np.arange(len(values))]))}
    marked = np.column_stack([values, np.arange(len(values))])
    seen = []

    def spy(part, same, ridge, directions):
        seen.append({rows[row.tobytes()] for row in part})
        return fitted(part[:, :-1], same, ridge, directions)

    def answers(weights, part):
        asked = {rows[row.tobytes()] for row in part}
        tested = {fold[side[place].subject] for place in asked for side in (pairs.left, pairs.right)}
        trained = {fold[side[place].subject] for place in seen[-1] for side in (pairs.left, pairs.right)}
        assert not tested & trained
        return log_odds(weights, part[:, :-1])

    monkeypatch.setattr(fitting, "fitted", spy)
    monkeypatch.setattr(fitting, "log_odds", answers)
    assert np.isfinite(held_out(pairs, marked, folds=4)).all()
    assert len(seen) == 10


def test_folds_are_even_and_fixed():
    """Subjects fall into folds of equal size, whatever their order."""
    names = [f"P/{place}" for place in range(40)]
    folds = folds_of(names, 8)
    assert folds == folds_of(reversed(names), 8)
    assert sorted(folds.values()) == sorted(place % 8 for place in range(40))


def test_a_document_reads_back():
    """Weights written as the package ships them read back as they were, to six places."""
    pairs, values = measured(True)
    weights = fitted(values, pairs.same)
    read = model_from(document(weights, weights, {"command": "test"})["model"])
    assert read.known.weight == pytest.approx(weights.weight, abs=1e-6)
    assert read.apart.baseline == pytest.approx(weights.baseline, abs=1e-6)
