"""Everything an event states, as records that hold what lines of an observation file would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from consilience.model.errors import Rejected
from consilience.read.fields import MAX_TEXT
from consilience.read.galaxy import RELATIONS
from consilience.read.misp.clusters import MISP_ACTORS, PUBLISHER, SUBJECT, Naming, actors, grades, likelihood, namings
from consilience.read.misp.document import Form, formed
from consilience.read.misp.marking import marked, marking_of_parts, pap
from consilience.read.misp.objects import Attribute, Composed, Event, MispPart, PartReference, Related, Tag
from consilience.read.misp.shown_traits import MispTrait, shown, shown_together, why_passed
from consilience.read.notice_counts import NoticeCounts
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.strict_json import strict_object
from consilience.vocab.misp import CONCLUSION, RECORD, RECORD_RELATION, misp_tables

Placed = tuple[str, Attribute]
"""The JSON pointer of an attribute, and the attribute."""

_UNREAD = "are not evidence here, and were not read"


class EventStatements:
    """The statements of one event; `gather` takes all of them, and refuses what is broken by its JSON pointer."""

    def __init__(self, event: Event, pointer: str, builder: ReadingBuilder, counts: NoticeCounts) -> None:
        self._event = event
        self._pointer = pointer
        self._builder = builder
        self._counts = counts
        self._id = event.uuid or " ".join((event.info or "").split())[:80]
        self._maker = " ".join((event.maker.name if event.maker else "").replace("/", "-").split())
        self._actors = actors(event)
        self._grades = grades(event)
        self._composed = list(self._parts(event.composed, "Object", Composed, pointer))
        self._loose = list(self._parts(event.attributes, "Attribute", Attribute, pointer))
        self._named = {
            " ".join(str(each.value).split()) for _, each in self._loose if each.type == "threat-actor" and each.value
        }
        self._covered = {
            each.referenced_uuid
            for _, composed in self._composed
            if composed.name == RECORD
            for _, each in self._parts(composed.references, "ObjectReference", PartReference, "")
        }

    def gather(self) -> None:
        """Takes the statements of the event, those of its galaxies first."""
        if self._event.is_deleted:
            self._counts.add("deleted", "events that were deleted and were not read", self._id)
            return
        records = [each for each in self._composed if each[1].name == RECORD]
        if not records:
            self._labels([self._event], f"{self._pointer}/Galaxy")
        for placed in self._loose:
            self._attribute(placed, [self._event])
        for pointer, composed in self._composed:
            if composed.name == RECORD:
                self._record(pointer, composed)
            elif composed.uuid not in self._covered:
                self._object(pointer, composed)
        for listed, where in self._relations():
            for pointer, related in self._parts(listed, "Relationship", Related, where):
                self._related(pointer, related)
        for name, found in (("Note", self._event.notes), ("Opinion", self._event.opinions)):
            for _ in found:
                self._counts.add(name, f"analyst data of type {name}, which {_UNREAD}", self._id)

    def _parts(self, listed: Iterable[object], name: str, form: type[Form], pointer: str) -> Iterator[tuple[str, Form]]:
        """The good members of a list with their JSON pointers; the others are refused."""
        for place, record in enumerate(listed):
            where = f"{pointer}/{name}/{place}"
            try:
                yield where, formed(record, form)
            except Rejected as unfit:
                self._builder.refuse(0, where, unfit)

    def _relations(self) -> Iterator[tuple[list[object], str]]:
        """The relationships that analysts see, on the event and on its clusters, with the JSON pointers of both."""
        yield self._event.relations, self._pointer
        for place, galaxy in enumerate(self._event.galaxies):
            for number, cluster in enumerate(galaxy.clusters):
                yield cluster.relations, f"{self._pointer}/Galaxy/{place}/GalaxyCluster/{number}"

    def _labels(self, parts: list[MispPart], pointer: str) -> None:
        """What the galaxies of the innermost part say of its actor; that of an event is also one of a register."""
        for naming in namings(parts[-1]):
            if naming.means == SUBJECT:
                if len(parts) == 1:
                    self._same_referent(naming)
            elif naming.means:
                self._take(parts, (naming.means, naming.name), pointer)
            else:
                what = f"clusters of galaxy {naming.galaxy[:60]!r}, which {_UNREAD}"
                self._counts.add("Galaxy", what, naming.name)

    def _same_referent(self, naming: Naming) -> None:
        """That the actor of the event is the one of a public register."""
        if len(self._actors) != 1:
            return
        others = [f"{PUBLISHER}/{naming.name}"] if naming.galaxy == MISP_ACTORS else []
        for other in (*others, *filter(None, [naming.number])):
            record = {"kind": "name:same-referent", "value": naming.name, "object": other}
            self._builder.take({**self._base([self._event]), **record}, 0, f"{self._pointer}/Galaxy")

    def _attribute(self, placed: Placed, parts: list[MispPart], within: str = "") -> None:
        pointer, attribute = placed
        inside = within and f" in an object {within[:40]!r}"
        if attribute.uuid in self._covered and attribute.uuid:
            return
        if attribute.is_deleted:
            self._counts.add("deleted", "attributes that were deleted and were not read", attribute.uuid or pointer)
            return
        told_by_place = misp_tables().relations.get(within, {}).get(attribute.object_relation or "")
        if not told_by_place and (why := why_passed(attribute)):
            self._counts.add("type", f"attributes of type {attribute.type}{inside} ({why})", attribute.uuid or pointer)
            return
        if attribute.sightings:
            self._counts.add("Sighting", f"attributes with sightings, which {_UNREAD}", attribute.uuid or pointer)
        try:
            found = list(shown(attribute, within))
        except Rejected as unfit:
            self._builder.refuse(0, f"{pointer}/value", unfit)
            return
        for each in found:
            self._take([*parts, attribute], each, pointer)
        self._labels([*parts, attribute], f"{pointer}/Galaxy")

    def _object(self, pointer: str, composed: Composed) -> None:
        if composed.is_deleted:
            self._counts.add("deleted", "objects that were deleted and were not read", composed.uuid or pointer)
            return
        parts: list[MispPart] = [self._event, composed]
        placed: list[Placed] = list(self._parts(composed.attributes, "Attribute", Attribute, pointer))
        for each in placed:
            self._attribute(each, parts, composed.name)
        living = [each for _, each in placed if not each.is_deleted]
        try:
            together = list(shown_together(composed.name, living))
        except Rejected as unfit:
            self._builder.refuse(0, pointer, unfit)
            return
        for said in together:
            # Such a statement rests on several attributes, so the labels of all of them hold of it.
            self._take([*parts, *living], said, pointer, composed)
        for _ in composed.references:
            self._counts.add("ObjectReference", f"references between parts, which {_UNREAD}", composed.uuid or pointer)

    def _record(self, pointer: str, composed: Composed) -> None:
        """A statement that this program wrote whole, under whatever its containers say since."""
        if composed.is_deleted:
            self._counts.add("deleted", "objects that were deleted and were not read", composed.uuid or pointer)
            return
        for where, attribute in self._parts(composed.attributes, "Attribute", Attribute, pointer):
            if attribute.object_relation != RECORD_RELATION or attribute.is_deleted:
                continue
            parts: list[MispPart] = [self._event, composed, attribute]
            try:
                record = strict_object(str(attribute.value).encode("utf-8", "surrogatepass"))
            except Rejected as unfit:
                self._builder.refuse(0, f"{where}/value", unfit)
                continue
            stated = MispPart(tags=[Tag(f"pap:{record['pap']}")] if record.get("pap") else [])
            record["tlp"] = marking_of_parts(str(record.get("tlp") or "").lower(), parts, self._counts)
            record["pap"] = pap([*parts, stated], self._counts)
            self._builder.take(record, 0, where)

    def _related(self, pointer: str, related: Related) -> None:
        """What an analyst says of two clusters of this event."""
        named = {each.uuid: each for each in namings(self._event) if each.uuid}
        one, other = named.get(related.object_uuid), named.get(related.related_object_uuid)
        kind = RELATIONS.get(related.relationship_type or "")
        is_ours = any(each.name == RECORD for _, each in self._composed)
        if one is None or other is None or kind is None or one == other or is_ours or self._is_conclusion():
            self._counts.add("Relationship", f"analyst data of type Relationship, which {_UNREAD}", related.uuid)
            return
        parts: list[MispPart] = [self._event, MispPart(tags=related.tags)]
        record = {
            **self._base(parts),
            "publisher": self._maker,
            "subject": one.name,
            "subject_type": "intrusion-set" if one.means == SUBJECT else one.means,
            "kind": kind,
            "value": related.relationship_type,
            "object": f"{self._maker}/{other.name}" if self._maker else other.name,
            "where": related.uuid,
        }
        self._builder.take({name: value for name, value in record.items() if value}, 0, pointer)

    def _is_conclusion(self) -> bool:
        return any(tag.name == CONCLUSION for tag in self._event.tags)

    def _take(self, parts: list[MispPart], said: MispTrait, pointer: str, owner: MispPart | None = None) -> None:
        kind, value = said
        inner = owner or parts[-1]
        record = {**self._base(parts), "kind": kind, "value": value, "where": inner.uuid, "note": _note(inner)}
        first = next((each.first_seen for each in (inner, *reversed(parts)) if each.first_seen), "")
        last = next((each.last_seen for each in (inner, *reversed(parts)) if each.last_seen), "")
        record |= {"first_seen": first, "last_seen": last, "confidence": likelihood(parts)}
        self._builder.take({name: text for name, text in record.items() if text}, 0, pointer)

    def _base(self, parts: list[MispPart]) -> dict[str, object]:
        """Whose statement it is, of whom, and who may be told."""
        tlp, allowed = marked(parts, self._counts)
        source: Mapping[str, str] = {
            "publisher": self._maker,
            "title": " ".join((self._event.info or "").split())[:MAX_TEXT],
            "id": self._event.uuid,
            **self._grades,
        }
        stated = {
            "publisher": self._maker,
            **self._subject(parts),
            "published": self._event.date or "",
            "tlp": tlp,
            "pap": allowed,
            "source": {name: text for name, text in source.items() if text},
        }
        return {name: value for name, value in stated.items() if value}

    def _subject(self, parts: list[MispPart]) -> Mapping[str, str]:
        """The one actor of the innermost part that names some, else the given subject, else the event itself."""
        for part in reversed(parts):
            found = self._actors if part is self._event else actors(part)
            if len(found) == 1:
                return {"subject": found[0].name, "subject_type": "intrusion-set"}
            if found:
                self._counts.add("Galaxy", "parts that name several actors; they say nothing of any one", self._id)
                break
        if len(self._named) == 1:
            return {"subject": next(iter(self._named)), "subject_type": "intrusion-set"}
        if self._builder.defaults.get("subject"):
            return {}
        self._counts.add("Galaxy", "events without one actor; the event itself is the subject, a campaign", self._id)
        return {"subject": " ".join((self._event.info or "").split()) or self._event.uuid, "subject_type": "campaign"}


def _note(part: MispPart) -> str:
    """Category, remark and whether detectors may use it, as much as a note holds."""
    if not isinstance(part, Attribute):
        return " ".join((part.comment or "").split())[:MAX_TEXT]
    detected = "to_ids" if part.is_detected else ""
    told = [part.category or "", detected, " ".join((part.comment or "").split())]
    return "; ".join(filter(None, told))[:MAX_TEXT]
