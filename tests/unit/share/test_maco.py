"""MACO records: what they hold, what they cannot, and that they come back as they were."""

import json
from dataclasses import replace

from consilience.model.observation import Observation, Polarity
from consilience.model.parcel import Parcel
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.read.maco import MacoRecords
from consilience.share import convert

BEAK, FILE, HERON = Subject("Lab", "Beak", "malware"), Subject("Lab", "beak.exe", "sample"), Subject("Lab", "HERON")
ONE, TWO = Source(publisher="Lab", title="Beaks", reliability="B"), Source(publisher="Mill", id="m-1")


def said(subject, kind, value, source=ONE, **more):
    more = {"tlp": "green", "published": "2024-01"} | more
    return Observation(subject=subject, trait=Trait(kind, value), printed=value, source=source, **more)


HELD = (
    said(BEAK, "mutex", "Global\\b"),
    said(BEAK, "mutex", "Global\\b", TWO),
    said(BEAK, "campaign-id", "c-7", tlp="amber"),
    said(BEAK, "attack-pattern", "T1059.001"),
    said(BEAK, "code:string", "hello"),
    said(BEAK, "code:version", "2.1"),
    said(BEAK, "crypto:key", "deadbeef", role="config"),
    said(BEAK, "crypto:algorithm", "rc4"),
    said(BEAK, "url", "x.example/gate.php", role="c2"),
    said(BEAK, "url:path", "/gate.php"),
    said(BEAK, "c2:user-agent", "UA/1"),
    said(BEAK, "c2:protocol", "wss"),
    said(BEAK, "c2:port", "8443"),
    said(BEAK, "email-addr", "a@b.example"),
    said(BEAK, "file:path", "c:/b.exe", role="install"),
    said(BEAK, "config:field", "sleep_delay=60000"),
    said(BEAK, "config:field", "pipe=b"),
    said(BEAK, "config:field", "registry.key=HKCU"),
    said(BEAK, "config:field", "own=1"),
    said(BEAK, "endpoint", "192.0.2.7:443", role="decoy"),
    said(BEAK, "endpoint", "192.0.2.8:443", role="proxy"),
    said(FILE, "endpoint", "[2001:db8::a]:443"),
    said(FILE, "domain-name", "c2.example"),
)


def test_records_come_back_as_the_statements_they_hold():
    """Reading the records again gives equal statements, but for where they stand."""
    content = convert(Parcel(observations=HELD), "maco").content
    again = MacoRecords().read(content, "f.json", {})
    assert (again.refusals, again.notices) == ((), ())
    assert {replace(seen, where="", id="") for seen in again.observations} == set(HELD)


def test_one_record_for_each_source_and_marking():
    """What differs in source, date or marking is never in one record, so that each stays as it was told."""
    records = json.loads(convert(Parcel(observations=HELD), "maco").content)
    assert [(one["family"], one["other"]["tlp"]) for one in records] == [
        ("Beak", "amber"),
        ("Beak", "green"),
        ("Beak", "green"),
        ("beak.exe", "green"),
    ]


def test_a_decoy_is_a_decoy_in_the_record():
    """What a configuration never uses keeps that word."""
    records = json.loads(convert(Parcel(observations=HELD), "maco").content)
    used = [entry for one in records for entry in one.get("tcp", ()) if "usage" in entry]
    assert used == [{"server_ip": "192.0.2.7", "server_port": 443, "usage": "decoy"}]


def test_losses_name_all_that_a_record_cannot_hold():
    """Other subjects and kinds, absences, withheld values, second versions, roles, fields and the guess of TCP."""
    rows = (
        said(HERON, "mutex", "m"),
        said(BEAK, "file:sha256", "0" * 64),
        said(BEAK, "mutex", "x", polarity=Polarity.ABSENT),
        Observation(subject=BEAK, trait=Trait("mutex", "withheld:x"), printed="withheld", source=ONE),
        said(BEAK, "code:version", "1"),
        said(BEAK, "code:version", "2"),
        said(BEAK, "domain-name", "c2.example", role="sinkhole", note="ours", first_seen="2024"),
    )
    losses = {loss.what: loss.count for loss in convert(Parcel(observations=rows), "maco").losses}
    assert losses == {
        "statements on intrusion-set subjects": 1,
        "statements of kind file:sha256": 1,
        "what was looked for and not found": 1,
        "withheld values": 1,
        "further versions": 1,
        "over what a server is reached": 1,
        "role sinkhole": 1,
        "field note": 1,
        "field first_seen": 1,
    }


def test_nothing_to_tell_is_an_empty_list():
    """A parcel without malware is an empty list, which is read as nothing."""
    assert json.loads(convert(Parcel(observations=()), "maco").content) == []
