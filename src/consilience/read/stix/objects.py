"""The objects of a STIX bundle, versions 2.0 and 2.1, each decoded by its type with the fields that are used here.

What a struct does not name (custom properties, descriptions) stays in the raw bytes that the case keeps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from consilience.model.errors import Rejected
from consilience.model.printable import quoted
from consilience.sandbox.strict_json import MAX_DEPTH, is_too_deep, strict_value
from consilience.vocab.stix import stix_tables

_ID = re.compile(r"[a-z0-9][a-z0-9-]*--\S+\Z", re.IGNORECASE)
_FIELD = re.compile(r" - at `\$\.?(.*?)`\Z")


class ExternalReference(msgspec.Struct, frozen=True):
    """An external reference: a document, or the number that a register gives the object."""

    source_name: str = ""
    description: str = ""
    url: str = ""
    external_id: str = ""


class Granular(msgspec.Struct):
    """A marking of a part of an object."""

    marking_ref: str = ""


class StixObject(msgspec.Struct, kw_only=True):
    """What every object may hold."""

    type: str
    id: str
    created: str = ""
    modified: str = ""
    created_by_ref: str = ""
    revoked: bool = False
    x_mitre_deprecated: bool = False
    external_references: list[ExternalReference] = []
    object_marking_refs: list[str] = []
    granular_markings: list[Granular] = []
    extensions: dict[str, object] = {}
    confidence: int | None = None

    @property
    def stamp(self) -> str:
        """The version of the object: when it was last modified."""
        return self.modified or self.created


class Named(StixObject, kw_only=True):
    """A group, campaign, family, technique, identity or place."""

    name: str = ""
    description: str = ""
    aliases: list[str] = []
    x_mitre_aliases: list[str] = []
    first_seen: str = ""
    last_seen: str = ""
    identity_class: str = ""
    sectors: list[str] = []
    region: str = ""
    country: str = ""
    is_family: bool = True
    sample_refs: list[str] = []


class Relationship(StixObject, kw_only=True):
    """A relationship between two objects."""

    relationship_type: str
    source_ref: str
    target_ref: str
    description: str = ""
    start_time: str = ""
    stop_time: str = ""


class Container(StixObject, kw_only=True):
    """A report or grouping."""

    name: str = ""
    published: str = ""
    object_refs: list[str] = []


class Note(StixObject, kw_only=True):
    """Words on other objects."""

    object_refs: list[str] = []


class Indicator(StixObject, kw_only=True):
    """A pattern that indicates something."""

    pattern: str
    pattern_type: str = "stix"


class Marking(StixObject, kw_only=True):
    """A definition of a marking."""

    name: str = ""
    definition_type: str = ""
    definition: dict[str, object] = {}


class Observable(StixObject, kw_only=True):
    """A cyber-observable: an address, a file, a mutex."""

    value: str = ""
    name: str = ""
    path: str = ""
    hashes: dict[str, str] = {}
    serial_number: str = ""
    number: int | None = None
    dst_ref: str = ""
    dst_port: int | None = None
    account_login: str = ""
    user_id: str = ""


class ObservedData(StixObject, kw_only=True):
    """What was seen on a network: references to observables (2.1), or the observables themselves (2.0)."""

    first_observed: str = ""
    last_observed: str = ""
    object_refs: list[str] = []
    objects: dict[str, dict[str, object]] = {}


class Sighting(StixObject, kw_only=True):
    """Something was seen, and in what."""

    sighting_of_ref: str
    observed_data_refs: list[str] = []
    first_seen: str = ""
    last_seen: str = ""


@lru_cache(maxsize=1)
def forms() -> Mapping[str, type[StixObject]]:
    """The struct of each type of object that is used; others are taken as plain items."""
    tables = stix_tables()
    return {
        **dict.fromkeys(tables.named, Named),
        **dict.fromkeys(tables.observables, Observable),
        **_OTHER_FORMS,
    }


_OTHER_FORMS: Mapping[str, type[StixObject]] = {
    "relationship": Relationship,
    "report": Container,
    "grouping": Container,
    "note": Note,
    "indicator": Indicator,
    "marking-definition": Marking,
    "observed-data": ObservedData,
    "sighting": Sighting,
}
_REQUIRED = {
    Named: ("name",),
    Relationship: ("relationship_type", "source_ref", "target_ref"),
    Indicator: ("pattern",),
}
_UNNAMED = frozenset({"location"})


def object_from(raw: bytes) -> StixObject:
    """The object that a member of a bundle is.

    Raises:
        Rejected: it is not an object, has no id of its type, or a field does not fit; `where` points to that field.
    """
    if is_too_deep(raw):
        raise Rejected(f"nested deeper than {MAX_DEPTH} levels", todo="write it flatter")
    record = strict_value(raw)
    if not isinstance(record, dict):
        raise Rejected("is not a JSON object", todo="every member of `objects` is an object in braces")
    kind, name = record.get("type"), record.get("id")
    if not isinstance(kind, str) or not kind:
        raise Rejected("is missing", "type", "say what the object is, such as malware")
    if not isinstance(name, str) or not _ID.match(name) or name.split("--", 1)[0] != kind:
        raise Rejected(f"{quoted(name)} is not an id of a {kind[:60]}", "id", f"write {kind[:60]}-- and a UUID")
    found = _converted(record, forms().get(kind, StixObject))
    if isinstance(found, Named) and kind == "malware" and not found.is_family and not found.name.strip():
        found.name = found.id
    for field in _REQUIRED.get(type(found), ()):
        if not getattr(found, field).strip() and kind not in _UNNAMED:
            raise Rejected("is missing", field, f"a {kind} needs it")
    return found


def _converted(record: dict[str, object], form: type[StixObject]) -> StixObject:
    try:
        return msgspec.convert(record, form)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert(_stated(record), form)
    except msgspec.ValidationError as fault:
        place = _FIELD.search(str(fault))
        what = str(fault)[: place.start()] if place else str(fault)
        raise Rejected(
            what[:1].lower() + what[1:], _pointer(place[1]) if place else "", "write it as the STIX standard has it"
        ) from None


def _pointer(path: str) -> str:
    """The way to a field as a JSON pointer writes it."""
    return path.replace("...", "*").replace(".", "/").replace("[", "/").replace("]", "")


def _stated(value: Any) -> Any:
    """A value without the members that are null, which STIX does not know and some programs write."""
    if isinstance(value, dict):
        return {key: _stated(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_stated(each) for each in value if each is not None]
    return value
