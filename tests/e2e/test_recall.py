"""Taking back statements that left among many: who hears of it, and exactly what is revoked."""

import json

import pytest

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.model.observation import Observation, Polarity
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.read.stix import StixBundle

A, B = Subject("Vendor A", "HERON"), Subject("Vendor B", "STORK", "malware")
OPEN = Source(publisher="Vendor A", title="Herons", id="open")
SECRET = Source(publisher="Sentry House", title="Quiet note", id="q-17")


def said(subject, kind, value, source=OPEN, **fields):
    fields = {"published": "2023-05-01", "tlp": "green"} | fields
    return Observation(subject=subject, trait=Trait(kind, value), printed=value, source=source, **fields)


BASE = (
    said(A, "mutex", "one", recipients="Peer, Other"),
    said(B, "mutex", "one"),
    said(A, "domain-name", "a.example", SECRET, source_hidden=True),
    said(A, "ipv4-addr", "192.0.2.7", SECRET, source_hidden=True, polarity=Polarity.ABSENT),
    said(A, "endpoint", "a.example:8443", tlp="amber+strict"),
)


@pytest.fixture
def case():
    made = Case(MemoryKeeper())
    for name in ("Peer", "Other", "Third"):
        made.rulings.add_partner(name, ["forum"])
    made.keeper.add(Reading(file="f", format="jsonl", raw=b"x", observations=BASE), "2024-01-01")
    return made


def objects(raw):
    return {item["id"]: item for item in json.loads(raw)["objects"]}


def statements(found):
    return {id for id, item in found.items() if item["type"] in ("relationship", "note")}


def sent_after(case, what):
    told = case.rulings.retract(what, "a test machine", "Ann").as_record()["told"]
    return told, case.rulings.withdrawals([entry["id"] for rows in told.values() for entry in rows])


@pytest.mark.parametrize("form", ["stix", "stix-plain", "stix-tlp1"])
def test_exactly_the_objects_of_what_was_retracted_are_revoked(case, form):
    """Of what a partner got, the objects of the hidden source are revoked under their ids, later, and no other is."""
    sent = objects(case.share_all("Peer", form).content)
    kept = objects(case.share_all("Other", form).content)
    told, files = sent_after(case, "q-17")
    assert sorted(told) == ["Other", "Peer"]
    raw = files["Peer.withdrawn.statements.stix.json"]
    revoked = {id: item for id, item in objects(raw).items() if item.get("revoked")}
    left = objects(case.share_all("Peer", form).content)
    assert set(revoked) == statements(sent) - statements(left)
    assert sorted(item["type"] for item in revoked.values()) == ["note", "relationship"]
    for id, item in revoked.items():
        assert (item["created"], item["object_marking_refs"]) == (sent[id]["created"], sent[id]["object_marking_refs"])
        assert item["modified"] > sent[id]["modified"]
        refs = {item.get("source_ref"), item.get("target_ref"), *item.get("object_refs", ())} - {None}
        assert refs <= sent.keys()
    other = objects(files["Other.withdrawn.statements.stix.json"])
    assert not set(revoked) & other.keys() and statements(other) <= kept.keys()
    for content in files.values():
        assert not [word for word in (b"Sentry", b"Quiet", b"q-17", b"test machine", b"a.example") if word in content]
    read = StixBundle().read(raw, "b.json", {})
    assert (read.observations, read.refusals) == ((), ())


def test_only_those_who_were_told_hear_of_it(case):
    """Who got other formats gets a notice alone, who got the statement not at all gets nothing."""
    for name, form in (("Peer", "jsonl"), ("Third", "stix")):
        case.share_all(name, form)
    told, files = sent_after(case, BASE[0].id)
    assert (sorted(told), sorted(files)) == (["Peer"], ["Peer.withdrawn.md"])
    notice = files["Peer.withdrawn.md"].decode()
    assert "many statements" in notice and "ask for it again" in notice and " and  " not in notice


def test_what_another_source_still_says_stands(case):
    """A statement of which the case holds two that are told as one is revoked when the last of them is retracted."""
    twin = said(B, "mutex", "one", recipients="Peer")
    case.keeper.add(Reading(file="g", format="jsonl", raw=b"y", observations=(twin,)), "2024-01-02")
    sent = objects(case.share_all("Peer", "stix").content)
    assert len(statements(sent)) == 4
    _, files = sent_after(case, twin.id)
    assert sorted(files) == ["Peer.withdrawn.md"]
    _, files = sent_after(case, BASE[1].id)
    (revoked,) = (
        item for item in objects(files["Peer.withdrawn.statements.stix.json"]).values() if item.get("revoked")
    )
    assert revoked["id"] in statements(sent)


def test_an_earlier_retraction_stays_out(case):
    """What was retracted before a document was sent is not in it, and is not revoked with what is retracted after."""
    case.rulings.retract(BASE[1].id, "wrong", "Ann")
    sent = objects(case.share_all("Peer", "stix").content)
    _, files = sent_after(case, BASE[0].id)
    found = objects(files["Peer.withdrawn.statements.stix.json"])
    assert len(statements(found)) == 1 and statements(found) <= statements(sent)
