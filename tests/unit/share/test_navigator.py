"""Layers of the ATT&CK Navigator: what they show, what they cannot hold, and that they come back as they were."""

import json

import pytest

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.model.errors import InputError
from consilience.model.observation import Observation, Polarity
from consilience.model.parcel import Parcel
from consilience.model.reading import Reading
from consilience.model.relation import Judgement
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.read.navigator import NavigatorLayer
from consilience.share import convert, write

A, B = Subject("Vendor A", "HERON"), Subject("Vendor B", "STORK/2", "campaign")
ONE = Source(publisher="Vendor A", title="Herons", url="https://a.example/herons", reliability="B", credibility=2)
TWO = Source(publisher="Wire", title="Digest", id="digest-7")


def said(subject, value, source=ONE, kind="attack-pattern", **more):
    more = {"tlp": "green", "published": "2023-05-01"} | more
    return Observation(subject=subject, trait=Trait(kind, value), printed=value, source=source, **more)


ROWS = (
    said(A, "T1059.001"),
    said(A, "T1059.001", TWO, first_seen="2023-03", last_seen="2023-04", note="by a script"),
    said(A, "T1055", exclusive=True),
    said(A, "T0886", TWO),
    said(B, "T1059.001", tlp="amber"),
)


def layers(*rows):
    return json.loads(convert(Parcel(observations=rows), "navigator").content)


def case_of(*rows):
    case = Case(MemoryKeeper())
    case.keeper.add(Reading(file="f", format="jsonl", raw=b"", observations=rows), "2024-01-01")
    return case


def test_one_layer_for_each_subject_and_domain():
    """Techniques of a plant's control systems have a layer of their own; the score is the number of sources."""
    found = [
        (
            one["metadata"][2]["value"],
            one["domain"],
            [(each["techniqueID"], each["score"]) for each in one["techniques"]],
        )
        for one in layers(*ROWS)
    ]
    assert found == [
        ("HERON", "enterprise-attack", [("T1055", 1), ("T1059.001", 2)]),
        ("HERON", "ics-attack", [("T0886", 1)]),
        ("STORK/2", "enterprise-attack", [("T1059.001", 1)]),
    ]
    assert not [each for one in layers(*ROWS) for each in one["techniques"] if "tactic" in each]


def test_every_layer_shows_its_marking():
    """The marking of a subject's layer is the strictest of its statements, in name, description and metadata."""
    for one, colour in zip(layers(*ROWS), ("green", "green", "amber"), strict=True):
        assert one["metadata"][0] == {"name": "tlp", "value": colour}
        assert f"TLP:{colour.upper()}" in one["description"] and f"TLP:{colour.upper()}" in one["name"]


def test_layers_come_back_as_the_statements_they_hold():
    """Reading the layers again gives equal statements, so that a layer sent round is no further voice."""
    content = convert(Parcel(observations=ROWS), "navigator").content
    again = NavigatorLayer().read(content, "f.json", {})
    assert (again.refusals, again.notices) == ((), ())
    assert set(again.observations) == set(ROWS)


def test_losses_count_all_that_is_no_technique():
    """Each kind is counted, and absences, missing numbers and looser markings are; the sum is what is not there."""
    withheld = Observation(
        subject=A, trait=Trait("attack-pattern", "withheld:x"), printed="withheld", source=ONE, tlp="green"
    )
    rows = (
        *ROWS,
        said(A, "m", kind="mutex"),
        said(B, "m", kind="mutex"),
        said(A, "telecoms", kind="sector"),
        said(A, "T1001", polarity=Polarity.ABSENT),
        withheld,
    )
    losses = {loss.what: loss.count for loss in convert(Parcel(observations=rows), "navigator").losses}
    assert losses == {
        "statements of kind mutex": 2,
        "statements of kind sector": 1,
        "techniques looked for and not found": 1,
        "techniques without a number": 1,
    }
    held = sum(len(each["metadata"]) for one in layers(*rows) for each in one["techniques"])
    assert held + sum(losses.values()) == len(rows)
    mixed = convert(Parcel(observations=(*ROWS, said(A, "T1001", tlp="clear"))), "navigator").losses
    assert [(loss.what, loss.count) for loss in mixed] == [("markings of single statements", 1)]


def test_a_pair_is_three_layers():
    """What each shows and what both show, the shared ones by what sharing is worth; a layer of a pair is not read."""
    rare = [said(side, "T1542.003", source) for side, source in ((A, ONE), (B, TWO))]
    case = case_of(*ROWS, *rare)
    done = case.assess("HERON", "STORK/2")
    raw = write(done, "navigator")
    left, right, both = json.loads(raw)
    items = {each.values[0]: each for each in done.relation.evidence if each.kind == "attack-pattern"}
    scores = {each["techniqueID"]: each["score"] for each in both["techniques"]}
    assert list(scores) == ["T1059.001", "T1542.003"] and scores["T1059.001"] == 0 < scores["T1542.003"]
    most = max(value for row in items["T1542.003"].weights.values() for value in row.values())
    assert scores["T1542.003"] == round(most / 1000, 1)
    for each in both["techniques"]:
        item = items[each["techniqueID"]]
        assert item.why in each["comment"] and item.because in each["comment"]
    assert both["gradient"]["maxValue"] >= scores["T1542.003"]
    assert {one["metadata"][0]["value"] for one in (left, right, both)} == {"amber"}
    again = NavigatorLayer().read(raw, "f.json", {"publisher": "P"})
    assert {seen.subject for seen in again.observations} == {A, B}
    assert "concluded" in again.notices[0].what


def test_a_pair_without_techniques_is_three_empty_layers(assessment):
    """Where no evidence is a technique the layers are there, marked and empty."""
    found = json.loads(write(assessment, "navigator"))
    assert [one["techniques"] for one in found] == [[], [], []]
    assert {one["metadata"][0]["value"] for one in found} == {"amber"}


def test_a_layer_has_no_place_for_judgements(assessment):
    """Judgements are refused, as in a bundle."""
    said_so = Judgement(a="A", b="B", level="none", because="x", by="Ann", recorded="2024-01-01", id="ju-1")
    with pytest.raises(InputError, match="no place for judgements"):
        write(assessment, "navigator", [said_so])
