"""The bundle: what the statements name, each once, and then the statements in the order of their ids."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from consilience.model.json import Json, JsonObject, text_in
from consilience.model.observation import Observation
from consilience.model.parcel import Conversion, Loss, Parcel
from consilience.share.stix import EPOCH, SPEC, commonest, identity, objects_of, side_of, stix_id
from consilience.share.stix_parcel.labels import colour_of, definitions, freest, label_id
from consilience.share.stix_parcel.losses import KEPT, LossCounts
from consilience.share.stix_parcel.statement import moment, other_subject, statement_of
from consilience.vocab.stix import stix_tables

SCHEMA = "consilience-statement-v1.json"
_VERSIONS = 1_000_000


class StixParcelWriter:
    """Writes a bundle in which every object carries its own marking, and no object has one version of two contents."""

    def __init__(self, name: str, *, plain: bool = False, old_labels: bool = False) -> None:
        self.name = name
        self._plain = plain
        self._old = old_labels

    def convert(self, parcel: Parcel) -> Conversion:
        """The bundle as UTF-8 JSON, one object a line; the same bytes for the same parcel."""
        made = _Making(parcel, self._plain, self._old)
        name = stix_id("bundle", [parcel.id, self.name])
        head = b'{"type":"bundle","id":"' + name.encode() + b'","objects":[\n'
        return Conversion(content=head + b",\n".join(made.lines()) + b"\n]}\n", losses=made.losses())


class _Making:
    """One bundle in the making: what is named is gathered while the statements are written."""

    def __init__(self, parcel: Parcel, plain: bool, old: bool) -> None:
        self._parcel = parcel
        self._plain = plain
        self._old = old
        self._losses = LossCounts()
        own = stix_tables().own
        self._author, self._extension = own["author"], own["statement"]
        self._sides = sides_of(parcel.observations)
        self._named: dict[str, Mapping[str, Json]] = {}
        self._colours: dict[str, str] = {}
        self._dates: dict[str, str] = {}

    def lines(self) -> Iterator[bytes]:
        """The objects in an order that follows from the parcel."""
        statements = [self._statement(seen) for seen in self._parcel.observations]
        self._name_subjects()
        ours = self._ours()
        told = self._assessments({text_in(item, "id") for item in ours} | self._named.keys())
        used = {*self._colours.values(), *map(colour_of, {seen.tlp for seen in self._parcel.observations}), "clear"}
        markings = {item["id"]: item for item in definitions(used, self._old)}
        markings |= {item["id"]: item for item in told if item["type"] == "marking-definition"}
        yield from (msgspec.json.encode(markings[id]) for id in markings)
        yield from (msgspec.json.encode(self._marked(item, "clear")) for item in ours)
        for id in sorted(self._named):
            yield self._shared(id)
        yield from statements
        yield from (msgspec.json.encode(item) for item in told if item["type"] != "marking-definition")

    def losses(self) -> tuple[Loss, ...]:
        """What the profile cannot hold: nothing where the extension keeps all."""
        if not self._plain:
            return ()
        count = len(self._parcel.assessments)
        assessed = Loss(
            what="assessments",
            count=count,
            why="positions, probabilities and evidence of an assessment stand in words, in a note",
            remedy=KEPT.split(",", 1)[0],
            examples=tuple(each.id for each in self._parcel.assessments[:5]),
        )
        return (*self._losses.losses(), *([assessed] if count else []))

    def _statement(self, seen: Observation) -> bytes:
        item, target = statement_of(seen, self._sides)
        colour = colour_of(seen.tlp)
        if target is not None:
            self._named.setdefault(target.id, target.object)
            self._told(target.id, colour, seen.published)
        self._told(self._sides[seen.subject.key], colour, seen.published)
        if seen.object and (other := other_subject(seen)):
            self._told(self._sides[other], colour, seen.published)
        if self._plain:
            self._losses.take(seen, item, target)
        else:
            item["extensions"] = {
                self._extension: {"extension_type": "property-extension", "statement": seen.as_record()}
            }
        return versioned(self._marked(item, colour), text_in(item, "created"))

    def _told(self, id: str, colour: str, published: str) -> None:
        """Notes that a statement of this colour and date names an object."""
        known = self._colours.get(id)
        if known != colour:
            self._colours[id] = freest(known, colour) if known else colour
        if published >= self._dates.get(id, ""):
            self._dates[id] = published

    def _name_subjects(self) -> None:
        types = subjects_of(self._parcel.observations)
        for key, id in self._sides.items():
            self._named[id] = self._side(key, id, types.get(key, ()))

    def _side(self, key: str, id: str, types: Iterable[str]) -> JsonObject:
        publisher, _, bare = key.partition("/")
        side = side_of(key, types)
        item = {
            **side,
            "id": id,
            "created": EPOCH,
            "name": bare or key,
            "description": f"{key}: the name belongs to {publisher}.",
        }
        if not self._plain:
            told = {"publisher": publisher, "subject": bare or key, "subject_type": commonest(types)}
            item["extensions"] = {self._extension: {"extension_type": "property-extension", "subject": told}}
        return item

    def _shared(self, id: str) -> bytes:
        """What statements name, under the freest of their markings: what a clear one tells is clear."""
        item = {"spec_version": SPEC, **self._named[id]}
        if "created" not in item:
            return msgspec.json.encode(self._marked(item, self._colours[id]))
        dated = self._dates[id]
        return versioned(
            self._marked({"created_by_ref": self._author, **item}, self._colours[id]), moment(dated) if dated else EPOCH
        )

    def _ours(self) -> list[JsonObject]:
        """This program, and the definition of the extension where it is used."""
        author = {"spec_version": SPEC, **identity()}
        if self._plain:
            return [author]
        definition: JsonObject = {
            "type": "extension-definition",
            "spec_version": SPEC,
            "id": self._extension,
            "created_by_ref": self._author,
            "created": EPOCH,
            "modified": EPOCH,
            "name": "Consilience statement",
            "description": "One source's statement that a subject showed a trait, or was examined and did not.",
            "schema": SCHEMA,
            "version": "1.0.0",
            "extension_types": ["property-extension"],
        }
        return [author, definition]

    def _assessments(self, known: Iterable[str]) -> list[JsonObject]:
        """The objects that tell assessments and are not told before."""
        found: dict[str, JsonObject] = {}
        told = set(known)
        for assessment in self._parcel.assessments:
            for item in objects_of(assessment):
                id = text_in(item, "id")
                if id not in told and not (self._plain and item["type"] == "extension-definition"):
                    found.setdefault(id, _without_extension(item) if self._plain else item)
        return list(found.values())

    def _marked(self, item: Mapping[str, Json], colour: str) -> JsonObject:
        return {**item, "object_marking_refs": [label_id(colour, self._old)]}


def sides_of(observations: Iterable[Observation]) -> dict[str, str]:
    """The id of the object of every subject that statements are about or name in full, by its full name."""
    rows = list(observations)
    found = {key: str(side_of(key, types)["id"]) for key, types in subjects_of(rows).items()}
    for seen in rows:
        if (other := other_subject(seen)) and other not in found:
            found[other] = str(side_of(other, ())["id"])
    return found


def subjects_of(observations: Iterable[Observation]) -> dict[str, list[str]]:
    """The types that statements give each subject, by its full name."""
    found: dict[str, list[str]] = {}
    for seen in observations:
        found.setdefault(seen.subject.key, []).append(seen.subject.type)
    return found


def versioned(item: Mapping[str, Json], day: str) -> bytes:
    """An object as JSON, modified on that day; the fraction of the second is made of its content.

    So no two contents of an object bear one version, whatever else a bundle told.
    """
    raw = msgspec.json.encode(item)
    modified = f"{day[:-4]}{zlib.crc32(raw) % _VERSIONS:06}Z"
    return raw[:-1] + b',"modified":"' + modified.encode() + b'"}'


def _without_extension(item: Mapping[str, Json]) -> JsonObject:
    if item["type"] == "marking-definition":
        return dict(item)
    kept = {name: value for name, value in item.items() if name != "extensions"}
    refs = item.get("object_refs")
    if isinstance(refs, list):
        kept["object_refs"] = [ref for ref in refs if not str(ref).startswith("extension-definition")]
    return kept
