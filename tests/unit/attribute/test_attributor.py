"""One answer from several engines, over invented ones."""

import math
from functools import partial

import numpy as np
import pytest

from consilience.attribute import Attributor, CalibratedEngine, attributor
from consilience.attribute.activity import Activity
from consilience.attribute.engine import LogOdds
from consilience.attribute.known import QueryActivity
from consilience.attribute.open_set import SoftmaxOpenSet, softmax_probabilities
from consilience.model.attribution import Reason
from consilience.model.snapshot import snapshot_of
from consilience.vocab import vocabulary

QUERY = Activity("", 0, "q", (("mutex", "m"),))


class Invented:
    """An engine whose log-odds are given."""

    def __init__(self, name, log_odds, prior=0.0, reads=True):
        self.name = name
        self.subjects = tuple(log_odds)
        self.weight = np.array(list(log_odds.values()), dtype=float)
        self.prior = np.full(len(log_odds), prior)
        self.answers = reads

    def reads(self, query):
        return self.answers

    def terms(self, query):
        return LogOdds(self.weight, self.prior, {})

    def evidence(self, queries, subjects):
        return np.stack([self.terms(query).weight[list(subjects)] for query in queries])

    def reasons(self, query, subject, top):
        weight = float(self.weight[subject]) * 10 / math.log(10)
        return (Reason("mutex", ("m",), weight, f"said by {self.name}"),) if weight else ()


def rater(name, log_odds, intercept=0.0, **more):
    rule = SoftmaxOpenSet(scale=1.0, intercept=intercept, coefficients={})
    return CalibratedEngine(Invented(name, log_odds, **more), partial(softmax_probabilities, rule=rule))


def test_probabilities_sum_to_one():
    """The probabilities of all known subjects and of none of these sum to 1."""
    found = Attributor([rater("one", {"P/A": 3.0, "P/B": 1.0, "P/C": 0.0})]).attribution(QUERY)
    assert math.isclose(sum(each.probability for each in found.ranking) + found.none_of_these, 1, abs_tol=1e-8)
    assert [each.subject for each in found.ranking] == ["P/A", "P/B", "P/C"]


def test_one_engine_speaks_for_itself():
    """With one engine the probabilities are those of its own rule."""
    found = Attributor([rater("one", {"P/A": 2.0, "P/B": 0.0})]).attribution(QUERY)
    whole = math.exp(2) + 1 + 1
    assert found.ranking[0].probability == pytest.approx(math.exp(2) / whole, abs=1e-6)
    assert found.none_of_these == pytest.approx(1 / whole, abs=1e-6)


def test_engines_that_agree_are_surer_together():
    """Two engines that point to one subject give it more than either alone; a silent one changes nothing."""
    one, other = rater("one", {"P/A": 2.0, "P/B": 0.0}), rater("other", {"P/A": 2.0, "P/B": 0.0})
    silent = rater("silent", {"P/A": 9.0, "P/B": 0.0}, reads=False)
    alone, both, quiet = (Attributor(engines).attribution(QUERY) for engines in ([one], [one, other], [one, silent]))
    assert both.ranking[0].probability > alone.ranking[0].probability
    assert quiet.ranking[0].probability == pytest.approx(alone.ranking[0].probability)


def test_parts_sum_to_the_weight():
    """The parts of a subject's weight, its prior among them, sum to it in decibans."""
    engines = [rater("one", {"P/A": 2.0, "P/B": 0.0}, prior=0.5), rater("other", {"P/A": -1.0})]
    found = Attributor(engines).attribution(QUERY)
    for each in found.ranking[:2]:
        assert sum(part.weight for part in each.parts) == pytest.approx(each.weight)


def test_who_an_engine_does_not_know_is_not_favoured():
    """A subject that only a silent engine knows stands no better than the least of those that were compared."""
    engines = [rater("one", {"P/A": 2.0, "P/B": 0.0}), rater("silent", {"P/Elsewhere": 1.0}, reads=False)]
    found = {each.subject: each.probability for each in Attributor(engines).attribution(QUERY).ranking}
    assert found["P/Elsewhere"] <= found["P/B"]


def test_nothing_to_compare_is_none_of_these():
    """Where no engine reads the query, none of these is certain and the answer says why."""
    found = Attributor([rater("silent", {"P/A": 1.0}, reads=False)]).attribution(QUERY)
    assert (found.ranking, found.none_of_these) == ((), 1.0)
    assert "nothing that is compared" in found.notes[0]


def test_an_empty_case_knows_nobody():
    """A case without subjects answers none of these, and says that it knows nobody yet."""
    found = attributor(snapshot_of([]), vocabulary(), "intrusion-set").attribution(QUERY)
    assert (found.ranking, found.none_of_these) == ((), 1.0)
    assert "no subject" in found.notes[0]


class Counting(Invented):
    """An engine that gives each subject a weight for each trait of its own."""

    def __init__(self, own):
        super().__init__("counting", dict.fromkeys(own, 0.0), prior=0.25)
        self.own = own

    def reads(self, query):
        return bool(query.traits)

    def terms(self, query):
        shown = dict.fromkeys(query.traits)
        weight = [sum(worth for trait, worth in own.items() if trait in shown) for own in self.own.values()]
        return LogOdds(np.array(weight, dtype=float), self.prior, {})


X, Y, Z = ("mutex", "x"), ("mutex", "y"), ("mutex", "z")
COUNTING = Attributor(
    [
        CalibratedEngine(
            Counting({"P/A": {X: 3.0, Y: 1.0}, "P/B": {X: 0.5, Y: 2.0}}),
            partial(softmax_probabilities, rule=SoftmaxOpenSet()),
        )
    ],
    {X: frozenset({"P/A"}), Y: frozenset({"P/A", "P/B"})},
)
THREE = QueryActivity(
    Activity("", 0, "q", (X, Y, Z)), tuple((kind, value, frozenset({(kind, value)})) for kind, value in (X, Y, Z))
)


def test_what_is_cited_changes_the_weight_by_what_it_says():
    """Taking a cited observation away lowers the weight of each subject by exactly what is printed beside it."""
    found = COUNTING.attribution(THREE)
    for rank, subject in enumerate(("P/A", "P/B")):
        before = found.ranking[rank]
        assert before.subject == subject
        for place, (_, value, _) in enumerate(THREE.observed):
            after = next(each for each in COUNTING.attribution(THREE.without(place)).ranking if each.subject == subject)
            said = next(reason for reason in before.because if reason.values == (value,))
            assert before.weight - after.weight == pytest.approx(said.weight)


def test_the_runner_up_and_what_separates():
    """The second is named with how far it is behind, and with the observation that sets the first apart."""
    second = COUNTING.attribution(THREE).runner_up
    assert second.subject == "P/B" and second.separates.values == ("x",)
    assert second.behind == pytest.approx(1.5 * 10 / math.log(10))
    assert second.separates.weight == pytest.approx(2.5 * 10 / math.log(10))


def test_the_rarest_of_the_best_is_cited_first():
    """Where only one observation is to be cited, it is the rarest thing that the best subject shows."""
    (cited,) = COUNTING.attribution(THREE, most_cited=1).ranking[0].because
    assert cited.values == ("x",) and "P/A shows it" in cited.why
    assert COUNTING.attribution(THREE, most_cited=0).ranking[0].because == ()


def test_tools_anybody_has_move_nothing():
    """A tool that links nobody changes no probability, and the answer says why it weighs nothing."""
    known = {"P/A": {("tool", "common"): 5.0, X: 1.0}, "P/B": {X: 0.5}}
    engines = [CalibratedEngine(Counting(known), partial(softmax_probabilities, rule=SoftmaxOpenSet()))]
    attributor = Attributor(engines, {}, lambda kind, value: "everybody has it" if value == "common" else "")
    without = attributor.attribution(Activity("", 0, "q", (X,)))
    beside = attributor.attribution(Activity("", 0, "q", (X, ("tool", "common"))))
    assert beside.ranking == without.ranking
    assert beside.notes == ("common weighs nothing: everybody has it",)
