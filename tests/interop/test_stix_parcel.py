"""Bundles of many statements, read by the library and the validator of OASIS, in both profiles."""

import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from consilience.case import Case, demo_paths
from consilience.keep import MemoryKeeper
from consilience.model.marking import COLOURS
from consilience.model.observation import Polarity
from consilience.model.parcel import Parcel
from consilience.model.subject import SUBJECT_TYPES
from consilience.read import observation_from_line
from consilience.share import PARCEL_WRITERS, convert
from consilience.share.stix_parcel.losses import WHY
from consilience.share.stix_parcel.writer import SCHEMA
from consilience.vocab import vocabulary
from consilience.vocab.stix import stix_tables

stix2 = pytest.importorskip("stix2", reason="the interop group is not installed")
validator = pytest.importorskip("stix2validator", reason="the interop group is not installed")
jsonschema = pytest.importorskip("jsonschema", reason="the interop group is not installed")

EXTENSION = stix_tables().own["statement"]
OBSERVABLES = stix_tables().observables
FORMS = [writer.name for writer in PARCEL_WRITERS if writer.name.startswith("stix")]
VALUES = (
    "a.example",
    "192.0.2.7",
    "2001:db8::1",
    "a.example:8443",
    "[2001:db8::1]:443",
    "hxxps://a[.]example/x?y=%20z",
    "T1059.001",
    "CVE-2021-40449",
    "AS64500",
    "Telecommunications",
    "Western Europe",
    "a@b.example",
    "0" * 32,
    "a" * 40,
    "b" * 64,
    "c" * 70,
    "d" * 62,
    "00:ab",
    "C:\\Temp\\x.exe",
    "NightLamp",
    "withheld",
)
DATES = (("2023", ""), ("2023-04", "2023-04"), ("2023-04-05", "2023-04-05"), ("", "2024-02"), ("", ""))


@cache
def of_all_kinds():
    """A parcel with every kind, type of subject, colour, polarity and precision of dates, and an unknown kind."""
    kept, counts = {}, Counter()
    kinds = [*vocabulary().kinds, *vocabulary().claims, "x:own"]
    for place, (kind, value) in enumerate((kind, value) for kind in kinds for value in VALUES):
        if counts[kind] > 3 and place % 7 and kind not in OBSERVABLES:
            continue
        first, last = DATES[place % len(DATES)]
        compares = kind in vocabulary().claims or getattr(vocabulary().kinds.get(kind), "needs_object", False)
        others = ("House 1/Stork \u00fc", "Stork", f"House {place % 3}/Heron {(place + 1) % 7}")
        line = {
            "publisher": f"House {place % 3}",
            "subject": f"Heron {place % 7}",
            "subject_type": SUBJECT_TYPES[place % len(SUBJECT_TYPES)],
            "kind": kind,
            "value": value,
            "object": others[place % 3] if compares or place % 4 == 0 else "",
            "polarity": "absent" if place % 11 == 0 else "present",
            "first_seen": first,
            "last_seen": last,
            "published": ("2024-05-06", "2024", "")[place % 3],
            "confidence": ("high", 85, "")[place % 3],
            "tlp": ("", *COLOURS)[place % 6],
            "where": "p. 1" if place % 2 else "",
            "source": {
                "title": f"T {place % 5}",
                "url": "https://a.example/t",
                "id": ("", "CVE-2021-40449")[place % 2],
            },
        }
        found = observation_from_line(line, "f", 1, {})
        if not isinstance(found, list):
            kept[found.id] = found
            counts[kind] += 1
    assert {seen.trait.kind for seen in kept.values()} == set(kinds)
    return Parcel(observations=tuple(kept[id] for id in sorted(kept)))


@cache
def demo():
    """All that the case of the demo knows, under a marking that lets it out."""
    case = Case(MemoryKeeper())
    for path in demo_paths():
        case.read([path])
    told = [replace(seen, tlp="clear", id="") for seen in case.snapshot().observations]
    return Parcel(observations=tuple(sorted(told, key=lambda seen: seen.id)))


PARCELS = {"demo": demo, "all kinds": of_all_kinds, "empty": lambda: Parcel(observations=())}


def objects(parcel, form):
    return json.loads(convert(parcel, form).content)["objects"]


def accepted(raw):
    options = validator.ValidationOptions(strict=True, disabled=["103"], version="2.1")
    found = validator.validate_string(raw, options)
    return found.is_valid, [str(error) for error in getattr(found, "errors", [])]


@pytest.mark.parametrize(
    ("name", "form"),
    [*(("all kinds", form) for form in FORMS), *((name, form) for name in ("demo", "empty") for form in FORMS[:2])],
)
def test_the_library_and_the_validator_take_a_parcel(name, form):
    """stix2 parses the bundle without custom content, and the validator accepts it strictly."""
    raw = convert(PARCELS[name](), form).content.decode()
    assert len(stix2.parse(raw).objects) >= len(PARCELS[name]().observations)
    assert accepted(raw) == (True, [])


@pytest.mark.parametrize("form", FORMS)
def test_a_parcel_with_an_assessment_is_taken(assessment, form):
    """What tells an assessment stands beside the statements, also where a hostile name is in it."""
    parcel = Parcel(observations=tuple(assessment.observations.values()), assessments=(assessment,))
    made = convert(parcel, form)
    assert stix2.parse(made.content.decode())
    assert accepted(made.content.decode()) == (True, [])
    found = objects(parcel, form)
    assert [item["relationship_type"] for item in found if item["type"] == "relationship"].count("related-to") >= 1
    assert any(item["type"] == "report" for item in found)
    assert len({item["id"] for item in found}) == len(found)
    assert ("assessments" in {loss.what for loss in made.losses}) == ("plain" in form)
    extended = [item for item in found if item["type"] != "marking-definition" and "extensions" in item]
    assert bool(extended) == ("plain" not in form)


def test_ids_of_observables_are_those_of_the_library():
    """Every observable has the id that the library of OASIS gives to it, and some of every type are there."""
    seen = set()
    shown = [replace(each, polarity=Polarity.PRESENT, id="") for each in of_all_kinds().observations]
    for item in objects(Parcel(observations=tuple(shown)), "stix"):
        if "created" in item:
            continue
        seen.add(item["type"])
        bare = {name: value for name, value in item.items() if name not in ("id", "object_marking_refs")}
        assert stix2.parse(bare, version="2.1")["id"] == item["id"], item
    assert seen == set(OBSERVABLES) - {"network-traffic"}


@pytest.mark.parametrize("name", ["demo", "all kinds"])
def test_extensions_are_as_the_schema_has_them(name):
    """Every extension fits the schema that is shipped, which names every field of a statement."""
    schema = json.loads(files("consilience.share").joinpath("schemas").joinpath(SCHEMA).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    found = [
        item["extensions"][EXTENSION]
        for item in objects(PARCELS[name](), "stix")
        if "extensions" in item and EXTENSION in item["extensions"]
    ]
    assert sum("statement" in each for each in found) == len(PARCELS[name]().observations)
    for each in found:
        check.validate(each)
    assert not check.is_valid({"extension_type": "property-extension"})
    assert not check.is_valid({**found[0], "more": 1})


def test_plain_has_no_extension_but_that_of_the_markings():
    """The plain profile holds nothing that is ours alone."""
    told = [item for item in objects(of_all_kinds(), "stix-plain") if item["type"] != "marking-definition"]
    assert not [item for item in told if "extensions" in item or item["type"] == "extension-definition"]


def test_old_markings_are_those_of_the_library():
    """TLP 1.x is as the library has it; amber+strict, which it has not, stays that of TLP 2.0."""
    found = {item["id"]: item for item in objects(of_all_kinds(), "stix-tlp1") if item["type"] == "marking-definition"}
    for colour, known in zip(
        stix_tables().tlp1, (stix2.TLP_WHITE, stix2.TLP_GREEN, stix2.TLP_AMBER, stix2.TLP_RED), strict=True
    ):
        theirs = json.loads(known.serialize())
        ours = found.pop(stix_tables().tlp1[colour])
        assert {name: ours[name] for name in theirs} == theirs
    (strict,) = found.values()
    assert strict["name"] == "TLP:AMBER+STRICT"


def test_every_loss_is_met_and_documented():
    """Every loss that plain STIX can have is met by the parcel of all kinds or by what only our own house tells."""
    handled = {"pap": "red", "public_since": "2024", "role": "r", "withheld_id": "w"}
    rows = [replace(seen, **handled, id="") for seen in of_all_kinds().observations[:50]]
    assert "kinds" in {loss.what for loss in convert(of_all_kinds(), "stix-plain").losses}
    rows = [
        replace(seen, source=replace(seen.source, reliability="B", derived_from="x"), id="") for seen in rows
    ] + list(of_all_kinds().observations)
    made = convert(Parcel(observations=tuple(sorted(rows, key=lambda seen: seen.id))), "stix-plain")
    assert {loss.what for loss in made.losses} == WHY.keys()
    page = (Path(__file__).parents[2] / "docs" / "reference" / "stix.md").read_text("utf-8")
    assert [what for what in WHY if not re.search(rf"^\| {re.escape(what)} \|", page, re.MULTILINE)] == []
