"""What a bundle states of its subjects, as records that hold what lines of an observation file would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from consilience.model.marking import COLOURS
from consilience.model.subject import Subject
from consilience.read.stix.bundle import Bundle, is_gone
from consilience.read.stix.naming import aliases_of, number_of, subjects_of
from consilience.read.stix.objects import (
    Indicator,
    Named,
    Note,
    ObservedData,
    Relationship,
    Sighting,
    StixObject,
    forms,
)
from consilience.read.stix.observable import ObservableTrait, observed, shown_by
from consilience.read.stix.own_objects import remarked, statement_in, subject_in
from consilience.read.stix.pattern import comparisons
from consilience.read.stix.relationship_meaning import Said, meaning
from consilience.vocab.stix import stix_tables

Record = tuple[str, Mapping[str, object]]
"""The id of the object that states it, and the line."""

_EARLIEST, _LATEST = "1970-01-02", "2100"
_UNREAD = "are not evidence here, and were not read"


class Statements:
    """The statements of a bundle; iterating gives them in an order that does not depend on that of the objects."""

    def __init__(self, bundle: Bundle, default_tlp: str = "") -> None:
        self._bundle = bundle
        self._has_default = bool(default_tlp)
        self._subjects = subjects_of(bundle)
        self.nameless = sorted(id for id, subject in self._subjects.items() if not subject.publisher)
        self._indicating: set[str] = set()

    def __iter__(self) -> Iterator[Record]:
        for id in self._subjects:
            yield from self._of_subject(self._bundle.items[id])
        for item in self._bundle.of(Named):
            yield from self._merged(item)
        for relation in self._bundle.of(Relationship):
            yield from self._written(relation) if statement_in(relation) is not None else self._related(relation)
        for sighting in self._bundle.of(Sighting):
            yield from self._sighted(sighting)
        for note in self._bundle.of(Note):
            yield from self._written(note)
        self._tell_unread()

    def _written(self, item: Relationship | Note) -> Iterator[Record]:
        """The statement that this program wrote whole, under the strictest label of its object and of what that names.

        Everything else that its objects say was made of these statements, and is not read a second time.
        """
        record = statement_in(item)
        if record is None:
            self._bundle.counts.add("type", f"objects of type {item.type} {_UNREAD}", item.id)
            return
        if is_gone(item):
            self._bundle.counts.add(item.type, f"{item.type}s that were revoked or deprecated", item.id)
            return
        refs = item.object_refs if isinstance(item, Note) else [item.source_ref, item.target_ref]
        named = (self._bundle.items[ref] for ref in refs if ref in self._bundle.items)
        label = max(self._bundle.tlp((item,)), self._bundle.own_tlp(named), key=("", *COLOURS).index)
        yield item.id, remarked(record, label, self._has_default)

    def _of_subject(self, item: StixObject) -> Iterator[Record]:
        """Other names, the number in a register, when it was active, and the samples it names."""
        assert isinstance(item, Named)
        if subject_in(item) is not None:
            return
        own = self._own(item, item.created)
        if number := number_of(item):
            yield from self._records(item, item, Said("name:same-referent", item.name, number), own)
        notes = {each.source_name: each.description for each in item.external_references}
        for alias in aliases_of(item):
            # An alias may be younger than its object, so it counts as said when the object was last modified.
            said = Said("name:same-referent", item.name, alias, note=notes.get(alias, ""))
            yield from self._records(item, item, said, self._own(item, item.stamp))
        first, last = self._window(item.first_seen, item.last_seen, item.id)
        if first or last:
            yield from self._records(item, item, Said("active", "/".join((first, last))), own)
        for ref in item.sample_refs:
            if (sample := self._bundle.observable(ref)) is not None:
                yield from self._shown(item, item, shown_by(sample, self._bundle.observable), self._sources(item))

    def _merged(self, item: Named) -> Iterator[Record]:
        """That a publisher gave up one of its names for another."""
        successor = self._bundle.successor(item)
        subject = self._subjects.get(successor.id) if successor is not None else None
        publisher = self._bundle.publisher(item)
        if successor is not None and subject is not None and publisher and subject.name != item.name:
            said = Said("claim:merged", "revoked-by", f"{publisher}/{item.name}")
            yield from self._records(successor, item, said, self._own(item, item.stamp))

    def _related(self, relation: Relationship) -> Iterator[Record]:
        if is_gone(relation):
            self._bundle.counts.add("relationship", "relationships that were revoked or deprecated", relation.id)
            return
        if relation.relationship_type == "revoked-by":
            return
        source, target = self._bundle.current(relation.source_ref), self._bundle.current(relation.target_ref)
        if source is None or target is None:
            return
        told = False
        for subject, other, forward in ((source, target, True), (target, source, False)):
            if subject.id in self._subjects and not told:
                for record in self._told(relation, subject, other, forward):
                    told = True
                    yield record
        if not told:
            what = f"relationships {source.type} {relation.relationship_type} {target.type} that {_UNREAD}"
            self._bundle.counts.add("relationship", what, relation.id)

    def _told(self, relation: Relationship, subject: StixObject, other: StixObject, forward: bool) -> Iterator[Record]:
        """What a relation says of the subject at one of its ends."""
        if isinstance(other, Indicator) and relation.relationship_type == "indicates" and not forward:
            self._indicating.add(other.id)
            shown: Iterable[ObservableTrait] = self._compared(other)
            yield from self._shown(subject, relation, shown, self._sources(relation, other), other)
        elif isinstance(other, ObservedData):
            shown = observed(other, self._bundle.observable)
            when = self._window(other.first_observed, other.last_observed, other.id)
            yield from self._shown(subject, relation, shown, self._sources(relation), other, when=when)
        else:
            named = self._subjects.get(other.id)
            for said in meaning(relation.relationship_type, subject, other, named, forward, self._bundle.observable):
                yield from self._records(subject, relation, said, self._sources(relation), other)

    def _sighted(self, sighting: Sighting) -> Iterator[Record]:
        if sighting.revoked or sighting.sighting_of_ref not in self._subjects:
            self._bundle.counts.add("sighting", f"sightings that {_UNREAD}", sighting.id)
            return
        subject = self._bundle.items[sighting.sighting_of_ref]
        for ref in sighting.observed_data_refs:
            seen = self._bundle.current(ref)
            if isinstance(seen, ObservedData):
                when = self._window(seen.first_observed, seen.last_observed, seen.id)
                shown = observed(seen, self._bundle.observable)
                yield from self._shown(subject, sighting, shown, self._sources(sighting), seen, when=when)

    def _compared(self, indicator: Indicator) -> tuple[ObservableTrait, ...]:
        if indicator.pattern_type.lower() != "stix":
            what = f"indicators whose pattern is of type {indicator.pattern_type[:40]!r}, which is not read"
            self._bundle.counts.add("pattern", what, indicator.id)
            return ()
        found, missed = comparisons(indicator.pattern)
        if missed or not found:
            self._bundle.counts.add("pattern", "patterns with a comparison that was not understood", indicator.id)
        return found

    def _shown(
        self,
        subject: StixObject,
        by: StixObject,
        shown: Iterable[ObservableTrait],
        sources: list[tuple[Mapping[str, str], str]],
        *others: StixObject,
        when: tuple[str, str] = ("", ""),
    ) -> Iterator[Record]:
        for kind, value in shown:
            yield from self._records(subject, by, Said(kind, value), sources, *others, when=when)

    def _records(
        self,
        item: StixObject,
        by: StixObject,
        said: Said,
        sources: list[tuple[Mapping[str, str], str]],
        *others: StixObject,
        when: tuple[str, str] = ("", ""),
    ) -> Iterator[Record]:
        """One record for each source: what `by` says of the subject that `item` is."""
        subject = self._subjects[item.id]
        if not subject.publisher:
            return
        first, last = ("", "") if said.kind.startswith("name:") else when if any(when) else self._when(item, by)
        stated: dict[str, object] = {
            **_identity(subject),
            "kind": said.kind,
            "value": said.value,
            "object": said.object,
            "note": said.note,
            "first_seen": first,
            "last_seen": last,
            "confidence": item.confidence if by.confidence is None and said.object else by.confidence,
            "tlp": self._bundle.tlp((item, by, *others)),
            "where": by.id,
        }
        record = {field: value for field, value in stated.items() if value not in ("", None)}
        for source, published in sources:
            yield by.id, {**record, "published": published, "source": source}

    def _sources(self, by: StixObject, behind: StixObject | None = None) -> list[tuple[Mapping[str, str], str]]:
        """The documents that a statement cites, with their dates; else the report that holds it, else its maker."""
        for item in (by, behind):
            if item is not None:
                description = item.description if isinstance(item, Relationship) else ""
                if cited := self._bundle.citations(item, description):
                    return [(each.source(), each.published) for each in cited]
        report = self._bundle.report(by)
        if report is None:
            return self._own(by, by.created)
        url = next((each.url for each in report.external_references if each.url), "")
        source = {"publisher": self._bundle.publisher(report), "title": report.name, "url": url, "id": report.id}
        return [(source, _day(report.published) or _day(report.created))]

    def _own(self, item: StixObject, when: str) -> list[tuple[Mapping[str, str], str]]:
        source = {"publisher": self._bundle.publisher(item), "title": "ATT&CK" if self._bundle.is_attack(item) else ""}
        return [(source, _day(when))]

    def _when(self, item: StixObject, by: StixObject) -> tuple[str, str]:
        """When a relation says something held, else when the subject was active."""
        if isinstance(by, Relationship) and (_day(by.start_time) or _day(by.stop_time)):
            return self._window(by.start_time, by.stop_time, by.id)
        return self._window(item.first_seen, item.last_seen, item.id) if isinstance(item, Named) else ("", "")

    def _window(self, start: str, stop: str, id: str) -> tuple[str, str]:
        first, last = _day(start), _day(stop)
        if first and last and last < first:
            self._bundle.counts.add("last_seen", "objects end before they begin; neither date is read", id)
            return "", ""
        return first, last

    def _tell_unread(self) -> None:
        counts = self._bundle.counts
        for item in self._bundle.items.values():
            if item.type not in forms() and item.id != stix_tables().own["statement"]:
                counts.add("type", f"objects of type {item.type} {_UNREAD}", item.id)
            elif item.granular_markings and self._bundle.tlp((item,)):
                counts.add(
                    "granular_markings", "objects are marked in parts; the strictest holds for the whole", item.id
                )
            if isinstance(item, Indicator) and item.id not in self._indicating:
                counts.add("indicator", "indicators that indicate no group, campaign or family", item.id)


def _identity(subject: Subject) -> Mapping[str, str]:
    return {"publisher": subject.publisher, "subject": subject.name, "subject_type": subject.type}


def _day(text: str) -> str:
    """The day of a time, empty for the times that programs write where none is known."""
    day = text[:10]
    return day if _EARLIEST <= day < _LATEST else ""
