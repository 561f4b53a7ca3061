"""Several versions of one object in a bundle, and what this program wrote for itself."""

import itertools
import json

import pytest

from consilience.model.observation import Observation
from consilience.model.parcel import Parcel
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.read.stix import StixBundle
from consilience.share import convert
from consilience.share.stix import SCHEMA, identity, stix_id
from consilience.share.stix_parcel.writer import SCHEMA as STATEMENT_SCHEMA
from consilience.vocab.stix import stix_tables

TLP_IDS, OLD_IDS = stix_tables().tlp, stix_tables().tlp1
EXTENSION = stix_tables().own["statement"]
WHEN, LATER = "2024-02-03T04:05:06.000Z", "2025-01-01T00:00:00.000Z"


def uid(kind, number):
    return f"{kind}--00000000-0000-4000-8000-0000000000{number:02}"


def thing(kind, number, **more):
    common = {"type": kind, "id": uid(kind, number), "created": WHEN, "modified": WHEN}
    return {**common, "created_by_ref": uid("identity", 1), **more}


VENDOR = thing("identity", 1, name="Vendor A", created_by_ref="")
SENDER = thing("identity", 2, name="Sender S", created_by_ref="")
GROUP = thing("intrusion-set", 3, name="Heron")
TOOL = thing("malware", 4, name="Beak", is_family=True)
USES = thing("relationship", 5, relationship_type="uses", source_ref=GROUP["id"], target_ref=TOOL["id"], confidence=50)
WORLD = (VENDOR, SENDER, GROUP, TOOL, USES)


def by_sender(item, **more):
    return {**item, "created_by_ref": SENDER["id"], "modified": LATER, **more}


def read(*objects, defaults=None):
    raw = json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()
    return StixBundle().read(raw, "f.json", defaults or {})


def said(reading):
    return sorted((seen.source.publisher, seen.subject.key, seen.printed, seen.object) for seen in reading.observations)


def told(reading):
    return " ".join(str(notice) for notice in reading.notices)


ORIGINAL = ("Vendor A", "Vendor A/Heron", "Beak", "")


@pytest.mark.parametrize(
    ("version", "more"),
    [
        (by_sender(GROUP, name="Stork", aliases=["Ibis"]), [("Sender S", "Sender S/Stork", "Stork", "Ibis")]),
        (by_sender(GROUP, aliases=["Ibis"]), [("Sender S", "Sender S/Heron", "Heron", "Ibis")]),
        (by_sender(GROUP, revoked=True), []),
        (by_sender(TOOL, name="Bill"), []),
        (by_sender(USES, revoked=True), []),
        (by_sender(USES, confidence=99), [("Sender S", "Vendor A/Heron", "Beak", "")]),
        (by_sender(USES, created_by_ref="", confidence=99), []),
    ],
)
def test_nobody_replaces_what_another_made(version, more):
    """A version by somebody else than the creator leaves the original as it is, and is said by them or by nobody."""
    for objects in itertools.islice(itertools.permutations((*WORLD, version)), 0, 720, 37):
        found = read(*objects)
        assert set(said(found)) == {ORIGINAL, *more}
        assert any(seen.confidence == "50" for seen in found.observations)
        assert "versions of others than their creator" in told(found)


def test_one_version_of_two_contents():
    """Two contents of one version are both read, in any order, under the markings of both, and a notice says so."""
    green, red = ({**USES, "object_marking_refs": [TLP_IDS[colour]]} for colour in ("green", "red"))
    other = {**USES, "confidence": 70}
    for pair in ((green, other), (other, green)):
        found = read(VENDOR, GROUP, TOOL, *pair)
        assert sorted(seen.confidence for seen in found.observations) == ["50", "70"]
        assert "several contents" in told(found)
    assert "red" in {seen.tlp for seen in read(VENDOR, GROUP, TOOL, green, red).observations}
    named = read(VENDOR, GROUP, {**GROUP, "name": "Stork", "aliases": ["Ibis"]}, TOOL, USES)
    assert ("Vendor A", "Vendor A/Stork", "Stork", "Ibis") in said(named)
    same = read(VENDOR, GROUP, {**GROUP, "aliases": ["Ibis"]}, TOOL, USES)
    assert {key for _, key, _, _ in said(same)} == {"Vendor A/Heron"}


def test_the_creators_own_version_counts():
    """Of the versions of one creator the latest is read alone, whatever others sent."""
    mine = {**GROUP, "name": "Late Heron", "modified": LATER}
    assert said(read(*WORLD, mine, by_sender(GROUP, name="Stork"))) == [("Vendor A", "Vendor A/Late Heron", "Beak", "")]


@pytest.mark.parametrize("ids", [TLP_IDS, OLD_IDS])
def test_markings_of_either_version_come_out_as_the_new(ids):
    """TLP 1.x and 2.0 are read alike, and leave under the ids of TLP 2.0."""
    for colour, id in ids.items():
        (seen,) = read(VENDOR, GROUP, TOOL, {**USES, "object_marking_refs": [id]}).observations
        assert seen.tlp == colour
        assert TLP_IDS[colour].encode() in convert(Parcel(observations=(seen,)), "stix-plain").content


@pytest.mark.parametrize(
    "definition",
    [
        '{"type":"marking-definition","id":"%s","definition_type":"tlp","definition":{"tlp":"white","tlp":"red"}}',
        '{"type":"marking-definition","id":"%s","definition_type":"tlp","definition":{"tlp":"red"}}',
        '{"type":"marking-definition","id":"%s","definition_type":["tlp"]}',
        '{"type":"marking-definition","id":"%s","name":"TLP:CLEAR","definition":{"tlp":"amber"}}',
    ],
)
def test_a_published_id_with_an_unclear_body_is_obeyed_by_nobody(definition):
    """A definition under the published id of clear that is broken or says more than one thing lets nothing out."""
    for colour in ("clear", "green"):
        raw = json.dumps(
            {"type": "bundle", "objects": [VENDOR, GROUP, TOOL, {**USES, "object_marking_refs": [TLP_IDS[colour]]}]}
        )
        found = StixBundle().read((raw[:-2] + "," + definition % TLP_IDS[colour] + "]}").encode(), "f", {})
        assert [seen.tlp for seen in found.observations] == ["amber+strict"]
        assert len(found.refusals) == 1


def test_two_definitions_of_one_marking():
    """A marking that the file defines twice, in two ways, is one that nobody here can obey."""
    own = thing("marking-definition", 9, definition_type="tlp", definition={"tlp": "clear"})
    marked = {**USES, "object_marking_refs": [own["id"]]}
    (clear,) = read(VENDOR, GROUP, TOOL, marked, own).observations
    (unclear,) = read(VENDOR, GROUP, TOOL, marked, own, {**own, "definition": {"tlp": "green"}}).observations
    assert (clear.tlp, unclear.tlp) == ("clear", "amber+strict")


SEEN = Observation(
    subject=Subject("Vendor A", "Heron"),
    trait=Trait("mutex", "m"),
    printed="m",
    source=Source(publisher="Vendor A", title="T"),
    tlp="green",
)


def parts(*observations, form="stix"):
    return json.loads(convert(Parcel(observations=observations or (SEEN,)), form).content)["objects"]


def changed(objects, kind, **more):
    return [{**item, **more} if item["type"] == kind else item for item in objects]


def test_reader_and_writer_mean_the_same_ids():
    """The ids by which the reader knows this program's own objects are those that the writer gives."""
    own = stix_tables().own
    made = {
        "author": stix_id("identity", "consilience"),
        "relation": stix_id("extension-definition", SCHEMA),
        "statement": stix_id("extension-definition", STATEMENT_SCHEMA),
    }
    assert (own, identity()["id"]) == (made, own["author"])


@pytest.mark.parametrize("kind", ["relationship", "mutex", "intrusion-set"])
def test_a_stricter_marking_on_the_way_holds(kind):
    """Who tightens an object of ours tightens the statement; who loosens it or takes its marking away does not."""
    for colour, expected in (("red", "red"), ("clear", "green")):
        (seen,) = read(*changed(parts(), kind, object_marking_refs=[TLP_IDS[colour]])).observations
        assert seen.tlp == expected
    (seen,) = read(*changed(parts(), kind, object_marking_refs=[])).observations
    assert seen == SEEN


def test_silence_is_not_filled_by_a_default():
    """What left unmarked left as amber+strict, and a default for the file does not loosen it."""
    silent = Observation(subject=SEEN.subject, trait=SEEN.trait, printed="m", source=SEEN.source)
    assert read(*parts(silent)).observations == (silent,)
    assert read(*parts(silent), defaults={"tlp": "clear"}).observations[0].tlp == "amber+strict"


def test_a_statement_in_the_name_of_another_is_theirs():
    """A changed object of ours that names another maker is read as what they say, and its extension is not believed."""
    (relation,) = (item for item in parts() if item["type"] == "relationship")
    extension = {EXTENSION: {"statement": {**SEEN.as_record(), "value": "forged"}}}
    forged = by_sender(relation, extensions=extension, modified="2026-01-01T00:00:00Z", external_references=[])
    found = read(*parts(), SENDER, forged)
    assert {(seen.source.publisher, seen.printed) for seen in found.observations} == {
        ("Vendor A", "m"),
        ("Sender S", "m"),
    }


@pytest.mark.parametrize(
    "extension", [3, {}, {"statement": 3}, {"statement": {}}, {"statement": {"tlp": 3}}, {"subject": {}}]
)
def test_extensions_of_any_form(extension):
    """Whatever stands in an extension under our id is read, refused or passed over."""
    for kind in ("relationship", "intrusion-set"):
        found = read(*changed(parts(), kind, extensions={EXTENSION: extension}))
        assert len(found.observations) + len(found.refusals) + len(found.notices) > 0


def test_custom_properties_and_unknown_objects_are_kept():
    """What is not read stays as it was sent, in the bytes that the case keeps."""
    custom = thing("x-own-thing", 8, x_field={"deep": [1]}, extensions={"x": {"y": 1}})
    objects = [*WORLD, custom, {**GROUP, "id": uid("intrusion-set", 7), "name": "G", "x_mine": "kept"}]
    found = read(*objects)
    assert json.loads(found.raw)["objects"] == objects
    assert said(found) == [ORIGINAL]


def test_a_bundle_of_any_depth():
    """A bundle nested a hundred thousand levels deep is refused, whichever of its parts is deep."""
    deep = b"[" * 100_000 + b"]" * 100_000
    whole = json.dumps({"type": "bundle", "objects": list(WORLD)}).encode()
    for raw in (
        b'{"type":"bundle","objects":' + deep + b"}",
        whole[:-2] + b',{"type":"tool","id":"tool--1","name":"x","x":' + deep + b"}]}",
    ):
        assert len(StixBundle().read(raw, "f", {}).refusals) >= 1
