"""STIX bundles, and ATT&CK, as observations."""

import gzip
import itertools
import json
import random
import uuid

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consilience.model.errors import Rejected
from consilience.read.stix import StixBundle
from consilience.read.stix.citation import named_citations, parsed, printed_date
from consilience.read.stix.objects import object_from
from consilience.read.stix.pattern import comparisons

COUNT = itertools.count(1)
WHEN = "2024-02-03T04:05:06.000Z"
MAKER = "identity--00000000-0000-4000-8000-00000000000a"
READER = StixBundle()


def thing(kind, name="", **more):
    number = uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {name or next(COUNT)}")
    named = {"name": name} if name else {}
    return {"type": kind, "id": f"{kind}--{number}", "created": WHEN, "created_by_ref": MAKER, **named, **more}


def relation(source, kind, target, **more):
    ends = {"source_ref": source["id"], "target_ref": target["id"]}
    return thing("relationship", relationship_type=kind, **ends, **more)


def reference(name, description="", url=""):
    return {key: value for key, value in (("source_name", name), ("description", description), ("url", url)) if value}


def number(external_id):
    return {"source_name": "mitre-attack", "external_id": external_id}


VENDOR = {"type": "identity", "id": MAKER, "created": WHEN, "name": "Vendor A", "identity_class": "organization"}
GROUP = thing("intrusion-set", "Grey Heron")
FAMILY = thing("malware", "NightLamp", is_family=True)
TECHNIQUE = thing("attack-pattern", "Doing things", external_references=[number("T9001.002")])


def read(*objects, defaults=None, **top):
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [VENDOR, *objects], **top}
    return READER.read(json.dumps(bundle).encode(), "f.json", defaults or {})


def lines(reading):
    return sorted((seen.subject.key, seen.trait.kind, seen.printed, seen.object) for seen in reading.observations)


def told(reading):
    return [f"{notice.field}: {notice.what}" for notice in reading.notices]


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b'{"type":"bundle","id":"bundle--1","objects":[]}', True),
        (b'\xef\xbb\xbf\n{ "id" : "bundle--1",\n "objects": [ {', True),
        (b'{"objects":[{"id":"tool--1","type":"tool"}],"more":false}', True),
        (b'{"objects":[{"id":"1","type":"tool"}]}', False),
        (b'{"kind":"mutex","note":"\\"type\\":\\"bundle\\""}', False),
        (b'{"a":{"type":"bundle"}}', False),
        (b'{"type":"bundle"}\n{"type":"bundle"}\n', False),
        (b'[{"type":"bundle"}]', False),
        (b"", False),
    ],
)
def test_recognised(content, is_one):
    """A bundle is known by its top, whatever the order of its keys, and by nothing deeper."""
    assert READER.recognises(content, "x.json") is is_one


def test_uses():
    """A use is a trait of the user: the number of a technique, the name of a family or tool."""
    tool = thing("tool", "Lockpick")
    found = read(
        GROUP,
        FAMILY,
        TECHNIQUE,
        tool,
        relation(GROUP, "uses", TECHNIQUE),
        relation(GROUP, "uses", FAMILY),
        relation(GROUP, "uses", tool),
        relation(FAMILY, "uses", TECHNIQUE),
    )
    assert lines(found) == [
        ("Vendor A/Grey Heron", "attack-pattern", "T9001.002", ""),
        ("Vendor A/Grey Heron", "malware", "NightLamp", ""),
        ("Vendor A/Grey Heron", "tool", "Lockpick", ""),
        ("Vendor A/NightLamp", "attack-pattern", "T9001.002", ""),
    ]
    assert {seen.source.publisher for seen in found.observations} == {"Vendor A"}
    assert {seen.published for seen in found.observations} == {"2024-02-03"}
    assert not found.refusals and not found.notices


def test_one_observation_a_citation():
    """Each cited document says it for itself, with its own author, title and date."""
    cited = [
        reference(
            "A 2021", "Adams, B., et al. (2021, March 7). One title. Retrieved May 1, 2022.", "https://a.example/1"
        ),
        reference("B", "Bureau. (2019, June). Other title. Retrieved May 1, 2022."),
        reference("C", "Cedar. (n.d.). Undated. Retrieved May 1, 2022."),
    ]
    text = "It did. (Citation: B)(Citation: D 2020)"
    found = read(GROUP, FAMILY, relation(GROUP, "uses", FAMILY, external_references=cited, description=text))
    sources = {
        seen.source.id: (seen.source.publisher, seen.source.title, seen.published) for seen in found.observations
    }
    assert sources == {
        "A 2021": ("Adams, B., et al", "One title", "2021-03-07"),
        "B": ("Bureau", "Other title", "2019-06"),
        "C": ("Cedar", "Undated", ""),
        "D 2020": ("D 2020", "", ""),
    }
    assert {seen.where for seen in found.observations} == {
        next(each for each in json.loads(found.raw)["objects"] if each["type"] == "relationship")["id"]
    }


def test_cited_names_with_brackets():
    """A name that holds brackets is one source, the one the references describe, also where a bracket is missing."""
    cited = [
        reference("CERT Alert (TA00-000A)", "CERT. (2017, October 20). Alert. Retrieved May 1, 2022."),
        reference("Doe: Part 1) of 2", "Doe. (2018). Parts. Retrieved May 1, 2022."),
    ]
    shown = relation(GROUP, "uses", TECHNIQUE, external_references=cited)
    text = "One.(Citation: CERT Alert (TA00-000A)) Two.(Citation: CERT  Alert (TA00-000A) (Citation: Doe: Part 1) of 2)"
    found = read(GROUP, FAMILY, TECHNIQUE, shown, relation(GROUP, "uses", FAMILY, description=text))
    dated = {(seen.source.id, seen.published) for seen in found.observations if seen.trait.kind == "malware"}
    assert dated == {("CERT Alert (TA00-000A)", "2017-10-20"), ("Doe: Part 1) of 2", "2018")}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(Citation: A (B) C)(d)", ["A (B) C"]),
        ("(Citation: A) and (b)", ["A"]),
        ("(Citation: A (B)", ["A (B)"]),
        ("(Citation: (Citation: A - B)", ["A - B"]),
        ("(Citation: A", []),
        ("(Citation:\nA\n B )", ["A B"]),
    ],
)
def test_names_in_text_without_references(text, names):
    """Where no reference tells, a name ends where its brackets balance."""
    assert named_citations(text) == names


@given(st.text("AB() :", max_size=40), st.text("AB() :", max_size=12))
def test_names_never_fail(text, known):
    """Whatever the brackets, names are plain text, and a known name of its own is found as it is."""
    assert all(name == " ".join(name.split()) and name for name in named_citations("(Citation:" + text, {known}))
    plain = " ".join(known.split())
    assert named_citations(f"(Citation: {known})", {plain}) == (
        [plain] if plain else named_citations(f"(Citation: {known})")
    )


def test_equal_citations_are_one_source():
    """A document that several relations cite is one source, as the fullest reference describes it."""
    short = [{"source_name": "A 2021 ", "url": "https://a.example/1"}]
    full = [reference("A 2021", "Adams. (2021). The title. Retrieved May 1, 2022.", "https://a.example/1")]
    marked = {**GROUP, "external_references": [number("G9001")]}
    found = read(
        marked,
        FAMILY,
        TECHNIQUE,
        relation(GROUP, "uses", FAMILY, external_references=short),
        relation(GROUP, "uses", TECHNIQUE, external_references=full),
    )
    sources = {seen.source for seen in found.observations if not seen.object}
    assert [(each.publisher, each.title) for each in sources] == [("Adams", "The title")]


def test_publisher_cited_for_several_addresses():
    """Outside ATT&CK, a name that is cited with several addresses is a publisher, and each address a document."""
    found = read(
        GROUP,
        FAMILY,
        TECHNIQUE,
        relation(GROUP, "uses", FAMILY, external_references=[reference("Blog", "One", "https://b.example/1")]),
        relation(GROUP, "uses", TECHNIQUE, external_references=[reference("Blog", "Two", "https://b.example/2")]),
    )
    assert sorted((each.source.id, each.source.title) for each in found.observations) == [
        ("https://b.example/1", "One"),
        ("https://b.example/2", "Two"),
    ]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Doe, J.. (2018, March 7). A title. Retrieved June 1, 2018.", ("Doe, J", "2018-03-07", "A title")),
        (
            "Insight Team (Big Firm). (2017, May). Title?. Retrieved June 1, 2018.",
            ("Insight Team (Big Firm)", "2017-05", "Title?"),
        ),
        ("Firm. (2016). Title (part 2). Retrieved June 1, 2018.", ("Firm", "2016", "Title (part 2)")),
        ("Firm. (n.d.). Retrieved June 1, 2018.", ("Firm", "", "")),
        ("Doe 2014, March 11 Old style Retrieved. 2020/01/05 ", ("Doe", "2014-03-11", "Old style")),
        ("A plain sentence.", ("", "", "")),
        ("This designation (Some Group) is used. (Citation: X)", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_described(description, expected):
    """Author, date and title come out of a description, or nothing does."""
    assert parsed(description) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018, March 7", "2018-03-07"),
        ("2018, Mar 7th", "2018-03-07"),
        ("March 7, 2018", "2018-03-07"),
        ("2018-03-07", "2018-03-07"),
        ("2018, February 31", "2018-02"),
        ("2018, Spring", "2018"),
        ("n.d.", ""),
        (", May 23", ""),
    ],
)
def test_dates(text, expected):
    """A date is as precise as it is printed, and no date is none."""
    assert printed_date(text) == expected


@given(st.text(alphabet="Ab (),.0123459MarchnRetiv", max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_description(text):
    """Any text is a description, of a known form or not."""
    author, date, title = parsed(text)
    assert author or (not date and not title)


def test_attack():
    """The makers of ATT&CK publish under its name; numbers and other names are claims with bare names."""
    mitre = {**VENDOR, "name": "The MITRE Corporation"}
    group = {
        **GROUP,
        "aliases": ["Grey Heron", "Ash Bird"],
        "modified": "2025-05-05T00:00:00Z",
        "external_references": [number("G9001"), reference("Ash Bird", "(Citation: A 2021)")],
    }
    tool = {
        **thing("tool", "Lockpick"),
        "x_mitre_aliases": ["Lockpick", "Pick/32"],
        "external_references": [number("S9002")],
    }
    found = READER.read(json.dumps({"type": "bundle", "objects": [group, mitre, tool]}).encode(), "f", {})
    assert [
        (seen.subject.key, seen.trait.kind, seen.printed, seen.object, seen.published, seen.note)
        for seen in sorted(found.observations, key=lambda seen: (seen.subject.key, seen.object))
    ] == [
        ("MITRE ATT&CK/Grey Heron", "name:same-referent", "Grey Heron", "Ash Bird", "2025-05-05", "(Citation: A 2021)"),
        ("MITRE ATT&CK/Grey Heron", "name:same-referent", "Grey Heron", "G9001", "2024-02-03", ""),
        ("MITRE ATT&CK/Lockpick", "name:same-referent", "Lockpick", "Pick/32", "2024-02-03", ""),
        ("MITRE ATT&CK/Lockpick", "name:same-referent", "Lockpick", "S9002", "2024-02-03", ""),
    ]


def test_later_attack():
    """Campaigns are subjects with their dates, attributed by claim; objects of unknown types are told once."""
    campaign = thing("campaign", "Long Night", first_seen="2020-01-01T00:00:00Z", last_seen="2020-06-01T00:00:00Z")
    found = read(
        campaign,
        GROUP,
        TECHNIQUE,
        thing("x-mitre-asset", "Pump"),
        thing("x-mitre-data-source", "Log"),
        relation(campaign, "uses", TECHNIQUE),
        relation(campaign, "attributed-to", GROUP, confidence=85),
    )
    claim, technique = sorted(
        (seen for seen in found.observations if seen.trait.kind != "active"), key=lambda seen: -len(seen.trait.kind)
    )
    assert (claim.trait.kind, claim.object, claim.confidence) == ("claim:same-operator", "Vendor A/Grey Heron", "85")
    assert (technique.first_seen, technique.last_seen) == ("2020-01-01", "2020-06-01")
    assert sorted(notice.split(":")[0] for notice in told(found)) == ["type", "type"]


def test_confidence_of_the_object():
    """A claim without a stated confidence has that of the object it is about; a trait has its own or none."""
    campaign = thing("campaign", "Long Night", confidence=60)
    found = read(
        campaign, GROUP, FAMILY, relation(campaign, "attributed-to", GROUP), relation(campaign, "uses", FAMILY)
    )
    assert {seen.trait.kind: seen.confidence for seen in found.observations} == {
        "claim:same-operator": "60",
        "malware": "",
    }


def test_gone_objects():
    """What was revoked is followed to what replaces it; deprecated and dangling references are counted, once a kind."""
    old = {**thing("attack-pattern", "Old", external_references=[number("T9009")]), "revoked": True}
    past = {**thing("intrusion-set", "Past Heron"), "revoked": True, "modified": "2025-01-01T00:00:00Z"}
    dull = {**thing("attack-pattern", "Dull"), "x_mitre_deprecated": True}
    absent = [thing("malware", f"Absent {place}") for place in range(5)]
    found = read(
        relation(past, "revoked-by", GROUP),
        relation(old, "revoked-by", TECHNIQUE),
        relation(past, "uses", old),
        old,
        past,
        GROUP,
        TECHNIQUE,
        dull,
        relation(GROUP, "uses", dull),
        *(relation(GROUP, "uses", each) for each in absent),
        {**relation(GROUP, "uses", TECHNIQUE), "revoked": True},
    )
    assert lines(found) == [
        ("Vendor A/Grey Heron", "attack-pattern", "T9001.002", ""),
        ("Vendor A/Grey Heron", "claim:merged", "revoked-by", "Vendor A/Past Heron"),
    ]
    assert [notice.split(" (")[0] for notice in told(found)] == [
        "attack-pattern: references to deprecated objects of type attack-pattern: 1",
        "malware: references to objects of type malware that the file does not hold: 5",
        "relationship: relationships that were revoked or deprecated: 1",
    ]


def test_loop_of_revocations():
    """Objects that replace each other in a circle are gone, and nothing hangs."""
    one, two = ({**thing("tool", name), "revoked": True} for name in ("One", "Two"))
    found = read(
        one,
        two,
        GROUP,
        relation(one, "revoked-by", two),
        relation(two, "revoked-by", one),
        relation(GROUP, "uses", one),
    )
    assert not found.observations
    assert "not replaced" in told(found)[0]


def test_one_name_for_two():
    """A family with the name of a group is told apart by its number, and what uses it still shows its name."""
    family = {**thing("malware", "GREY HERON"), "external_references": [number("S9001")]}
    twin = thing("malware", "Grey  heron")
    found = read(GROUP, family, twin, relation(GROUP, "uses", family), relation(family, "uses", TECHNIQUE), TECHNIQUE)
    assert ("Vendor A/Grey Heron", "malware", "GREY HERON", "") in lines(found)
    assert ("Vendor A/GREY HERON (S9001)", "attack-pattern", "T9001.002", "") in lines(found)
    assert len([notice for notice in told(found) if notice.startswith("name:")]) == 2


def test_names_of_those_gone():
    """A group that is gone keeps its name from a family, and passes it on to a campaign."""
    gone = {"x_mitre_deprecated": True}
    family = thing("malware", "Dusk", external_references=[number("S9003")])
    found = read({**thing("intrusion-set", "Dusk"), **gone}, family, relation(family, "uses", TECHNIQUE), TECHNIQUE)
    assert ("Vendor A/Dusk (S9003)", "attack-pattern", "T9001.002", "") in lines(found)
    campaign = thing("campaign", "Dusk")
    found = read({**thing("intrusion-set", "Dusk"), **gone}, campaign, relation(campaign, "uses", TECHNIQUE), TECHNIQUE)
    assert lines(found) == [("Vendor A/Dusk", "attack-pattern", "T9001.002", "")]


def test_own_bundles():
    """The objects that this program wrote give their names back to whom they belong."""
    mine = thing("intrusion-set", "GROUP/7", description="Vendor B/GROUP/7: the name belongs to Vendor B.")
    found = read(mine, FAMILY, relation(mine, "uses", FAMILY), relation(mine, "related-to", GROUP), GROUP)
    assert lines(found) == [("Vendor B/GROUP/7", "malware", "NightLamp", "")]


def test_targets_and_claims():
    """Victims are sectors, places or names; relations between subjects are claims or comparisons."""
    variant = thing("malware", "DayLamp", is_family=True)
    actor = thing("threat-actor", "Heron Crew")
    found = read(
        GROUP,
        FAMILY,
        variant,
        actor,
        bank := thing("identity", "Some Bank", sectors=["financial-services"]),
        miners := thing("identity", "miners", identity_class="class"),
        firm := thing("identity", "Firm", identity_class="organization"),
        place := thing("location", region="northern-europe"),
        hole := thing("vulnerability", "CVE-2024-0001"),
        *(relation(GROUP, "targets", each) for each in (bank, miners, firm, place)),
        relation(FAMILY, "exploits", hole),
        relation(variant, "variant-of", FAMILY),
        relation(GROUP, "attributed-to", actor),
        relation(FAMILY, "authored-by", GROUP),
        relation(actor, "duplicate-of", GROUP),
    )
    assert lines(found) == sorted(
        [
            ("Vendor A/DayLamp", "code:similar", "variant-of", "Vendor A/NightLamp"),
            ("Vendor A/Grey Heron", "claim:same-operator", "attributed-to", "Vendor A/Heron Crew"),
            ("Vendor A/Grey Heron", "region", "northern-europe", ""),
            ("Vendor A/Grey Heron", "sector", "financial-services", ""),
            ("Vendor A/Grey Heron", "sector", "miners", ""),
            ("Vendor A/Grey Heron", "victim", "Firm", ""),
            ("Vendor A/Heron Crew", "name:same-referent", "duplicate-of", "Vendor A/Grey Heron"),
            ("Vendor A/NightLamp", "claim:same-developer", "authored-by", "Vendor A/Grey Heron"),
            ("Vendor A/NightLamp", "vulnerability", "CVE-2024-0001", ""),
        ]
    )


SHA256 = "ab" * 32


@pytest.mark.parametrize(
    ("observable", "expected"),
    [
        ({"type": "domain-name", "value": "a.example"}, [("domain-name", "a.example")]),
        ({"type": "ipv6-addr", "value": "2001:db8::1"}, [("ipv6-addr", "2001:db8::1")]),
        (
            {"type": "file", "name": "x.exe", "hashes": {"SHA-256": SHA256, "SSDEEP": "3::"}},
            [("file:name", "x.exe"), ("file:sha256", SHA256)],
        ),
        ({"type": "mutex", "name": "Global\\q"}, [("mutex", "Global\\q")]),
        (
            {"type": "x509-certificate", "serial_number": "0a:1b", "hashes": {"SHA-1": "cd" * 20}},
            [("x509-certificate:serial", "0a:1b"), ("x509-certificate:sha1", "cd" * 20)],
        ),
        ({"type": "autonomous-system", "number": 64500}, [("autonomous-system", "64500")]),
        ({"type": "directory", "path": "C:\\x"}, [("file:path", "C:\\x")]),
        ({"type": "process", "pid": 1}, []),
    ],
)
def test_observables(observable, expected):
    """An observable at either end of a relation, or observed, is shown by the subject at the other."""
    item = {"id": f"{observable['type']}--00000000-0000-4000-8000-000000000001", **observable}
    forward = read(FAMILY, item, relation(FAMILY, "communicates-with", item))
    backward = read(FAMILY, item, relation(item, "related-to", FAMILY))
    dates = {"first_observed": "2024-01-01T00:00:00Z", "last_observed": "2024-01-02T00:00:00Z"}
    held = thing("observed-data", objects={"0": observable}, **dates)
    seen = read(FAMILY, held, thing("sighting", sighting_of_ref=FAMILY["id"], observed_data_refs=[held["id"]]))
    for found in (forward, backward, seen):
        assert sorted((each.trait.kind, each.printed) for each in found.observations) == expected
    assert {each.last_seen for each in seen.observations} <= {"2024-01-02"}


def test_endpoint():
    """Network traffic to an address and port is an endpoint."""
    host = {"type": "ipv4-addr", "id": "ipv4-addr--00000000-0000-4000-8000-000000000001", "value": "192.0.2.1"}
    flow = thing("network-traffic", dst_ref=host["id"], dst_port=8443)
    found = read(FAMILY, flow, host, relation(FAMILY, "communicates-with", flow))
    assert lines(found) == [("Vendor A/NightLamp", "endpoint", "192.0.2.1:8443", "")]


@pytest.mark.parametrize(
    ("pattern", "expected", "missed"),
    [
        ("[domain-name:value = 'a.example']", [("domain-name", "a.example")], 0),
        ("[file:hashes.'SHA-256' = 'aa' AND file:hashes.MD5='bb']", [("file:sha256", "aa"), ("file:md5", "bb")], 0),
        (
            "[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')] FOLLOWED BY [mutex:name = 'it\\'s']",
            [("ipv4-addr", "192.0.2.1"), ("ipv4-addr", "192.0.2.2"), ("mutex", "it's")],
            0,
        ),
        (
            "[url:value = 'https://a.example/?x=1' OR domain-name:value != 'b.example']",
            [("url", "https://a.example/?x=1")],
            1,
        ),
        ("[ipv4-addr:value NOT = '192.0.2.1']", [], 1),
        ("[process:command_line LIKE '%x%']", [], 1),
        ("nothing at all '", [], 0),
    ],
)
def test_patterns(pattern, expected, missed):
    """The equalities of a pattern are read, and what is no equality is counted."""
    assert comparisons(pattern) == (tuple(expected), missed)


@given(st.text(alphabet="[]()'\\ =!a-z:.vINOT", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_pattern(text):
    """Any text is a pattern, understood or not."""
    found, missed = comparisons(text)
    assert missed >= 0 and len(set(found)) == len(found)


def test_indicators():
    """What an indicator compares is shown by whom it indicates; others are counted."""
    good = thing("indicator", pattern="[domain-name:value = 'a.example']", pattern_type="stix")
    odd = thing("indicator", pattern="rule x {}", pattern_type="yara")
    loose = thing("indicator", pattern="[mutex:name = 'q']")
    found = read(GROUP, good, odd, loose, relation(good, "indicates", GROUP), relation(odd, "indicates", GROUP))
    assert lines(found) == [("Vendor A/Grey Heron", "domain-name", "a.example", "")]
    assert [notice.split(":")[0] for notice in told(found)] == ["indicator", "pattern", "relationship"]


AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def test_markings():
    """The strictest label of all that a statement rests on holds: of either version, inherited, or of a part."""
    own = thing("marking-definition", definition_type="tlp", definition={"tlp": "green"})
    said = thing("marking-definition", definition_type="statement", definition={"statement": "ours"})
    green = {"object_marking_refs": [own["id"], said["id"]]}
    uses = relation(GROUP, "uses", FAMILY)

    def label(*objects):
        (seen,) = read(own, said, *objects).observations
        return seen.tlp

    assert label(GROUP, FAMILY, uses) == ""
    assert label(GROUP, FAMILY, {**uses, **green}) == "green"
    assert (
        label(
            {**GROUP, "object_marking_refs": [AMBER]},
            FAMILY,
            {**uses, **green},
        )
        == "amber"
    )
    report = thing("report", "R", object_refs=[uses["id"]], published=WHEN, object_marking_refs=[RED])
    assert label(GROUP, FAMILY, uses, report) == "red"
    part = {"granular_markings": [{"marking_ref": RED, "selectors": ["description"]}]}
    assert label(GROUP, {**FAMILY, **part}, uses) == "red"
    (seen,) = read(GROUP, FAMILY, uses, defaults={"tlp": "amber+strict"}).observations
    assert seen.tlp == "amber+strict"


def test_markings_of_what_holds_and_is_held():
    """A report holds of what its groupings hold, and observed data is under the labels of what it shows."""
    uses = relation(GROUP, "uses", FAMILY)
    inner = thing("grouping", object_refs=[uses["id"]], context="unspecified")
    outer = thing("report", "R", object_refs=[inner["id"]], published=WHEN, object_marking_refs=[RED])
    round = {**inner, "object_refs": [uses["id"], outer["id"]]}
    assert [seen.tlp for seen in read(GROUP, FAMILY, uses, inner, outer).observations] == ["red"]
    assert [seen.tlp for seen in read(GROUP, FAMILY, uses, round, outer).observations] == ["red"]
    shown = {"type": "mutex", "id": "mutex--1", "name": "m", "object_marking_refs": [RED]}
    data = thing("observed-data", first_observed=WHEN, last_observed=WHEN, number_observed=1, object_refs=[shown["id"]])
    found = read(GROUP, shown, data, relation(GROUP, "related-to", data)).observations
    assert [(seen.trait.kind, seen.tlp) for seen in found] == [("mutex", "red")]


def test_report_is_the_source():
    """What cites nothing was said in the report that holds it."""
    uses = relation(GROUP, "uses", FAMILY)
    report = thing(
        "report",
        "The report",
        published="2023-12-11T00:00:00Z",
        object_refs=[uses["id"]],
        external_references=[reference("Vendor A", url="https://a.example/r")],
    )
    (seen,) = read(GROUP, FAMILY, uses, report).observations
    assert (seen.source.title, seen.source.url, seen.published) == ("The report", "https://a.example/r", "2023-12-11")


def test_unknown_maker():
    """Where nobody is known to have made the objects, the user says whose names they are, and is told so once."""
    uses = relation(GROUP, "uses", FAMILY)
    raw = json.dumps({"type": "bundle", "objects": [GROUP, FAMILY, uses]}).encode()
    found = READER.read(raw, "f", {})
    assert (len(found.observations), len(found.refusals)) == (0, 1)
    assert "--publisher" in found.refusals[0].todo
    assert lines(READER.read(raw, "f", {"publisher": "P"})) == [("P/Grey Heron", "malware", "NightLamp", "")]
    assert lines(read(GROUP, FAMILY, uses, defaults={"publisher": "P"}))[0][0] == "Vendor A/Grey Heron"


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"type": "tool", "name": "x"}, "/objects/1/id"),
        ({"type": "tool", "id": "malware--1", "name": "x"}, "/objects/1/id malware--1"),
        ({"id": "tool--1", "name": "x"}, "/objects/1/type tool--1"),
        ({"type": "tool", "id": "tool--1", "name": ["x"]}, "/objects/1/name tool--1"),
        ({"type": "tool", "id": "tool--1", "name": " "}, "/objects/1/name tool--1"),
        ({"type": "tool", "id": "tool--1", "name": "x", "aliases": [1]}, "/objects/1/aliases/0 tool--1"),
        (
            {"type": "relationship", "id": "relationship--1", "source_ref": "a--1", "target_ref": "b--1"},
            "/objects/1 relationship--1",
        ),
        (["x"], "/objects/1"),
        ("x", "/objects/1"),
    ],
)
def test_broken_objects(broken, place):
    """An object that does not fit is refused with its place, id and remedy, and the others are read."""
    found = read(broken, GROUP, FAMILY, relation(GROUP, "uses", FAMILY))
    assert len(found.observations) == 1
    (refusal,) = found.refusals
    assert (refusal.field, refusal.line) == (place, 0)
    assert refusal.what and refusal.todo


def test_nulls_are_left_out():
    """A member that is null, which STIX does not know, is taken as left out."""
    found = read(
        GROUP,
        {**FAMILY, "description": None, "external_references": [None]},
        relation(GROUP, "uses", FAMILY, confidence=None),
    )
    assert (len(found.observations), found.refusals) == (1, ())


def test_strict_json():
    """A key that stands twice, and numbers that are none, are refused object by object."""
    with pytest.raises(Rejected, match="twice"):
        object_from(b'{"type":"tool","id":"tool--1","name":"a","name":"b"}')
    with pytest.raises(Rejected, match="deeper"):
        object_from(b'{"type":"tool","id":"tool--1","name":"a","x":' + b"[" * 40 + b"]" * 40 + b"}")
    good = json.dumps([VENDOR, GROUP, FAMILY, relation(GROUP, "uses", FAMILY)])[:-1]
    found = READER.read(
        ('{"type":"bundle","objects":' + good + ',{"type":"tool","id":"tool--1","x":NaN}]}').encode(), "f", {}
    )
    assert (len(found.observations), len(found.refusals)) == (1, 1)


def test_broken_off():
    """Of a bundle that breaks off the objects before the break are read."""
    raw = json.dumps(
        {"type": "bundle", "objects": [VENDOR, GROUP, FAMILY, relation(GROUP, "uses", FAMILY), TECHNIQUE]}
    ).encode()
    packed = gzip.compress(raw, mtime=0)
    for cut in (raw[:-30], packed[:-12]):
        found = READER.read(cut, "f", {})
        assert len(found.observations) == 1
        assert [refusal.todo for refusal in found.refusals] == [
            "what stands before it was read; get the file again for the rest"
        ]
    assert len(READER.read(b'{"type":"bundle","objects":"', "f", {}).refusals) == 1
    assert len(READER.read(b'{"type":"bundle","objects":' + b"[" * 10_000, "f", {}).refusals) == 1


def test_versions_of_an_object():
    """Of several versions of an object the latest is read, in any order."""
    later = {**GROUP, "name": "Late Heron", "modified": "2025-01-01T00:00:00Z"}
    uses = relation(GROUP, "uses", FAMILY)
    for objects in ((GROUP, later, FAMILY, uses), (uses, later, FAMILY, GROUP)):
        assert lines(read(*objects)) == [("Vendor A/Late Heron", "malware", "NightLamp", "")]


WORLD = [
    GROUP,
    FAMILY,
    TECHNIQUE,
    thing("malware", "grey heron"),
    {**thing("tool", "Gone"), "revoked": True},
    relation(GROUP, "uses", FAMILY, external_references=[reference("A", "Adams. (2021). T. Retrieved May 1, 2022.")]),
    relation(FAMILY, "uses", TECHNIQUE, external_references=[reference("A", "Adams. (2021)."), reference("B")]),
    relation(GROUP, "uses", thing("tool", "Absent")),
    relation(FAMILY, "related-to", {"id": "url--1"}),
    {"type": "url", "id": "url--1", "value": "hxxp://a[.]example/x"},
    {**GROUP, "aliases": ["Ash"]},
]


@given(st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_of_objects(shuffled: random.Random):
    """The order of the objects in a bundle changes neither observations nor notices."""
    objects = [VENDOR, *WORLD]
    straight = READER.read(json.dumps({"type": "bundle", "objects": objects}).encode(), "f", {})
    shuffled.shuffle(objects)
    other = READER.read(json.dumps({"type": "bundle", "objects": objects}).encode(), "f", {})
    assert straight.observations == other.observations
    assert straight.notices == other.notices
    assert len(straight.observations) == 5


def test_progress():
    """Word on the way rises to no more than the whole."""
    calls = []
    raw = json.dumps(
        {"type": "bundle", "objects": [VENDOR, *WORLD, *(thing("tool", f"T{n}", aliases=["x"]) for n in range(3000))]}
    ).encode()
    READER.read(raw, "f", {}, lambda done, total: calls.append((done, total)))
    assert calls == sorted(calls) and len(calls) > 3
    assert all(done <= total == len(raw) for done, total in calls)


jsons = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([WHEN, GROUP["id"], "url--1", "T1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
HELD = thing("observed-data", objects={"0": {"type": "file", "hashes": {"MD5": "ab" * 16}}}, object_refs=["url--1"])
FULL = [
    *WORLD,
    HELD,
    thing("sighting", sighting_of_ref=FAMILY["id"], observed_data_refs=[HELD["id"]]),
    thing("indicator", pattern="[mutex:name = 'q']", pattern_type="stix"),
    thing("report", "R", object_refs=[FAMILY["id"]], published=WHEN),
    thing("marking-definition", definition_type="tlp", definition={"tlp": "red"}, extensions={}),
]


@given(st.lists(st.tuples(st.integers(0, len(FULL) - 1), st.integers(0, 30), jsons), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_anything_in_any_field(changes):
    """Whatever stands in the fields of objects, objects are read or refused, and nothing else happens."""
    objects = [dict(each) for each in FULL]
    for place, key, value in changes:
        keys = sorted(objects[place])
        objects[place][keys[key % len(keys)]] = value
    found = read(*objects)
    assert all(refusal.what and refusal.todo for refusal in found.refusals)
    assert all(seen.subject.name for seen in found.observations)


@given(st.integers(0, 4_000), st.binary(max_size=6))
@example(118, b'"')
@settings(max_examples=200, deadline=None)
def test_any_damage(place, rubbish):
    """A bundle damaged anywhere is read as far as it goes, or refused."""
    raw = json.dumps({"type": "bundle", "objects": [VENDOR, *FULL]}).encode()
    found = READER.read(raw[:place] + rubbish + raw[place + len(rubbish) :], "f", {})
    assert all(refusal.what and refusal.todo for refusal in found.refusals)
