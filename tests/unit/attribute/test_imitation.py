"""What is known of a subject can be repeated by anybody: an answer that rests on that alone is less sure."""

import random
from dataclasses import replace

import numpy as np
import pytest
from world import START, report, world

from consilience.attribute import attributor_over
from consilience.attribute.activity import Activity
from consilience.attribute.imitation import IMITATION, discounted, imitation_discount, without_own_indicators
from consilience.vocab import vocabulary

LATER = START + 5 * 430
KNOWN = world()


@pytest.fixture(scope="module")
def asked_of():
    return attributor_over(KNOWN, (), {}, vocabulary())


def later(actor, count=4):
    """What several reports of an actor show together: a long query of one habit."""
    draw = random.Random(3)
    traits = {trait for number in range(count) for trait in report(actor, LATER, 500 + number, draw).traits}
    return Activity("", LATER, "q", tuple(sorted(traits)))


def own(actor, many):
    """Indicators that only this actor is known to show."""
    others = {trait for each in KNOWN if each.subject != f"P/{actor}" for trait in each.traits}
    mine = {trait for each in KNOWN if each.subject == f"P/{actor}" for trait in each.traits if each.day < LATER}
    return tuple(sorted(mine - others)[:many])


def test_an_answer_that_stands_without_repetition_is_as_sure(asked_of):
    """Indicators of the first, on a query that is the first's without them too, cost nothing, and no note is made."""
    query = later("birch")
    more = replace(query, traits=tuple(sorted({*query.traits, *own("birch", 2)})))
    found = asked_of.attribution(more, explained=0)
    assert found.ranking[0].subject == "P/birch"
    assert found.notes == ()
    assert found.ranking[0].probability >= asked_of.attribution(query, explained=0).ranking[0].probability - 0.02


def test_planted_indicators_are_named_and_cost_certainty(asked_of):
    """Whoever is first by what was planted loses part of it to none of these, and the note says whose the rest is."""
    query = later("birch", 3)
    for many in range(3, 40):
        planted = replace(query, traits=tuple(sorted({*query.traits, *own("elm", many)})))
        found = asked_of.attribution(planted, explained=0)
        if found.ranking[0].subject == "P/elm":
            break
    else:
        pytest.fail("nothing planted moved the answer")
    (note,) = found.notes
    assert f"of {len(planted.traits)} indicators are known of P/elm, and anybody can repeat them" in note
    assert "P/birch" in note
    bare = attributor_over(KNOWN, (), {}, vocabulary())
    bare._holders = {}
    before = bare.attribution(planted, explained=0)
    assert found.ranking[0].probability < before.ranking[0].probability
    assert found.none_of_these > before.none_of_these
    assert [each.subject for each in found.ranking] == [each.subject for each in before.ranking]


def test_no_doubt_where_nothing_is_left():
    """A query whose indicators are all the first's own, or none, is not asked twice; software can be anybody's."""
    holders = {("domain-name", "a.example"): frozenset({"P/A"}), ("malware", "m"): frozenset({"P/A"})}
    assert without_own_indicators(Activity("", 1, "q", (("domain-name", "a.example"),)), "P/A", holders) is None
    assert without_own_indicators(Activity("", 1, "q", (("domain-name", "b.example"),)), "P/A", holders) is None
    assert without_own_indicators(Activity("", 1, "q", (("malware", "m"), ("malware", "n"))), "P/A", holders) is None
    assert (
        without_own_indicators(Activity("", 1, "q", (("domain-name", "a.example"), ("malware", "m"))), "P/A", holders)
        is None
    )
    both = Activity("", 1, "q", (("domain-name", "a.example"), ("domain-name", "b.example"), ("malware", "m")))
    left = without_own_indicators(both, "P/A", holders)
    assert left is not None and left.traits == both.traits[1:]


def test_doubt_grows_with_the_rest_and_with_its_certainty():
    """The part taken away is largest where nearly all is surely another's, and never more than PLANTED."""
    query = Activity("", 1, "q", tuple(("domain-name", f"{n}.example") for n in range(10)))
    rest = replace(query, traits=query.traits[:8])
    sure, unsure = np.array([0.01, 0.97]), np.array([0.01, 0.3])
    parts = [
        imitation_discount(query, rest, sure, 0, ("P/A", "P/B")).part,
        imitation_discount(query, rest, unsure, 0, ("P/A", "P/B")).part,
        imitation_discount(query, replace(rest, traits=query.traits[:2]), unsure, 0, ("P/A", "P/B")).part,
    ]
    assert IMITATION > parts[0] > parts[1] > parts[2] > 0
    assert imitation_discount(query, rest, np.array([0.9, 0.05]), 0, ("P/A", "P/B")).note == ""


def test_the_first_stays_the_first():
    """However much is taken away, nobody overtakes."""
    assert discounted(np.array([0.5, 0.45, 0.01]), 0, 0.25).tolist() == [0.45, 0.45, 0.01]
    assert discounted(np.array([0.8, 0.1]), 0, 0.25).tolist() == pytest.approx([0.6, 0.1])
    assert discounted(np.array([0.8]), 0, 0.25).tolist() == pytest.approx([0.6])


def test_what_everybody_uses_changes_no_doubt():
    """Tools and techniques on a query are no indicators: they make what is taken away neither more nor less."""
    query = Activity("", 1, "q", tuple(("domain-name", f"{n}.example") for n in range(10)))
    rest, known = replace(query, traits=query.traits[:8]), np.array([0.01, 0.97])
    popular = (("attack-pattern", "T1059"), ("malware", "cobaltstrike"))
    more = [replace(each, traits=tuple(sorted({*each.traits, *popular}))) for each in (query, rest)]
    assert imitation_discount(*more, known, 0, ("P/A", "P/B")) == imitation_discount(
        query, rest, known, 0, ("P/A", "P/B")
    )
