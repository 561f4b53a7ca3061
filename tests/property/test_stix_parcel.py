"""What must hold of bundles of many statements, whatever the statements are."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consilience.model.marking import COLOURS
from consilience.model.parcel import Parcel
from consilience.read import observation_from_line
from consilience.read.fields import KEY_ROLES
from consilience.read.stix import StixBundle
from consilience.share import convert
from consilience.vocab import vocabulary
from consilience.vocab.stix import stix_tables

KINDS = [*sorted(vocabulary().kinds), "claim:same-operator", "claim:distinct", "name:same-referent", "x:own"]
PRINTED = (
    "Example[.]com",
    "hxxps://a[.]example/x?y=1",
    "192.0.2.7",
    "2001:db8::1",
    "a.example:8443",
    "[2001:db8::1]:443",
    "T1059.001",
    "CVE-2021-40449",
    "AS64500",
    "Telecommunications",
    "Western Europe",
    "a@b.example",
    "0" * 32,
    "a" * 40,
    "b" * 64,
    "C:\\Temp\\x.exe",
    "withheld",
    "\u00fcber \U0001f98a <b>",
)
names = st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=12)
publishers = st.sampled_from(["P", "Q & R"]) | names.filter(lambda name: "/" not in name)
dates = st.sampled_from(["2023", "2023-04", "2023-04-05", "1999-12-31", "2023-08-09T18:24:18Z"]) | st.dates().map(str)
records = st.fixed_dictionaries(
    {
        "publisher": publishers,
        "subject": st.sampled_from(["Heron", "heron", "a/b"]) | names,
        "kind": st.sampled_from(KINDS),
        "value": st.sampled_from(PRINTED) | names,
    },
    optional={
        "object": st.sampled_from(["P/Heron", "Q & R/Stork", "Stork", "/", "a/"]) | names,
        "subject_type": st.sampled_from(["intrusion-set", "campaign", "malware", "tool", "sample", "infrastructure"]),
        "polarity": st.sampled_from(["present", "absent"]),
        "first_seen": dates,
        "last_seen": dates,
        "published": dates,
        "public_since": dates,
        "embargo": dates,
        "role": names,
        "key_role": st.sampled_from(KEY_ROLES),
        "exclusive": st.booleans(),
        "source_hidden": st.booleans(),
        "match_only": st.booleans(),
        "scope": names,
        "recipients": names,
        "confidence": st.sampled_from(["high", "085", "85", "0", "999"]) | st.integers(0, 100),
        "note": names,
        "tlp": st.sampled_from(COLOURS),
        "pap": st.sampled_from(["green", "red"]),
        "withheld_id": names,
        "where": names,
        "source": st.fixed_dictionaries(
            {},
            optional={
                "title": names,
                "url": names,
                "publisher": names | st.sampled_from(["cve", "capec"]),
                "reliability": st.sampled_from("ABCDEF"),
                "credibility": st.integers(1, 6),
                "id": names | st.just("CVE-2021-40449"),
                "derived_from": names,
            },
        ),
    },
)


def parcel_of(lines):
    """The parcel of the lines that are statements."""
    found = [observation_from_line(line, "f", 1, {}) for line in lines]
    kept = {seen.id: seen for seen in found if not isinstance(seen, list)}
    return Parcel(observations=tuple(kept[id] for id in sorted(kept)))


def read(raw):
    return StixBundle().read(raw, "b.json", {})


slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
drawing = given(lines=st.lists(records, max_size=8))


@settings(max_examples=150, deadline=None, suppress_health_check=slow)
@drawing
def test_what_is_written_is_read_back(lines):
    """Every statement comes back equal under its id, and nothing else does, under the markings of either TLP."""
    parcel = parcel_of(lines)
    for form in ("stix", "stix-tlp1"):
        made = convert(parcel, form)
        found = read(made.content)
        assert found.refusals == ()
        assert {seen.id: seen for seen in found.observations} == {seen.id: seen for seen in parcel.observations}
        assert made.losses == ()


@settings(max_examples=150, deadline=None, suppress_health_check=slow)
@drawing
def test_every_bundle_is_whole_and_marked(lines):
    """In both profiles no reference leads out, no id stands twice, every object is marked, and strict stays strict."""
    parcel = parcel_of(lines)
    for form in ("stix", "stix-plain", "stix-plain-tlp1"):
        made = convert(parcel, form)
        assert made.content == convert(parcel, form).content
        objects = json.loads(made.content)["objects"]
        ids = {item["id"] for item in objects}
        assert len(ids) == len(objects)
        for item in objects:
            refs = {value for name, value in item.items() if name.endswith("_ref")}
            refs |= {one for name, value in item.items() if name.endswith("_refs") for one in value}
            assert refs <= ids
            assert item["type"] == "marking-definition" or len(item["object_marking_refs"]) == 1
        assert len([item for item in objects if item["type"] in ("relationship", "note")]) == len(parcel.observations)
        strict = stix_tables().tlp["amber+strict"] in ids
        assert strict or not [seen for seen in parcel.observations if seen.tlp in ("", "amber+strict")]


@settings(max_examples=150, deadline=None, suppress_health_check=slow)
@given(line=records)
def test_plain_says_what_it_loses(line):
    """What plain STIX does not bring back of a statement is in its losses, counted once, with the statement's id."""
    parcel = parcel_of([line])
    for seen in parcel.observations:
        made = convert(parcel, "stix-plain")
        lost = {loss.what for loss in made.losses}
        assert all(loss.count == 1 and loss.examples == (seen.id,) and loss.remedy for loss in made.losses)
        assert ("absence" in lost) == (not seen.present)
        assert ("withheld values" in lost) == seen.withheld
        back = [each for each in read(made.content).observations if each.trait == seen.trait]
        assert back or lost & {"absence", "withheld values", "kinds", "kinds of claims"}
        if not seen.present or seen.withheld:
            assert not back
        for each in back:
            assert each.subject.key == seen.subject.key
            assert each.tlp == (seen.tlp or "amber+strict")
            assert each.printed == seen.printed or "spelling" in lost
            assert each.confidence == seen.confidence or "confidence in words" in lost
            assert each.where == seen.where or "where" in lost or not seen.where
            undated = any(day and not "1971" < day < "2099" for day in (seen.first_seen, seen.last_seen))
            if not undated and not lost & {"precision of dates", "dates of showing"}:
                assert each.showing() == seen.showing()
