"""MISP events as observations."""

import gzip
import json

import pytest

from consilience.read import read_path
from consilience.read.misp import MispEvents
from consilience.vocab import vocabulary
from consilience.vocab.misp import UNKNOWN, misp_tables

READER = MispEvents()
EVENT_ID = "00000000-0000-4000-8000-000000000001"
ACTOR = 'misp-galaxy:threat-actor="Grey Heron"'


def attribute(type, value, **more):
    return {"type": type, "value": value, **more}


def tagged(*names):
    return {"Tag": [{"name": name} for name in names]}


def event(*attributes, tags=(ACTOR,), **more):
    base = {"uuid": EVENT_ID, "info": "Herons in spring", "date": "2023-04-05", "Orgc": {"name": "Vendor A"}}
    return {"Event": base | {"Attribute": list(attributes)} | tagged(*tags) | more}


def read(*events, defaults=None):
    return READER.read(json.dumps({"response": list(events)}).encode(), "f.json", defaults or {})


def lines(reading, kind=""):
    rows = [seen for seen in reading.observations if seen.trait.kind.startswith(kind)]
    return sorted((seen.trait.kind, seen.trait.value) for seen in rows if not seen.trait.kind.startswith("name:"))


def label(*tags, within=(), **more):
    (seen,) = [
        each
        for each in read(
            event(attribute("domain", "a.example", **tagged(*within)), tags=(ACTOR, *tags), **more)
        ).observations
        if each.trait.kind == "domain-name"
    ]
    return seen.tlp, seen.pap


@pytest.mark.parametrize(
    "content",
    [
        event(),
        [event(), event()],
        {"response": [event()]},
        {"response": event()},
        event()["Event"],
    ],
)
def test_every_packing_is_recognised(content, tmp_path):
    """An event alone, in a list, in a response, or without its outer key is one and the same to the reader."""
    place = tmp_path / "events.json"
    place.write_text(json.dumps(content, indent=2))
    (reading,) = read_path(place, {})
    assert reading.format == "misp"
    assert {seen.subject.key for seen in reading.observations} == {"Vendor A/Grey Heron"}
    place.write_bytes(gzip.compress(json.dumps(content).encode()))
    (packed,) = read_path(place, {})
    assert packed.format == "misp.gz"
    assert packed.observations == reading.observations


@pytest.mark.parametrize(
    "content",
    [b'{"type": "bundle", "objects": []}', b'{"values": [], "type": "tool"}', b"[1, 2]", b'{"Event": 1}', b""],
)
def test_others_are_not_events(content):
    """Bundles, galaxies and other JSON are not taken for events."""
    assert not READER.recognises(content, "f.json")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("domain", "A[.]example"), [("domain-name", "a.example")]),
        (("ip-dst", "2001:db8::7"), [("ipv6-addr", "2001:db8::7")]),
        (("ip-src", "192.0.2.7"), [("ipv4-addr", "192.0.2.7")]),
        (("ip-dst|port", "192.0.2.7|443"), [("endpoint", "192.0.2.7:443")]),
        (("ip-dst|port", "2001:db8::7|443"), [("endpoint", "[2001:db8::7]:443")]),
        (("hostname|port", "a.example|80"), [("endpoint", "a.example:80")]),
        (
            ("domain|ip", "a.example|192.0.2.7"),
            [("domain-name", "a.example"), ("ipv4-addr", "192.0.2.7"), ("resolved", "a.example 192.0.2.7")],
        ),
        (("filename|md5", "a|b.exe|" + "a" * 32), [("file:md5", "a" * 32), ("file:name", "a|b.exe")]),
        (("malware-sample", "x.exe|" + "b" * 32), [("file:md5", "b" * 32), ("file:name", "x.exe")]),
        (("AS", "AS64500"), [("autonomous-system", "AS64500")]),
        (("jarm-fingerprint", "1" * 62), [("jarm", "1" * 62)]),
        (("ssdeep", "3:abc:d"), [("misp:ssdeep", "3:abc:d")]),
        (("new-type", "v"), [("misp:new-type", "v")]),
        (("link", "https://a.example"), []),
    ],
)
def test_types(given, wanted):
    """Each type is the kind of the table, or the unknown kind of its name; what states no trait is passed over."""
    reading = read(event(attribute(*given)))
    assert reading.refusals == ()
    assert lines(reading) == wanted


def test_the_table_names_kinds():
    """Every kind of the table is one of the vocabulary, and no type stands in it twice."""
    tables = misp_tables()
    for kinds in (*tables.read.values(), *(tuple(row.values()) for row in tables.relations.values())):
        assert {*kinds} - {"address", ""} <= set(vocabulary().kinds)
    assert {kind for kind in tables.written if not kind.startswith(UNKNOWN)} <= set(vocabulary().kinds)
    assert {*tables.galaxies.values()} - {"subject"} <= set(vocabulary().kinds)
    listed = [*tables.read, *tables.unweighed, *tables.passed]
    assert len(listed) == len(set(listed))
    assert all([*tables.unweighed.values(), *tables.passed.values()])


def test_whose_statement_it_is():
    """The maker is the publisher, the event the source with its grade, its date the day of publication."""
    tags = (ACTOR, 'admiralty-scale:source-reliability="b"', 'admiralty-scale:information-credibility="2"')
    shown = attribute(
        "mutex",
        "m",
        uuid="a-1",
        category="Artifacts dropped",
        to_ids=True,
        comment="seen\ntwice",
        first_seen="2023-01-02T03:04:05.000000+00:00",
        last_seen="2023-02-03T00:00:00+00:00",
    )
    (seen,) = [each for each in read(event(shown, tags=tags)).observations if each.trait.kind == "mutex"]
    assert (seen.source.publisher, seen.source.title, seen.source.id) == ("Vendor A", "Herons in spring", EVENT_ID)
    assert (seen.source.reliability, seen.source.credibility) == ("B", 2)
    assert (seen.first_seen, seen.last_seen, seen.published) == ("2023-01-02", "2023-02-03", "2023-04-05")
    assert (seen.where, seen.note) == ("a-1", "Artifacts dropped; to_ids; seen twice")


def test_who_the_subject_is():
    """The one actor of the event, of the attribute before that; else the given subject; else the event itself."""
    own = attribute("mutex", "m", Galaxy=[{"type": "threat-actor", "GalaxyCluster": [{"value": "Crow"}]}])

    def subjects(*args, defaults=None, **more):
        reading = read(event(*args, **more), defaults=defaults)
        kinds = {seen.subject for seen in reading.observations if seen.trait.kind == "mutex"}
        return {f"{each.key} {each.type}" for each in kinds}, [notice.what for notice in reading.notices]

    plain = attribute("mutex", "m")
    assert subjects(plain)[0] == {"Vendor A/Grey Heron intrusion-set"}
    assert subjects(own)[0] == {"Vendor A/Crow intrusion-set"}
    assert subjects(plain, tags=(), defaults={"subject": "Kite"})[0] == {"Vendor A/Kite intrusion-set"}
    assert subjects(plain, attribute("threat-actor", "Rook"), tags=())[0] == {"Vendor A/Rook intrusion-set"}
    found, told = subjects(plain, tags=())
    assert found == {"Vendor A/Herons in spring campaign"}
    assert any("the event itself is the subject" in what for what in told)
    found, told = subjects(plain, tags=(ACTOR, 'misp-galaxy:mitre-intrusion-set="Crow - G0001"'))
    assert found == {"Vendor A/Herons in spring campaign"}
    assert any("several actors" in what for what in told)


def test_what_galaxies_say():
    """Actors are names of public registers, techniques, tools and sectors are traits; the rest is counted."""
    tags = (
        'misp-galaxy:mitre-intrusion-set="Grey Heron - G0001"',
        'misp-galaxy:mitre-attack-pattern="Phishing - T1566"',
        'misp-galaxy:malpedia="NightLamp"',
        'misp-galaxy:sector="Telecoms"',
        'misp-galaxy:branded-vulnerability="Any"',
    )
    reading = read(event(tags=(ACTOR, *tags)))
    assert lines(reading) == [("attack-pattern", "T1566"), ("malware", "nightlamp"), ("sector", "telecoms")]
    assert {seen.object for seen in reading.observations if seen.object} == {"MISP galaxy/Grey Heron", "G0001"}
    assert any("branded-vulnerability" in notice.what for notice in reading.notices)
    within = read(event(attribute("mutex", "m", **tagged(tags[1], "tlp:red")), tags=(ACTOR, "tlp:green")))
    assert [seen.tlp for seen in within.observations if seen.trait.kind == "attack-pattern"] == ["red"]


@pytest.mark.parametrize(
    ("tags", "within", "wanted"),
    [
        ((), (), ""),
        (("tlp:white",), (), "clear"),
        (("TLP:GREEN",), (), "green"),
        (("tlp:clear",), ("tlp:amber",), "amber"),
        (("tlp:amber+strict",), ("tlp:clear",), "amber+strict"),
        (("TLP:Red", "tlp:green"), (), "red"),
        (("tlp:clear", "tlp:ex:chr"), (), "amber+strict"),
        (("tlp:unclear",), (), "amber+strict"),
        (("tlp:green",), ("tlp:of-its-own",), "amber+strict"),
    ],
)
def test_the_strictest_label_of_all_containers_holds(tags, within, wanted):
    """TLP of event and attribute join in any case; a label that nobody here can obey stays in the house."""
    assert label(*tags, within=within)[0] == wanted


@pytest.mark.parametrize(
    ("tags", "distribution", "wanted"),
    [
        ((), "3", ""),
        ((), "1", ""),
        ((), "0", "amber+strict"),
        ((), "4", "amber+strict"),
        (("tlp:clear",), "3", "clear"),
        (("tlp:clear",), "2", "green"),
        (("tlp:clear",), 0, "amber+strict"),
        (("tlp:green",), "4", "amber+strict"),
        (("tlp:green",), "9", "amber+strict"),
        (("tlp:red",), "3", "red"),
        (("tlp:green",), "5", "green"),
    ],
)
def test_distribution_only_tightens(tags, distribution, wanted):
    """A distribution frees nothing: what has no label stays unmarked, or in the house where it says so."""
    assert label(*tags, distribution=distribution)[0] == wanted


def test_pap():
    """The strictest PAP holds, and one that nobody knows is red."""
    assert label("PAP:WHITE", within=("pap:amber",))[1] == "amber"
    assert label("PAP:GREEN", "pap:of-its-own")[1] == "red"
    assert label()[1] == ""


def test_an_object_is_under_its_own_labels_too():
    """What an object says is under the labels of event and object, what it says only together under all of them."""
    pair = [
        attribute("domain", "a.example", object_relation="domain", **tagged("tlp:amber")),
        attribute("ip-dst", "192.0.2.7", object_relation="ip"),
    ]
    held = {"name": "domain-ip", "uuid": "o-1", "Attribute": pair, **tagged("tlp:green")}
    found = {seen.trait.kind: seen.tlp for seen in read(event(tags=(ACTOR, "tlp:clear"), Object=[held])).observations}
    assert {kind: found[kind] for kind in ("domain-name", "ipv4-addr", "resolved")} == {
        "domain-name": "amber",
        "ipv4-addr": "green",
        "resolved": "amber",
    }


def test_objects():
    """An object says what its attributes say, and what only their places tell."""
    certificate = {
        "name": "x509",
        "Attribute": [attribute("text", "0A:BC", object_relation="serial-number"), attribute("text", "CN=a")],
    }
    port = [attribute("ip-dst", "192.0.2.7", object_relation="ip"), attribute("port", 443, object_relation="dst-port")]
    reading = read(event(Object=[certificate, {"name": "ip-port", "Attribute": port}]))
    assert ("x509-certificate:serial", "abc") in lines(reading)
    assert ("endpoint", "192.0.2.7:443") in lines(reading)


def test_what_is_broken_costs_nothing_else():
    """A bad attribute, value, object or event is refused by its JSON pointer, and all others stay."""
    broken = event(
        attribute("domain", {"a": 1}),
        attribute("md5", "no digest"),
        {"value": "no type"},
        attribute("mutex", "m"),
        Object=[{"name": "file", "Attribute": [7, attribute("filename", "f")]}, 8],
    )
    reading = read(broken, 9, event(attribute("mutex", "n"), date="no date"))
    assert lines(reading) == [("file:name", "f"), ("mutex", "m")]
    places = sorted(refusal.field for refusal in reading.refusals if "name:" not in refusal.what)
    assert places == sorted(
        [
            "/response/0/Event/Attribute/0",
            "/response/0/Event/Attribute/1 value",
            "/response/0/Event/Attribute/2",
            "/response/0/Event/Object/0/Attribute/0",
            "/response/0/Event/Object/1",
            "/response/1",
            "/response/2/Event/Attribute/0 published",
            "/response/2/Event/Galaxy published",
        ]
    )
    assert all(refusal.todo for refusal in reading.refusals)


def test_what_was_deleted_is_not_read():
    """Deleted attributes, objects and events are counted and not read."""
    gone = {"deleted": True}
    held = {"name": "file", "Attribute": [attribute("filename", "f")], **gone}
    reading = read(event(attribute("mutex", "m", **gone), Object=[held]), event(attribute("mutex", "n"), **gone))
    assert lines(reading) == []
    assert len([notice for notice in reading.notices if notice.field == "deleted"]) == 3


def test_a_key_named_twice_is_refused():
    """An event that states a marking twice under one key is refused, because programs differ in which they see."""
    raw = b'{"Event": {"info": "I", "Tag": [{"name": "tlp:red"}], "Tag": [{"name": "tlp:clear"}], "Attribute": []}}'
    reading = READER.read(raw, "f.json", {"publisher": "P"})
    assert reading.observations == ()
    assert "twice" in reading.refusals[0].what


def test_analyst_data():
    """A relationship between two clusters of an event is a comparison; notes and opinions are counted."""
    clusters = [{"uuid": f"c-{name}", "value": name, "type": "threat-actor"} for name in ("Heron", "Crow")]
    said = {
        "uuid": "r-1",
        "object_uuid": "c-Heron",
        "related_object_uuid": "c-Crow",
        "relationship_type": "overlaps",
        **tagged('estimative-language:likelihood-probability="likely"'),
    }
    more = {"Galaxy": [{"type": "threat-actor", "GalaxyCluster": clusters}], "Relationship": [said], "Note": [{}]}
    reading = read(event(tags=(), **more))
    assert [(seen.subject.key, seen.trait.kind, seen.object) for seen in reading.observations] == [
        ("Vendor A/Heron", "name:overlaps", "Vendor A/Crow")
    ]
    assert "Note" in {notice.field for notice in reading.notices}


def test_opinions_of_our_own_are_no_evidence():
    """The event of an assessment of this program gives no comparison back."""
    clusters = [{"uuid": f"c-{name}", "value": name, "type": "threat-actor"} for name in ("Heron", "Crow")]
    said = {"object_uuid": "c-Heron", "related_object_uuid": "c-Crow", "relationship_type": "overlaps"}
    more = {"Galaxy": [{"type": "threat-actor", "GalaxyCluster": clusters}], "Relationship": [said]}
    reading = read(event(tags=('consilience:document="assessment"',), **more))
    assert reading.observations == ()
