"""Acceptance tests 8 and 10 of the release, for documents and for parcels of every format."""

import json
import re
from dataclasses import replace

import pytest

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.model.observation import Observation
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.share import PARCEL_WRITERS, WRITERS

DOCUMENTS = tuple(writer.name for writer in WRITERS)
PARCELS = tuple(writer.name for writer in PARCEL_WRITERS)
A, B, TOOL = Subject("Vendor A", "HERON"), Subject("Vendor B", "STORK"), Subject("Vendor A", "Beak", "malware")
OPEN = Source(publisher="Vendor A", title="Herons", url="https://a.example/herons", reliability="B", credibility=2)
HIDDEN = Source(publisher="Sentry House", title="Quiet note", url="https://sentry.example/q", id="q-1749283746")
PSEUDONYM = re.compile(rb"source-[0-9a-f]{16}")
LONG = re.compile(rb"[0-9A-Za-z][0-9A-Za-z_-]{11,}")


def said(subject, kind, value, source=OPEN, tlp="clear", **more):
    more = {"published": "2023-05-01"} | more
    return Observation(subject=subject, trait=Trait(kind, value), printed=value, source=source, tlp=tlp, **more)


BASE = (
    said(A, "mutex", "shared mutex"),
    said(B, "mutex", "shared mutex"),
    said(A, "attack-pattern", "T1542.003"),
    said(B, "attack-pattern", "T1542.003"),
    said(TOOL, "attack-pattern", "T1542.003"),
    said(TOOL, "mutex", "beak mutex"),
)
GREEN = said(TOOL, "attack-pattern", "T1001", tlp="green")
SECRETS = tuple(
    said(subject, kind, value, HIDDEN, source_hidden=True, where="page 17 of the quiet note")
    for subject in (A, B, TOOL)
    for kind, value in (("attack-pattern", "T1055"), ("mutex", "quiet mutex"))
)


def opened(*rows, partners=("Peer", "Other", "Third", "Fourth")):
    case = Case(MemoryKeeper())
    case.keeper._secrets["pseudonyms"] = b"0" * 32
    for name in partners:
        case.rulings.add_partner(name, ["forum"] if name != "Third" else [])
    case.keeper.add(Reading(file="f", format="jsonl", raw=b"", observations=rows), "2024-01-01")
    return case


@pytest.mark.parametrize("form", PARCELS)
def test_8_a_retraction_reaches_those_who_got_a_parcel(form):
    """Exactly the partners whose parcel held it are told, and that is stale: not Third, nor who got nothing."""
    case = opened(*BASE, GREEN)
    for name in ("Peer", "Third"):
        case.share_all(name, form)
    case.share("HERON", "STORK", "Other", "json")
    done = case.rulings.retract(GREEN.id, "a mistake of ours", "Ann").as_record()
    assert list(done["told"]) == ["Peer"]
    assert [(entry["partner"], entry["stale"]) for entry in case.rulings.ledger()] == [
        ("Peer", True),
        ("Third", False),
        ("Other", False),
    ]
    files = case.rulings.withdrawals([entry["id"] for entry in done["told"]["Peer"]])
    assert files and all(name.startswith("Peer.") for name in files)
    assert not [name for name, content in files.items() if GREEN.id.encode() in content or b"mistake" in content]
    assert b"T1001" not in case.share_all("Peer", form).content


@pytest.mark.parametrize("form", DOCUMENTS)
def test_8_a_retraction_reaches_those_who_got_a_document(form):
    """Exactly the partners whose document showed it are told, whatever its format; our own assessment is stale too."""
    case = opened(*BASE, GREEN)
    ours = case.assess("HERON", "STORK").id
    apart = case.share("HERON", "Beak", "Other", "json").assessment.id
    case.share("HERON", "STORK", "Peer", form)
    done = case.rulings.retract(BASE[1].id, "wrong", "Ann").as_record()
    assert (list(done["told"]), ours in done["stale"]) == (["Peer"], True)
    assert [entry["stale"] for entry in case.rulings.ledger("Peer")] == [True]
    assert apart not in done["stale"]


def exports(case, partner):
    documents = [case.share("HERON", "STORK", partner, form).content for form in DOCUMENTS]
    return b"\n".join([*documents, *(case.share_all(partner, form).content for form in PARCELS)])


def test_10_two_exports_share_no_identifier_of_a_hidden_source():
    """Of all that two partners got, in every format, nothing that came with the hidden source is in both: 0 shared.

    Ids that an open source would have brought as well are those of values and subjects, which both were told.
    """
    open_told = [replace(seen, source=BASE[0].source, source_hidden=False, where="", id="") for seen in SECRETS]
    with_it, without = opened(*BASE, *SECRETS), opened(*BASE, *open_told)
    peer, other, plain = exports(with_it, "Peer"), exports(with_it, "Other"), exports(without, "Peer")
    for out in (peer, other):
        assert len(set(PSEUDONYM.findall(out))) == 1
        for word in (b"sentry", b"quiet note", b"q-1749283746", b"page 17"):
            assert word not in out.lower()
    assert not set(PSEUDONYM.findall(peer)) & set(PSEUDONYM.findall(other))
    shared = (set(LONG.findall(peer)) & set(LONG.findall(other))) - set(LONG.findall(plain))
    names = {word.encode() for word in json.dumps([each.as_record() for each in BASE]).split('"')}
    assert {word for word in shared if any(letter in b"0123456789" for letter in word)} - names == set()


def test_10_one_partner_sees_one_source_as_one():
    """The same search finds the pseudonym that two exports for one partner share, so finding none means something."""
    case = opened(*BASE, *SECRETS)
    first, second = exports(case, "Peer"), exports(case, "Peer")
    assert len(set(PSEUDONYM.findall(first)) & set(PSEUDONYM.findall(second))) == 1
