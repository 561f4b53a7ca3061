"""The algebra of labels, and who is told by which colour."""

import random
from dataclasses import replace

import pytest

from consilience.model.errors import InputError
from consilience.model.marking import CLEAR, COLOURS, NOBODY, OURSELVES, PAPS, Label, joined
from consilience.model.observation import Observation
from consilience.model.ruling import Ruling, policy_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.terms import terms_from
from consilience.model.trait import Trait

PRINCIPALS = ("ann", "ben", "cyd", OURSELVES)
TODAY = "2024-06-01"


def some_label(draw):
    """A label of any colour, for anybody, drawn evenly."""
    everybody = draw.random() < 0.2
    return Label(
        tlp=draw.choice(COLOURS),
        audience=None if everybody else frozenset(each for each in PRINCIPALS if draw.random() < 0.5),
        origins=frozenset(each for each in "xyz" if draw.random() < 0.5),
        pap=draw.choice(PAPS),
        embargo=draw.choice(("", "2024-05-31", TODAY, "2024-06-02")),
        source_hidden=draw.random() < 0.5,
        match_only=draw.random() < 0.2,
    )


def test_3_labels_are_a_semilattice():
    """A join is associative, commutative and idempotent, clear is neutral, and nobody stays nobody: 10,000 triples."""
    draw, yes = random.Random(8), 0
    for _ in range(10_000):
        a, b, c = (some_label(draw) for _ in range(3))
        assert a.join(b).join(c) == a.join(b.join(c)), (a, b, c)
        assert a.join(b) == b.join(a), (a, b)
        assert a.join(a) == a
        assert a.join(CLEAR) == a
        assert a.join(Label(audience=NOBODY)).audience == NOBODY
        assert joined([a, b, c]) == a.join(b).join(c)
        for to in PRINCIPALS:
            both = a.releasable(to, TODAY) and b.releasable(to, TODAY)
            assert a.join(b).releasable(to, TODAY) == both, (a, b, to)
            yes += both
    assert yes > 1_000


def ruled(kind, about, **terms):
    return Ruling(id=f"{kind} {about}", kind=kind, about=about, terms=terms_from(kind, terms), recorded="2024")


def partner(name, *communities, client=False):
    return ruled("partner", name, communities=list(communities), client=client)


PARTNERS = (partner("Peer", "forum"), partner("Other", "Circle"), partner("Client", client=True), partner("Stranger"))


def seen(**fields):
    source = Source(publisher=fields.pop("publisher", "Vendor"), title="T")
    return Observation(subject=Subject("V", "A"), trait=Trait("mutex", "m"), source=source, **fields)


def told(statement, *rulings):
    """Whom of the four partners a statement may be told to."""
    policy = policy_of((*PARTNERS, *rulings))
    label = policy.label(policy.marked(statement))
    return [name for name in policy.partners if label.releasable(name, TODAY)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tlp": "clear"}, ["peer", "other", "client", "stranger"]),
        ({"tlp": "green"}, ["peer", "other"]),
        ({"tlp": "amber"}, ["client"]),
        ({"tlp": "amber+strict"}, []),
        ({"tlp": "red"}, []),
        ({"tlp": ""}, []),
        ({"tlp": "of-its-own"}, []),
        ({"tlp": "red", "recipients": "peer , STRANGER"}, ["peer", "stranger"]),
        ({"tlp": "green", "recipients": "stranger"}, ["stranger"]),
        ({"tlp": "amber", "recipients": "peer"}, ["peer"]),
        ({"tlp": "", "recipients": "peer"}, []),
        ({"tlp": "clear", "embargo": "2024-06-02"}, []),
        ({"tlp": "clear", "embargo": "2024-06"}, []),
        ({"tlp": "clear", "embargo": TODAY}, ["peer", "other", "client", "stranger"]),
        ({"tlp": "clear", "match_only": True}, []),
    ],
)
def test_who_is_told_by_which_colour(fields, expected):
    """The colour alone decides, the recipients where the source names some, and silence means nobody."""
    assert told(seen(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "terms", "expected"),
    [
        ({}, {"tlp": "green"}, ["peer", "other"]),
        ({}, {"tlp": "green", "community": "circle"}, ["other"]),
        ({"tlp": "green"}, {"community": "Forum"}, ["peer"]),
        ({"tlp": "green"}, {"tlp": "clear"}, ["peer", "other"]),
        ({"publisher": "Elsewhere"}, {"tlp": "clear"}, []),
        ({"publisher": "VENDOR"}, {"tlp": "clear"}, ["peer", "other", "client", "stranger"]),
    ],
)
def test_a_mapping_speaks_for_what_is_unmarked(fields, terms, expected):
    """A mapping gives unmarked sources of its publisher a colour, and their green a community; it changes no other."""
    assert told(seen(**fields), ruled("mapping", "Vendor", **terms)) == expected


def test_the_newest_ruling_holds():
    """A ruling on an observation or its source beats what was printed and mapped; of two the later one holds."""
    statement = seen(tlp="red")

    def by_id(tlp, *before):
        return ruled("relabelling", statement.id, tlp=tlp, publishers=["Vendor"], **{"from": before})

    def by_source(tlp, *before):
        return ruled("relabelling", statement.source.key, tlp=tlp, publishers=["Vendor"], **{"from": before})

    assert told(statement, by_id("green", "red"), ruled("mapping", "Vendor", tlp="clear")) == ["peer", "other"]
    assert told(statement, by_id("green", "red"), by_source("amber", "green")) == ["client"]
    assert told(statement, by_source("amber", "red"), by_id("green", "amber")) == ["peer", "other"]
    assert told(statement, by_id("green", "red"), by_id("red", "green")) == []


def test_a_source_is_loosened_as_it_was_and_no_further():
    """What comes later under the same source id, stricter or of another publisher, stays; tightening holds of all."""

    def of(publisher, tlp):
        return replace(seen(tlp=tlp), source=Source(publisher=publisher, id="report"), id="")

    loosened = ruled("relabelling", "report", tlp="clear", publishers=["Vendor"], **{"from": ["green"]})
    tightened = ruled("relabelling", "report", tlp="red", publishers=["Vendor"], **{"from": ["green"]})
    assert told(of("Vendor", "green"), loosened) == ["peer", "other", "client", "stranger"]
    assert told(of("Vendor", "red"), loosened) == []
    assert told(of("Vendor", ""), loosened) == []
    assert told(of("Other house", "green"), loosened) == ["peer", "other"]
    assert told(of("Other house", "clear"), tightened) == []


def test_who_is_a_partner_no_more_is_told_nothing():
    """A retired partner is in no audience that the case makes, cannot be named, and can be added again."""
    retired = ruled("partner-retired", "peer")
    assert "peer" not in told(seen(tlp="green"), retired)
    with pytest.raises(InputError, match="no longer"):
        policy_of((*PARTNERS, retired)).partner("PEER")
    with pytest.raises(InputError, match="no partner"):
        policy_of(PARTNERS).partner("Nobody")
    assert policy_of((*PARTNERS, retired, PARTNERS[0])).partner("peer").name == "Peer"


def test_a_retracted_source_takes_later_statements_with_it():
    """A retraction of an id stands for one statement, that of a source for all of its statements, whenever read."""
    one, other = seen(), seen(note="other")
    assert [policy_of([ruled("retraction", one.id)]).is_retracted(each) for each in (one, other)] == [True, False]
    assert policy_of([ruled("retraction", one.source.key)]).is_retracted(other)
