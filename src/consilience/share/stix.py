"""The assessment as a STIX 2.1 bundle.

STIX knows no relation between two intrusion sets but `related-to`, so the positions, their probabilities and the
evidence stand in a property extension of that relationship; `schemas/consilience-relation-v1.json` describes it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from consilience.model.assessment import Assessment
from consilience.model.digest import digest
from consilience.model.errors import InputError
from consilience.model.json import JsonObject
from consilience.model.relation import Judgement
from consilience.model.when import iso, span
from consilience.share.marking import marking
from consilience.vocab import vocabulary
from consilience.vocab.stix import stix_tables

NAMESPACE = uuid.UUID("7d0f2c52-0c0b-5c0e-9a53-3c1f4f5e8a11")
"""Our own: the namespace of the standard is for cyber-observables only."""

SCHEMA = "consilience-relation-v1.json"
SPEC = "2.1"
EPOCH = "1970-01-01T00:00:00.000Z"


class StixWriter:
    """Writes a bundle in which every object carries the marking of the whole assessment."""

    name = "stix"

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The bundle as UTF-8 JSON with sorted keys; ids and dates follow from the assessment.

        It takes no judgements: an opinion in STIX agrees or disagrees with a report, and has no level.
        """
        if judgements:
            raise InputError(
                "a STIX bundle has no place for judgements", "format", "share them as html, markdown or json"
            )
        objects = objects_of(assessment)
        bundle = {"type": "bundle", "id": stix_id("bundle", assessment.id), "objects": objects}
        return json.dumps(bundle, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def objects_of(assessment: Assessment) -> list[JsonObject]:
    """The objects that tell an assessment, its marking first."""
    colour = marking(assessment)
    moment = moment_of(assessment.relation.as_of)
    author, own = identity(), stix_tables().own
    extension: JsonObject = {
        "type": "extension-definition",
        "id": own["relation"],
        "created": EPOCH,
        "modified": EPOCH,
        "name": "Consilience relation",
        "description": "How two clusters of intrusion activity are related, on several axes, and by what evidence.",
        "schema": SCHEMA,
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }
    sides = [_side(assessment, key, moment) for key in (assessment.relation.a, assessment.relation.b)]
    relationship = _relationship(assessment, sides, own["relation"], moment)
    told = [author, *sides, relationship, extension]
    note: JsonObject = {
        "type": "note",
        "id": stix_id("note", assessment.id),
        "created": moment,
        "modified": moment,
        "abstract": f"{assessment.relation.a} and {assessment.relation.b}: {assessment.relation.level}",
        "content": _content(assessment),
        "object_refs": [relationship["id"], *(side["id"] for side in sides)],
    }
    report: JsonObject = {
        "type": "report",
        "id": stix_id("report", assessment.id),
        "created": moment,
        "modified": moment,
        "name": f"{assessment.relation.a} and {assessment.relation.b}",
        "description": f"Level: {assessment.relation.level}. Tracking: {assessment.tracking}.",
        "report_types": ["threat-report"],
        "published": moment,
        "object_refs": [item["id"] for item in (*told, note)],
    }
    if references := _references(assessment):
        report["external_references"] = references
    common = {"spec_version": SPEC, "object_marking_refs": [tlp_id(colour)]}
    authored = [{**common, "created_by_ref": author["id"], **item} for item in (*told[1:], note, report)]
    return [tlp_definition(colour), {**common, **author}, *authored]


def identity() -> JsonObject:
    """The object that stands for this program, which made all others."""
    return {
        "type": "identity",
        "id": stix_tables().own["author"],
        "created": EPOCH,
        "modified": EPOCH,
        "name": "Consilience",
        "description": "Software that relates clusters of intrusion activity; its proposals are a person's to decide.",
        "identity_class": "system",
    }


def side_of(key: str, types: Iterable[str]) -> JsonObject:
    """Type and id of the object of a subject that statements say to be of these types; the commonest decides."""
    known = stix_tables().objects
    side = known.get(commonest(types), known["intrusion-set"])
    return {**side, "id": stix_id(str(side["type"]), key)}


def commonest(types: Iterable[str]) -> str:
    """The type that most of these statements give a subject; an intrusion set where none does."""
    counts = Counter(types)
    return min(counts, key=lambda name: (-counts[name], name), default="intrusion-set")


def _side(assessment: Assessment, key: str, moment: str) -> JsonObject:
    """One of the pair; its id is that of its full name, so it is one object in every bundle of ours."""
    types = (row.subject.type for row in assessment.observations.values() if row.subject.key == key)
    publisher, _, bare = key.partition("/")
    return {
        **side_of(key, types),
        "created": EPOCH,
        "modified": moment,
        "name": bare or key,
        "description": f"{key}: the name belongs to {publisher}.",
    }


def _relationship(assessment: Assessment, sides: list[JsonObject], extension: str, moment: str) -> JsonObject:
    relation = assessment.relation
    item: JsonObject = {
        "type": "relationship",
        "id": stix_id("relationship", assessment.id),
        "created": moment,
        "modified": moment,
        "relationship_type": "related-to",
        "source_ref": sides[0]["id"],
        "target_ref": sides[1]["id"],
        "extensions": {extension: {"extension_type": "property-extension", **_extension(assessment)}},
    }
    description = f"Level: {relation.level}. Tracking: {assessment.tracking}."
    if "operator" in relation.axes:
        hypothesis, probability = _relating(relation.axes["operator"].probabilities)
        item["confidence"] = round(100 * probability)
        description += (
            f" The integer of this relationship is 100 times the probability of operator/{hypothesis}, the likeliest"
            " account on the operator axis that relates the two; the extension holds every axis."
        )
    return {**item, "description": description}


def _relating(probabilities: Any) -> tuple[str, float]:
    """The most probable hypothesis that relates the pair.

    A reader who sees no more than `related-to` and a number must not take the probability of *separate* for it.
    """
    reference = vocabulary().axes["operator"].reference
    rivals = [name for name in probabilities if name != reference]
    best = max(rivals, key=lambda name: probabilities[name])
    return best, probabilities[best]


def _extension(assessment: Assessment) -> JsonObject:
    record = assessment.as_record()
    values = {
        "assessment": record["id"],
        "link_level": record["level"],
        "carried_by": record["carried_by"],
        "tracking": record["tracking"],
        "axes": {
            name: {"position": axis["position"], "probabilities": axis["probabilities"], "prior": axis["prior"]}
            for name, axis in record["axes"].items()
        },
        "analytic_confidence": record["confidence"],
        "evidence": [
            {"id": item["id"], "kind": item["kind"], "why": item["why"], "counted_decibans": item["counted"]}
            for item in record["evidence"]
        ],
        "as_of": record["as_of"],
        "scale": assessment.provenance.get("scale", "icd203"),
        "software": assessment.provenance.get("software", {}),
    }
    return {name: value for name, value in values.items() if value not in ("", [], {})}


def _content(assessment: Assessment) -> str:
    lines = [line.text for line in assessment.sentences] or [f"Level: {assessment.relation.level}."]
    limits = ", ".join(assessment.confidence.limited_by)
    limited = f" It is limited by: {limits}." if limits else ""
    return "\n".join([*lines, f"Analytic confidence in this assessment: {assessment.confidence.level}.{limited}"])


def _references(assessment: Assessment) -> list[dict[str, str]]:
    """The sources; an address stands in the description, because the standard wants a hash beside a `url`."""
    sources = {seen.source.key: seen.source for seen in assessment.observations.values()}
    references = []
    for key in sorted(sources):
        source = sources[key]
        told = ", ".join(filter(None, (source.title, source.url))) or key
        references.append({"source_name": source.publisher or key, "description": told})
    return references


def tlp_definition(colour: str) -> JsonObject:
    """The TLP 2.0 marking definition of a colour, as the standard publishes it."""
    published = stix_tables().tlp_published
    return {
        "type": "marking-definition",
        "spec_version": SPEC,
        "id": tlp_id(colour),
        "created": published["created"],
        "name": f"TLP:{colour.upper()}",
        "extensions": {published["extension"]: {"extension_type": "property-extension", "tlp_2_0": colour}},
    }


def tlp_id(colour: str) -> str:
    """The id of the TLP 2.0 marking definition of a colour."""
    return stix_tables().tlp[colour]


def stix_id(kind: str, of: str | Sequence[str]) -> str:
    """The id of the object of this kind that we make of something; the same in every bundle."""
    return f"{kind}--{uuid5(NAMESPACE, digest([kind, of]))}"


def uuid5(namespace: uuid.UUID, name: str) -> str:
    """The version 5 UUID of a name as text, as the standard library makes it, in a third of the time.

    >>> uuid5(NAMESPACE, "a") == str(uuid.uuid5(NAMESPACE, "a"))
    True
    """
    raw = bytearray(hashlib.sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def moment_of(as_of: str) -> str:
    """Midnight UTC of the last day that an as-of date can mean; the epoch when there is none."""
    return f"{iso(span(as_of).last)}T00:00:00.000Z" if as_of else EPOCH
