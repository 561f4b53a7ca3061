"""Statements and assessments as MISP events: what stands where, and what is said to be lost."""

import json
import uuid
from dataclasses import replace

import pytest

from consilience.model.observation import Observation, Polarity
from consilience.model.parcel import Parcel
from consilience.model.relation import Judgement
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.share import convert, write
from consilience.vocab.misp import MEANT

HERON, CROW = Subject("Alpha", "Heron"), Subject("Beta", 'Crow "q"', "malware")
SAMPLE = Subject("Alpha", "loader.exe", "sample")
SOURCE = Source(publisher="Alpha", id="alpha-1")


def said(kind="mutex", value="m", subject=HERON, **more):
    row = {"printed": value, "source": SOURCE, "tlp": "green"} | more
    return Observation(subject=subject, trait=Trait(kind, value), **row)


def converted(*rows, **more):
    return convert(Parcel(observations=tuple(sorted(rows, key=lambda seen: seen.id)), **more), "misp")


def events(*rows, **more):
    return [row["Event"] for row in json.loads(converted(*rows, **more).content)["response"]]


def shown(event):
    """Type and value of what other readers see, in and out of objects."""
    held = [part for found in event["Object"] if "consilience" not in found["name"] for part in found["Attribute"]]
    return sorted((part["type"], part["value"]) for part in (*event["Attribute"], *held))


def losses(*rows, **more):
    return {loss.what: loss.count for loss in converted(*rows, **more).losses}


@pytest.mark.parametrize(
    ("kind", "value", "printed", "wanted"),
    [
        ("domain-name", "a.example", "a[.]example", [("domain", "a.example")]),
        ("ipv6-addr", "2001:db8::7", "2001:DB8::7", [("ip-dst", "2001:db8::7")]),
        ("endpoint", "192.0.2.7:443", "192.0.2.7:443", [("ip-dst|port", "192.0.2.7|443")]),
        ("endpoint", "[2001:db8::7]:443", "x", [("ip-dst|port", "2001:db8::7|443")]),
        ("endpoint", "a.example:443", "x", [("hostname|port", "a.example|443")]),
        ("url", "a.example/Q", "https://a.example/Q", [("url", "https://a.example/Q")]),
        ("url", "a.example/Q", "hxxps://a[.]example/Q", [("url", "a.example/Q")]),
        ("file:name", "loader.exe", "Loader.EXE", [("filename", "Loader.EXE")]),
        ("resolved", "a.example 192.0.2.7", "x", [("domain", "a.example"), ("ip-dst", "192.0.2.7")]),
        ("x509-certificate:sha1", "a" * 40, "A" * 40, [("x509-fingerprint-sha1", "a" * 40)]),
        ("x509-certificate:serial", "abc", "0A:BC", [("text", "abc")]),
        ("code:string", "heron", "heron", []),
        ("attack-pattern", "T1566", "Phishing - T1566", []),
    ],
)
def test_what_others_see(kind, value, printed, wanted):
    """A value stands under its type of MISP, as others can use it: no longer defanged, names in their own case."""
    (event,) = events(said(kind, value, printed=printed))
    assert shown(event) == wanted


def test_a_sample_is_one_file():
    """All digests of a sample stand in one object of MISP for a file."""
    (event,) = events(said("file:md5", "a" * 32, SAMPLE), said("file:name", "l.exe", SAMPLE))
    (found,) = [held for held in event["Object"] if held["name"] == "file"]
    assert {part["object_relation"] for part in found["Attribute"]} == {"md5", "filename"}
    assert {part["to_ids"] for part in found["Attribute"] if part["type"] == "md5"} == {True}
    assert {held["ObjectReference"][0]["referenced_uuid"] for held in event["Object"] if held != found} == {
        found["uuid"]
    }


def test_clusters():
    """Subject, techniques, tools and sectors are clusters; a quote in a name does not end its tag."""
    (event,) = events(
        said("attack-pattern", "T1566", CROW, printed="Phishing - T1566"),
        said("tool", "hoist", CROW),
        said("sector", "telecoms", CROW),
    )
    found = {(galaxy["type"], each["value"]) for galaxy in event["Galaxy"] for each in galaxy["GalaxyCluster"]}
    assert found == {
        ("tool", 'Crow "q"'),
        ("tool", "hoist"),
        ("mitre-attack-pattern", "Phishing - T1566"),
        ("sector", "telecoms"),
    }
    assert "misp-galaxy:tool=\"Crow 'q'\"" in [tag["name"] for tag in event["Tag"]]


def test_one_value_of_two_sources_is_one_attribute():
    """Two statements of one value are one attribute, over the whole time in which either saw it."""
    other = replace(SOURCE, id="alpha-2")
    (event,) = events(
        said(first_seen="2023-04", last_seen="2023-05"), said(first_seen="2023-02-03", source=other, published="2024")
    )
    (part,) = event["Attribute"]
    assert part["first_seen"].startswith("2023-02-03T") and part["last_seen"].startswith("2023-05-31T")
    assert len(event["Object"]) == 2


@pytest.mark.parametrize("colour", sorted(MEANT))
def test_an_event_is_as_strict_as_all_in_it(colour):
    """Statements under different markings are in different events, each under its label and distribution."""
    found = events(said(), said(value="n", tlp=colour, pap="amber"))
    labels = [[tag["name"] for tag in event["Tag"] if tag["name"].startswith(("tlp", "PAP"))] for event in found]
    assert sorted(labels) == sorted([["tlp:green"], [f"tlp:{colour}", "PAP:AMBER"]])
    for event in found:
        own = next(tag["name"] for tag in event["Tag"] if tag["name"].startswith("tlp")).removeprefix("tlp:")
        assert event["distribution"] == MEANT[own]
        assert event["published"] is False


def test_what_the_core_format_requires():
    """Every event has its fields as text, and every id is a UUID that follows from the content."""
    (event,) = events(said(published="2023-05-01"))
    required = ("uuid", "info", "date", "timestamp", "publish_timestamp", "org_id", "orgc_id", "distribution")
    assert all(isinstance(event[name], str) and event[name] for name in required)
    assert (event["date"], event["timestamp"]) == ("2023-05-01", "1682899200")
    ids = [event["uuid"], *(part["uuid"] for held in event["Object"] for part in (held, *held["Attribute"]))]
    assert len(set(ids)) == len(ids)
    assert all(uuid.UUID(id).version == 5 for id in ids)
    assert [each["uuid"] for each in events(said(published="2023-05-01"), to="partner")] != [event["uuid"]]


def test_every_loss_is_counted():
    """Each thing that other readers do not see is a line with the number of statements it concerns."""
    assert losses(said("domain-name", "a.example")) == {"sources": 1}
    assert losses(said(polarity=Polarity.ABSENT))["negatives"] == 1
    assert losses(said(value="withheld", printed="withheld"))["withheld values"] == 1
    assert losses(said("cohabitation", "x", object="Beta/Crow"))["comparisons and claims"] == 1
    assert losses(said("code:string", "x"), said())["values without a type"] == 1
    assert losses(said(first_seen="2023"))["rough dates"] == 1
    assert losses(said(note="a remark"), said(key_role="per-build"), said())["fields"] == 2
    assert losses(said(tlp=""))["missing markings"] == 1
    assert losses(said(embargo="2999"))["embargoes, recipients, hidden sources"] == 1
    assert losses() == {}
    (loss,) = converted(said("domain-name", "a.example")).losses
    assert loss.examples == (said("domain-name", "a.example").id,) and loss.remedy


def test_assessments_of_a_parcel(assessment):
    """An assessment in a parcel is an event of its own, and what an event cannot hold of it is said."""
    told = convert(Parcel(observations=(), assessments=(assessment,)), "misp")
    (event,) = json.loads(told.content)["response"]
    assert event == json.loads(write(assessment, "misp"))["response"][0]
    assert [(loss.what, loss.count) for loss in told.losses] == [("numbers of assessments", 1)]


def test_the_event_of_an_assessment(assessment):
    """Two clusters, a relationship with the word of its axis, an opinion and the sentences, all under one marking."""
    (row,) = json.loads(write(assessment, "misp"))["response"]
    event = row["Event"]
    clusters = [each for galaxy in event["Galaxy"] for each in galaxy["GalaxyCluster"]]
    (told,) = [each for cluster in clusters for each in cluster.get("Relationship", ())]
    assert {told["object_uuid"], told["related_object_uuid"]} == {each["uuid"] for each in clusters}
    axis = assessment.relation.axes["operator"].probabilities
    best = max((name for name in axis if name != "separate"), key=axis.get)
    (word,) = [each.word for each in assessment.hypotheses if (each.axis, each.name) == ("operator", best)]
    wanted = f'estimative-language:likelihood-probability="{word.replace(" ", "-")}"'
    assert [tag["name"] for tag in told["Tag"]] == ["tlp:amber", wanted]
    (opinion,) = event["Opinion"]
    assert opinion["opinion"] == round(100 * axis[best])
    sentences, confidence = (note["note"] for note in event["Note"])
    assert sentences == "TLP:AMBER. " + "\n".join(line.text for line in assessment.sentences)
    assert "low" in confidence and word not in confidence
    assert all(cluster["description"].startswith("TLP:AMBER. ") for cluster in clusters)
    assert {"name": "tlp:amber"} in event["Tag"]
    assert all({"name": "tlp:amber"} in part["Tag"] for part in event["Attribute"])


def test_judgements_are_notes(assessment):
    """The word of an analyst is a note under their name."""
    word = Judgement(
        a=assessment.relation.a,
        b=assessment.relation.b,
        level="same",
        because="I saw it",
        by="Ann",
        recorded="2024-01-02T00:00:00Z",
        id="ju-1",
    )
    (row,) = json.loads(write(assessment, "misp", [word]))["response"]
    (note,) = [each for each in row["Event"]["Note"] if each["authors"] == "Ann"]
    assert note["note"] == "TLP:AMBER. Ann, 2024-01-02T00:00:00Z: same. I saw it"
