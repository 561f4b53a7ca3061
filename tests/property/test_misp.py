"""What must hold of MISP in and out for any statements at all."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consilience.model.marking import COLOURS, PAPS, strictest
from consilience.model.observation import Observation
from consilience.model.parcel import Parcel
from consilience.read import observation_from_line
from consilience.read.misp import MispEvents
from consilience.share import convert
from consilience.vocab import vocabulary

VALUES = {
    "domain-name": "shared.example",
    "ipv4-addr": "192.0.2.7",
    "ipv6-addr": "2001:db8::7",
    "endpoint": "[2001:db8::7]:443",
    "url": "hxxp://a[.]example/q?x=1",
    "resolved": "a.example 192.0.2.7",
    "file:md5": "0" * 31 + "a",
    "file:sha256": "0" * 63 + "b",
    "x509-certificate:sha1": "0" * 39 + "c",
    "x509-certificate:serial": "0a:bc",
    "attack-pattern": "Phishing - T1566",
    "email-addr": "who@a.example",
}
KINDS = sorted({*VALUES, *vocabulary().kinds, "misp:ssdeep", "of-nobody"})

names = st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=12)
dates = st.sampled_from(["1969-05", "2023", "2023-02", "2023-08-09"])


@st.composite
def statements(draw):
    """A statement as a line gives it; some lines are no statement and are left out."""
    kind = draw(st.sampled_from(KINDS))
    optional = {
        "polarity": st.sampled_from(["present", "absent"]),
        "first_seen": dates,
        "published": dates,
        "public_since": dates,
        "object": names,
        "role": names,
        "key_role": st.just("per-build"),
        "exclusive": st.booleans(),
        "scope": names,
        "confidence": names,
        "note": names,
        "tlp": st.sampled_from(COLOURS),
        "pap": st.sampled_from(PAPS[1:]),
        "embargo": dates,
        "recipients": names,
        "source_hidden": st.booleans(),
        "match_only": st.booleans(),
        "where": names,
        "source": st.fixed_dictionaries({"publisher": names, "title": names, "reliability": st.sampled_from("ABF")}),
    }
    record = draw(
        st.fixed_dictionaries(
            {
                "publisher": st.sampled_from(["Alpha", "Beta"]),
                "subject": st.sampled_from(["Heron", 'Crow "q"', "a/b"]) | names,
                "subject_type": st.sampled_from(["intrusion-set", "malware", "sample", "infrastructure"]),
                "kind": st.just(kind),
                "value": st.sampled_from([VALUES.get(kind, "value"), "withheld"]) | names,
            },
            optional=optional,
        )
    )
    return observation_from_line({"object": "Beta/Crow", **record} if kind == "cohabitation" else record, "f", 1, {})


@st.composite
def parcels(draw):
    """Some statements in the order of their ids."""
    drawn = [seen for seen in draw(st.lists(statements(), max_size=6)) if isinstance(seen, Observation)]
    held = {seen.id: seen for seen in drawn}
    return Parcel(observations=tuple(held[id] for id in sorted(held)), as_of=draw(st.sampled_from(["", "2024-01"])))


def parts(event):
    """Every attribute of an event, those of its objects too."""
    return [*event["Attribute"], *(each for composed in event["Object"] for each in composed["Attribute"])]


@given(parcel=parcels())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_reads_back(parcel):
    """Reading an exported parcel gives the statements of the parcel, each equal and under its own id."""
    made = convert(parcel, "misp")
    assert made.content == convert(parcel, "misp").content
    reading = MispEvents().read(made.content, "f.json", {})
    assert reading.refusals == ()
    found = {seen.id: seen for seen in reading.observations}
    assert found == {seen.id: seen for seen in parcel.observations}
    assert len(reading.observations) == len(parcel.observations)


@given(parcel=parcels())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_part_carries_the_marking(parcel):
    """No part of an event is under a freer label than the statements that it shows, nor the event than its parts."""
    content = json.loads(convert(parcel, "misp").content)
    colours = {seen.id: strictest([seen.tlp]) for seen in parcel.observations}
    told = []
    for row in content["response"]:
        event = row["Event"]
        (own,) = [tag["name"] for tag in event["Tag"] if tag["name"].startswith("tlp:")]
        for part in parts(event):
            assert [tag["name"] for tag in part["Tag"] if tag["name"].startswith("tlp:")] == [own]
            if part.get("object_relation") == "record":
                told.append(own)
    assert sorted(told) == sorted(f"tlp:{colour}" for colour in colours.values())


@given(parcel=parcels(), colour=st.sampled_from(COLOURS))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_label_added_on_the_way_only_tightens(parcel, colour):
    """Whoever labels our event more strictly is obeyed; a freer label frees nothing."""
    content = json.loads(convert(parcel, "misp").content)
    for row in content["response"]:
        row["Event"]["Tag"].append({"name": f"TLP:{colour.upper()}"})
    found = MispEvents().read(json.dumps(content).encode(), "f.json", {}).observations
    had = sorted(strictest([seen.tlp]) for seen in parcel.observations)
    assert sorted(strictest([seen.tlp]) for seen in found) == sorted(strictest([each, colour]) for each in had)


jsons = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["domain", "a.example", "1", "tlp:red", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Attribute", "Object", "Tag", "Galaxy", "type", "value", "name", "info", "uuid", "Orgc"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(event=st.dictionaries(st.sampled_from(["info", "Attribute", "Object", "Tag", "Galaxy", "Orgc"]), jsons))
@settings(max_examples=400, deadline=None)
def test_any_event(event):
    """Whatever an event holds, reading it gives statements and refusals that say what to do."""
    reading = MispEvents().read(json.dumps({"Event": event}).encode(), "f.json", {"publisher": "P"})
    assert all(each.what and each.todo for each in reading.refusals)


@given(cut=st.integers(0, 2000))
@settings(max_examples=100, deadline=None)
def test_a_broken_file_keeps_the_events_before_the_break(cut):
    """A response that breaks off gives the whole events before the break, and one refusal for the rest."""
    event = {"Event": {"info": "I", "Orgc": {"name": "O"}, "Attribute": [{"type": "domain", "value": "a.example"}]}}
    raw = json.dumps({"response": [event] * 12}).encode()
    reading = MispEvents().read(raw[:cut], "f.json", {})
    whole = raw[:cut].count(b'"a.example"}]}}')
    assert len(reading.observations) == whole
    assert len(reading.refusals) == (0 if cut >= len(raw) else 1)
