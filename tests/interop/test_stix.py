"""The STIX bundle, read by the library and the validator of OASIS."""

import json
from dataclasses import replace
from importlib.resources import files

import pytest

from consilience.model.partner import Disclosure
from consilience.model.subject import Subject
from consilience.release.withdrawal import withdrawals
from consilience.share import write
from consilience.share.stix import SCHEMA
from consilience.vocab.stix import stix_tables

stix2 = pytest.importorskip("stix2", reason="the interop group is not installed")
validator = pytest.importorskip("stix2validator", reason="the interop group is not installed")


def objects(assessment):
    return json.loads(write(assessment, "stix"))["objects"]


def retyped(assessment, kind):
    """The assessment with all subjects of one type."""
    rows = [
        replace(row, subject=Subject(row.subject.publisher, row.subject.name, kind), id="")
        for row in assessment.observations.values()
    ]
    return replace(assessment, observations={row.id: row for row in rows})


@pytest.mark.parametrize("kind", ["intrusion-set", "campaign", "malware", "tool", "sample", "infrastructure"])
@pytest.mark.parametrize("as_of", ["2023-12-11", "2023", ""])
def test_the_library_and_the_validator_take_it(build, kind, as_of):
    """stix2 parses the bundle without custom content, and the validator accepts it strictly."""
    raw = write(retyped(build(as_of=as_of), kind), "stix").decode()
    parsed = stix2.parse(raw)
    assert len(parsed.objects) == 8
    options = validator.ValidationOptions(strict=True, disabled=["103"], version="2.1")
    found = validator.validate_string(raw, options)
    assert found.is_valid, [str(error) for error in found.errors]


def test_every_object_carries_the_marking(assessment):
    """Every object but the marking itself carries the strictest marking, which the bundle holds."""
    found = objects(assessment)
    ids = {item["id"] for item in found}
    for item in found:
        if item["type"] != "marking-definition":
            assert item["object_marking_refs"] == [stix_tables().tlp["amber"]]
    assert stix_tables().tlp["amber"] in ids


def test_every_reference_is_in_the_bundle(assessment):
    """No object points out of the bundle."""
    found = objects(assessment)
    ids = {item["id"] for item in found}
    assert len(ids) == len(found)
    for item in found:
        pointed = [value for name, value in item.items() if name.endswith("_ref")]
        pointed += [one for name, value in item.items() if name.endswith("_refs") for one in value]
        assert set(pointed) <= ids


def test_the_extension_holds_the_positions(assessment):
    """The relationship's extension has every axis and evidence item and only fields that its schema names."""
    relation = next(item for item in objects(assessment) if item["type"] == "relationship")
    (extension,) = relation["extensions"].values()
    schema = json.loads(files("consilience.share").joinpath("schemas").joinpath(SCHEMA).read_text("utf-8"))
    assert set(schema["required"]) <= extension.keys() <= schema["properties"].keys()
    assert extension["axes"].keys() == assessment.relation.axes.keys()
    assert [row["id"] for row in extension["evidence"]] == [item.id for item in assessment.relation.evidence]


def test_the_integer_never_speaks_for_separate(assessment):
    """The relationship's integer is that of the likeliest relating hypothesis, also when the two stand apart."""
    view = assessment.relation.axes["operator"]
    apart = replace(view, probabilities={"same": 0.05, "coordinated": 0.15, "separate": 0.8})
    axes = {**assessment.relation.axes, "operator": apart}
    relation = next(
        item
        for item in objects(replace(assessment, relation=replace(assessment.relation, axes=axes)))
        if item["type"] == "relationship"
    )
    assert relation["confidence"] == 15
    assert "operator/coordinated" in relation["description"]


def test_one_subject_has_one_id_in_every_bundle(build):
    """A subject keeps its id and creation date whatever the date of the assessment."""
    first, second = (
        [(item["id"], item["created"]) for item in objects(build(as_of=day)) if item["type"] == "intrusion-set"]
        for day in ("2023-12-11", "2024-01-02")
    )
    assert first == second


@pytest.mark.parametrize("as_of", ["2023-12-11", ""])
def test_revocations_are_taken(build, as_of):
    """stix2 parses what is sent after a retraction, the validator accepts it, and three objects are revoked."""
    done = build(as_of=as_of)
    told = Disclosure(
        id="di-1",
        partner="Vendor B",
        assessment=done.id,
        a=done.relation.a,
        b=done.relation.b,
        as_of=as_of,
        format="stix",
        sha256="0" * 64,
        recorded="2024-01-02T10:00:00Z",
        by="Ann",
        observations=(),
    )
    files = withdrawals([told], {done.id: done.as_record()}, "2024-02-03T11:00:00Z")
    raw = files["Vendor-B.withdrawn.stix.json"].decode()
    assert sum(item.get("revoked", False) for item in stix2.parse(raw).objects) == 3
    options = validator.ValidationOptions(strict=True, disabled=["103"], version="2.1")
    found = validator.validate_string(raw, options)
    assert found.is_valid, [str(error) for error in found.errors]
    assert {item["id"] for item in json.loads(raw)["objects"]} <= {item["id"] for item in objects(done)}
