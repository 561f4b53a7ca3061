"""A set of malware that hardly anybody else has, on invented cases."""

import pytest

from consilience.case import counted
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.relate import relate
from consilience.vocab import vocabulary

VOCABULARY = vocabulary()
RULES = VOCABULARY.counting["toolset"]
CROWD = int(RULES["population"])


def shows(name, kind, *values):
    source = Source(publisher="Press", id=f"report on {name}", reliability="B")
    return [Observation(subject=Subject("P", name), trait=Trait(kind, value), source=source) for value in values]


def related(families, others=(), crowd=CROWD, beside=(), kind="malware"):
    rows = [
        each
        for name in ("A", "B")
        for each in (*shows(name, kind, *families), *shows(name, "config:leftover", *beside))
    ]
    for place in range(crowd):
        held = families if place < len(others) and others[place] else ("common",)
        rows += shows(f"C{place}", "malware", *held)
    snapshot = snapshot_of(rows)
    return relate(snapshot, Subject("P", "A"), Subject("P", "B"), counted(snapshot), VOCABULARY)


def toolsets(relation):
    return [item for item in relation.evidence if item.form == "toolset"]


@pytest.mark.parametrize("crowd", [0, CROWD, 10 * CROWD])
def test_one_family_never_raises_operator(crowd):
    """Law 7: one shared family adds nothing on operator, however many clusters do not have it."""
    relation = related(("one",), crowd=crowd)
    assert relation.axes["operator"].totals["same"] == 0
    assert not toolsets(relation)


def test_a_set_weighs_among_many():
    """Two families that nobody of many has weigh, the same for both sides' order, and never make a position alone."""
    relation = related(("one", "two"))
    assert [item.values for item in toolsets(relation)] == [("one", "two")]
    assert 0 < relation.axes["operator"].totals["same"] <= RULES["cap"] * 1000
    assert relation.axes["operator"].position == "undetermined"


def test_a_large_set_is_bounded():
    """Twenty such families weigh no more than the cap, and make neither a position nor the level."""
    relation = related(tuple(f"family {place}" for place in range(20)))
    assert relation.axes["operator"].totals["same"] == RULES["cap"] * 1000
    assert relation.axes["operator"].position == "undetermined"
    assert relation.level not in ("same", "coordinated")


@pytest.mark.parametrize(("crowd", "others"), [(CROWD - 1, ()), (CROWD, (True, True))])
def test_few_clusters_or_several_holders_make_no_set(crowd, others):
    """Among too few clusters, or where two others have them, families are no set of their own."""
    assert not toolsets(related(("one", "two"), others, crowd))


def test_tools_make_no_set():
    """What is called a tool, not malware, is never part of a set."""
    assert not toolsets(related(("one", "two"), kind="tool"))


def test_one_family_counts_beside_another_link():
    """One such family weighs where something other than software already weighs for one operator."""
    beside = related(("one",), beside=("lock",))
    assert [item.values for item in toolsets(beside)] == [("one",)]
