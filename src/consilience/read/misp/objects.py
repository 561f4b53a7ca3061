"""The parts of an event as values; what MISP has beside these fields is not read."""

from __future__ import annotations

import msgspec

Text = str | int | None
"""A number or text: servers, feeds and libraries differ in which of the two they write."""


class Tag(msgspec.Struct):
    """A label of a taxonomy or galaxy."""

    name: str = ""


class Cluster(msgspec.Struct, rename={"relations": "Relationship"}):
    """A cluster of a galaxy; its related clusters are read from analyst data, where their author is known."""

    value: str = ""
    type: str = ""
    uuid: str = ""
    relations: list[object] = []


class Galaxy(msgspec.Struct, rename={"clusters": "GalaxyCluster"}):
    """A galaxy with those of its clusters that something is labelled with."""

    type: str = ""
    clusters: list[Cluster] = []


class Organisation(msgspec.Struct):
    """Who made an event."""

    name: str = ""
    uuid: str = ""


class MispPart(msgspec.Struct, rename={"tags": "Tag", "galaxies": "Galaxy"}, kw_only=True):
    """What an event, an object and an attribute have in common: who may read it, and its labels."""

    uuid: str = ""
    comment: str | None = ""
    first_seen: str | None = ""
    last_seen: str | None = ""
    deleted: bool | int | str = False
    distribution: Text = None
    tags: list[Tag] = []
    galaxies: list[Galaxy] = []

    @property
    def is_deleted(self) -> bool:
        """Whether it was taken back."""
        return self.deleted in (True, 1, "1", "true")


class Attribute(MispPart, rename={"sightings": "Sighting"}):
    """One value with its type."""

    type: str
    value: str | int | float
    category: str | None = ""
    to_ids: bool | int | str = False
    object_relation: str | None = ""
    sightings: list[object] = []

    @property
    def is_detected(self) -> bool:
        """Whether its maker lets detectors use it."""
        return self.to_ids in (True, 1, "1", "true")


class PartReference(msgspec.Struct):
    """What an object points at."""

    referenced_uuid: str = ""
    relationship_type: str | None = ""


class Composed(MispPart, rename={"attributes": "Attribute", "references": "ObjectReference"}):
    """An object: attributes that belong together, each as it is written."""

    name: str = ""
    attributes: list[object] = []
    references: list[object] = []


class Event(
    MispPart,
    rename={
        "maker": "Orgc",
        "attributes": "Attribute",
        "composed": "Object",
        "relations": "Relationship",
        "notes": "Note",
        "opinions": "Opinion",
    },
):
    """An event: its parts each as it is written, so that a bad one costs no other."""

    info: str | None = ""
    date: str | None = ""
    maker: Organisation | None = None
    attributes: list[object] = []
    composed: list[object] = []
    relations: list[object] = []
    notes: list[object] = []
    opinions: list[object] = []


class Related(msgspec.Struct, rename={"tags": "Tag"}):
    """An analyst's word that one thing is related to another."""

    object_uuid: str = ""
    object_type: str = ""
    related_object_uuid: str = ""
    related_object_type: str = ""
    relationship_type: str | None = ""
    uuid: str = ""
    authors: str | None = ""
    tags: list[Tag] = []
