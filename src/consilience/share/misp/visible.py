"""What readers of MISP other than ours see of a statement: an attribute, an object, or a cluster of a galaxy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consilience.model.json import objects_in, text_in
from consilience.model.observation import Observation
from consilience.model.subject import Subject
from consilience.share.misp.blocks import TEMPLATES, Made, attribute, composed, epoch, misp_id, seen
from consilience.vocab import vocabulary
from consilience.vocab.misp import Written, misp_tables

SUBJECTS: Mapping[str, str] = {
    "intrusion-set": "threat-actor",
    "campaign": "threat-actor",
    "malware": "tool",
    "tool": "tool",
}
"""The galaxy that a subject is a cluster of, by its type; samples and infrastructure are none."""

CLUSTERS: Mapping[str, str] = {
    "malware": "tool",
    "tool": "tool",
    "attack-pattern": "mitre-attack-pattern",
    "sector": "sector",
}
"""The galaxy that what a subject uses or targets is a cluster of, by its kind."""

SAMPLE = "sample"
_AS_PRINTED = frozenset({"exact", "lower", "phrase", "path", "family", "technique"})
"""Canonical forms that are for comparing only; in the others the value itself is written."""


def is_shown(said: Observation) -> bool:
    """Whether the statement is one that MISP can make: a value that a subject shows, and that we may write."""
    kind = vocabulary().kinds.get(said.trait.kind)
    return said.present and not said.withheld and not said.object and not (kind is not None and kind.needs_object)


def value_of(said: Observation) -> str:
    """The value as others can use it: without what made it harmless, and in its own case where that matters."""
    kind = vocabulary().kinds.get(said.trait.kind)
    form = kind.canonical if kind is not None else "exact"
    if form == "url" and said.printed.lower().startswith(("http://", "https://")) and "[" not in said.printed:
        return said.printed
    return said.printed or said.trait.value if form in _AS_PRINTED else said.trait.value


def cluster_of(said: Observation) -> tuple[str, str] | None:
    """The type of galaxy and the value of the cluster that shows a statement, if one does."""
    galaxy = CLUSTERS.get(said.trait.kind) if is_shown(said) else None
    return (galaxy, value_of(said)) if galaxy else None


def subject_cluster(subject: Subject) -> tuple[str, str] | None:
    """The type of galaxy and the value of the cluster that a subject is, if it is one."""
    galaxy = SUBJECTS.get(subject.type)
    return (galaxy, subject.name) if galaxy else None


def shown(said: Observation, tags: Sequence[Made]) -> tuple[str, Made] | None:
    """The list of an event, *Attribute* or *Object*, and the part in it that shows a statement, if one does."""
    if not is_shown(said):
        return None
    value, kind = value_of(said), said.trait.kind
    owner = said.subject.key
    if kind == "resolved":
        return "Object", _domain_ip(owner, value, tags)
    if kind == "x509-certificate:serial":
        return "Object", _certificate(owner, "serial-number", Written(type="text", category="Other"), value, tags)
    written = misp_tables().written.get(kind)
    if kind == "endpoint":
        type, value = _endpoint(value)
        written = Written(type=type, category="Network activity", detect=True)
    if written is None:
        return None
    if kind.startswith("x509-certificate:"):
        return "Object", _certificate(owner, written.type, written, value, tags)
    if said.subject.type == SAMPLE and written.relation:
        return "Object", _file(said.subject, [(written, value)], tags)
    return "Attribute", _attribute(owner, written, value, tags, said)


def merged(one: Made, other: Made) -> Made:
    """Two objects with one id as one: the attributes of both, each once."""
    held = {text_in(each, "uuid"): each for made in (one, other) for each in objects_in(made, "Attribute")}
    return {**one, "Attribute": [held[id] for id in sorted(held)]}


def _attribute(owner: str, written: Written, value: str, tags: Sequence[Made], said: Observation) -> Made:
    id = misp_id("attribute", owner, written.type, value, *(text_in(tag, "name") for tag in tags))
    return attribute(
        id,
        written.type,
        written.category,
        value,
        tags,
        to_ids=written.detect,
        timestamp=epoch(said.published),
        **seen(said.first_seen, said.last_seen),
    )


def _within(id: str, relation: str, written: Written, value: str, tags: Sequence[Made]) -> Made:
    return attribute(
        misp_id("attribute", id, relation, value),
        written.type,
        written.category,
        value,
        tags,
        to_ids=written.detect,
        object_relation=relation,
    )


def _domain_ip(owner: str, value: str, tags: Sequence[Made]) -> Made:
    id = misp_id("object", "domain-ip", owner, value, *(text_in(tag, "name") for tag in tags))
    domain, _, address = value.partition(" ")
    held = misp_tables().written
    parts = [
        _within(id, "domain", held["domain-name"], domain, tags),
        _within(id, "ip", held["ipv4-addr"], address, tags),
    ]
    return composed(id, "domain-ip", TEMPLATES["domain-ip"], parts)


def _certificate(owner: str, relation: str, written: Written, value: str, tags: Sequence[Made]) -> Made:
    id = misp_id("object", "x509", owner, relation, value, *(text_in(tag, "name") for tag in tags))
    return composed(id, "x509", TEMPLATES["x509"], [_within(id, relation, written, value, tags)])


def _file(subject: Subject, values: Sequence[tuple[Written, str]], tags: Sequence[Made]) -> Made:
    """A sample is one file, so that all its digests belong into one object."""
    id = misp_id("object", "file", subject.key, *(text_in(tag, "name") for tag in tags))
    parts = [_within(id, written.relation, written, value, tags) for written, value in values]
    return composed(id, "file", TEMPLATES["file"], parts)


def _endpoint(value: str) -> tuple[str, str]:
    """An endpoint as a type of attribute and its value, with a bar before the port."""
    host, _, port = value.rpartition(":")
    bare = host.strip("[]")
    is_address = ":" in bare or bare.replace(".", "").isdigit()
    return ("ip-dst|port" if is_address else "hostname|port"), f"{bare}|{port}"
