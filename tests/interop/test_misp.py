"""MISP events, read by the libraries of MISP, and what its converter to STIX makes of markings."""

import json
import sys
from pathlib import Path

import pytest

from consilience.model.observation import Observation
from consilience.model.parcel import Parcel
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.read.misp import MispEvents
from consilience.read.stix import StixBundle
from consilience.share import convert, write
from consilience.vocab.misp import misp_tables

pymisp = pytest.importorskip("pymisp", reason="the interop group is not installed")
jsonschema = pytest.importorskip("jsonschema", reason="the interop group is not installed")

SHIPPED = Path(pymisp.__file__).parent / "data"
HERON, SAMPLE = Subject("Alpha Labs", "Grey Heron"), Subject("Alpha Labs", "loader.exe", "sample")
SHOWN = (
    (HERON, "domain-name", "c2.heron.example"),
    (HERON, "ipv4-addr", "192.0.2.7"),
    (HERON, "ipv6-addr", "2001:db8::7"),
    (HERON, "endpoint", "192.0.2.7:8443"),
    (HERON, "endpoint", "c2.heron.example:8443"),
    (HERON, "endpoint", "[2001:db8::7]:443"),
    (HERON, "resolved", "c2.heron.example 192.0.2.7"),
    (HERON, "url", "c2.heron.example/gate"),
    (HERON, "mutex", "Global\\heron"),
    (HERON, "email-addr", "heron@a.example"),
    (HERON, "x509-certificate:sha256", "0" * 63 + "b"),
    (HERON, "x509-certificate:serial", "abc"),
    (HERON, "attack-pattern", "T1566"),
    (HERON, "malware", "nightlamp"),
    (HERON, "sector", "telecoms"),
    (HERON, "code:string", "no type of MISP"),
    (HERON, "misp:ssdeep", "3:abc:d"),
    (SAMPLE, "file:md5", "0" * 31 + "a"),
    (SAMPLE, "file:sha256", "0" * 63 + "c"),
    (SAMPLE, "file:name", "loader.exe"),
)


def statements(tlp="amber+strict"):
    source = Source(publisher="Alpha Labs", title="Herons", id="alpha-1")
    rows = [
        Observation(
            subject=subject,
            trait=Trait(kind, value),
            printed=value,
            source=source,
            tlp=tlp,
            pap="green",
            first_seen="2023-04",
            published="2023-05-01",
        )
        for subject, kind, value in SHOWN
    ]
    return tuple(sorted(rows, key=lambda seen: seen.id))


def exported(tlp="amber+strict"):
    return json.loads(convert(Parcel(observations=statements(tlp)), "misp").content)["response"]


@pytest.fixture(scope="module")
def stix_of():
    """The bundle that the converter of MISP makes of an event.

    A library behind it leaves an import hook without `find_spec`, over which pytest stumbles: it is taken out again.
    """
    converter = pytest.importorskip("misp_stix_converter", reason="the interop group is not installed")
    sys.meta_path[:] = [hook for hook in sys.meta_path if hasattr(hook, "find_spec")]

    def bundle(event):
        parser = converter.MISPtoSTIX21Parser()
        parser.parse_misp_event(event)
        assert not parser.errors
        return json.loads(parser.bundle.serialize())

    return bundle


def theirs(**more):
    """An event of somebody else, with an actor on its attribute, so that the converter relates the two."""
    actor = {
        "uuid": "698774c7-8022-42c4-917f-8d6e4f06ada3",
        "name": "Threat Actor",
        "description": "Actors",
        "type": "threat-actor",
        "GalaxyCluster": [
            {
                "uuid": "00000000-0000-4000-8000-000000000009",
                "type": "threat-actor",
                "value": "Grey Heron",
                "tag_name": 'misp-galaxy:threat-actor="Grey Heron"',
                "description": "A bird",
                "meta": {},
            }
        ],
    }
    attribute = {
        "uuid": "00000000-0000-4000-8000-000000000002",
        "type": "domain",
        "category": "Network activity",
        "value": "c2.heron.example",
        "to_ids": True,
        "timestamp": "1680000000",
        "Galaxy": [actor],
    }
    return {
        "Event": {
            "uuid": "00000000-0000-4000-8000-000000000001",
            "info": "Herons",
            "date": "2023-04-05",
            "timestamp": "1680000000",
            "distribution": "3",
            "threat_level_id": "4",
            "analysis": "2",
            "Orgc": {"name": "Alpha Labs", "uuid": "00000000-0000-4000-8000-00000000000a"},
            "Tag": [{"name": "tlp:amber+strict"}],
            "Attribute": [attribute],
            **more,
        }
    }


def test_pymisp_takes_a_parcel():
    """Each event fits the schema that PyMISP ships, loads, and holds every attribute and object of ours."""
    schema = json.loads((SHIPPED / "schema-lax.json").read_text())
    for row in exported():
        jsonschema.validate(row, schema)
        event = pymisp.MISPEvent()
        event.load(json.loads(json.dumps(row)))
        assert {each.uuid for each in event.attributes} == {each["uuid"] for each in row["Event"]["Attribute"]}
        assert {each.uuid for each in event.objects} == {each["uuid"] for each in row["Event"]["Object"]}
        assert event.distribution == 0 and not event.published
        for part in (*event.attributes, *(each for held in event.objects for each in held.attributes)):
            assert {tag.name for tag in part.tags} >= {"tlp:amber+strict", "PAP:GREEN"}


def test_pymisp_gives_back_what_reads_the_same():
    """A parcel that went through PyMISP reads back as the statements it was made of."""
    events = []
    for row in exported("green"):
        event = pymisp.MISPEvent()
        event.load(row)
        events.append({"Event": json.loads(event.to_json())})
    reading = MispEvents().read(json.dumps({"response": events}).encode(), "f.json", {})
    assert reading.refusals == ()
    assert {seen.id: seen for seen in reading.observations} == {seen.id: seen for seen in statements("green")}


def test_objects_fit_the_templates_of_misp():
    """Every object with a template of MISP has its UUID, its relations and their types."""
    names = set()
    for row in exported():
        for held in row["Event"]["Object"]:
            place = SHIPPED / "misp-objects" / "objects" / held["name"] / "definition.json"
            if not place.exists():
                assert held["name"] == "consilience-observation"
                continue
            template = json.loads(place.read_text())
            names.add(held["name"])
            assert held["template_uuid"] == template["uuid"]
            assert held["meta-category"] == template["meta-category"]
            for part in held["Attribute"]:
                assert template["attributes"][part["object_relation"]]["misp-attribute"] == part["type"]
    assert names == {"domain-ip", "file", "x509"}


def test_types_and_categories_are_those_of_misp():
    """Every type that is written exists and belongs to its category, and every type that is read exists."""
    known = json.loads((SHIPPED / "describeTypes.json").read_text())["result"]
    for written in misp_tables().written.values():
        assert written.type in known["category_type_mappings"][written.category]
    tables = misp_tables()
    assert {*tables.read, *tables.unweighed, *tables.passed} <= set(known["types"])


def test_pymisp_takes_an_assessment(assessment):
    """The event of an assessment loads with its clusters, its relationship, its opinion and its notes."""
    (row,) = json.loads(write(assessment, "misp"))["response"]
    jsonschema.validate(row, json.loads((SHIPPED / "schema-lax.json").read_text()))
    event = pymisp.MISPEvent()
    event.load(json.loads(json.dumps(row)))
    assert len([each for galaxy in event.galaxies for each in galaxy.clusters]) == 2
    (opinion,) = event.opinions
    assert opinion.object_uuid == event.uuid and 0 <= int(opinion.opinion) <= 100
    assert len(event.notes) == 2
    assert all(note.object_uuid == event.uuid and note.note.startswith("TLP:AMBER. ") for note in event.notes)


def test_pymisp_takes_the_relationship(assessment):
    """The relationship between the two clusters is analyst data of MISP, from the one to the other."""
    (row,) = json.loads(write(assessment, "misp"))["response"]
    clusters = [each for galaxy in row["Event"]["Galaxy"] for each in galaxy["GalaxyCluster"]]
    (told,) = [each for cluster in clusters for each in cluster.get("Relationship", ())]
    relationship = pymisp.MISPRelationship()
    relationship.from_dict(**told)
    ends = {relationship.object_uuid, relationship.related_object_uuid}
    assert ends == {each["uuid"] for each in clusters}
    assert relationship.relationship_type == "overlaps"


def test_the_converter_takes_our_events(assessment, stix_of):
    """The converter to STIX makes a bundle of each event without an error; what it marks not, a marked grouping holds.

    It marks what comes from an attribute, and not the indicators that it makes of objects.
    """
    unmarked = set()
    for row in (*exported(), *json.loads(write(assessment, "misp"))["response"]):
        bundle = stix_of(row)
        (grouping,) = [item for item in bundle["objects"] if item["type"] == "grouping"]
        assert grouping["object_marking_refs"]
        held = [item for item in bundle["objects"] if item["type"] in ("indicator", "observed-data", "x-misp-object")]
        assert {item["id"] for item in held} <= set(grouping["object_refs"])
        unmarked |= {item["type"] for item in held if not item.get("object_marking_refs")}
    assert unmarked == {"indicator"}


def test_the_converter_loses_the_label_of_an_event_and_we_do_not(stix_of):
    """Of an event alone the converter marks the grouping only; what is read of the bundle is under that marking."""
    bundle = stix_of(theirs())
    marked = {item["type"] for item in bundle["objects"] if item.get("object_marking_refs")}
    assert marked == {"grouping"}
    reading = StixBundle().read(json.dumps(bundle).encode(), "f.json", {})
    assert {seen.trait.kind for seen in reading.observations} == {"domain-name"}
    assert {seen.tlp for seen in reading.observations} == {"amber+strict"}


def test_both_ways_of_an_event_agree(stix_of):
    """An event read directly, and read from the bundle that the converter makes of it, show the same."""
    direct = MispEvents().read(json.dumps(theirs()).encode(), "f.json", {})
    shown = {(seen.subject.name, seen.trait, seen.tlp) for seen in direct.observations if not seen.object}
    bundle = StixBundle().read(json.dumps(stix_of(theirs())).encode(), "f.json", {})
    assert shown == {(seen.subject.name, seen.trait, seen.tlp) for seen in bundle.observations}
