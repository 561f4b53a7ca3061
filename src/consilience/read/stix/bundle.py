"""A bundle with its references resolved: what an id stands for, who made it, what it may be shown to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from consilience.read.notice_counts import NoticeCounts
from consilience.read.stix.citation import Citation, citations, cited_by
from consilience.read.stix.marking import UNKNOWN, label_of, strictest
from consilience.read.stix.objects import Container, Marking, Named, Observable, ObservedData, Relationship, StixObject
from consilience.read.stix.versions import latest
from consilience.vocab.stix import stix_tables

MITRE = "The MITRE Corporation"
ATTACK = "MITRE ATT&CK"

Kind = TypeVar("Kind", bound=StixObject)


class Bundle:
    """The objects of a bundle by id, the latest version of each.

    Gone objects are kept apart: what was revoked is looked up as what replaces it; what is deprecated, or revoked
    and not replaced, is no longer said by anybody. Everything that was passed over is counted in `counts`.
    """

    def __init__(
        self, items: Sequence[StixObject], file: str, publisher: str = "", unclear: Collection[str] = frozenset()
    ) -> None:
        """The bundle of these objects; `unclear` are ids of marking definitions that could not be read."""
        self.counts = NoticeCounts(file)
        self.items = latest(items, self.counts)
        self._publisher = publisher
        self._successors = {
            each.source_ref: each.target_ref
            for each in self.of(Relationship)
            if each.relationship_type == "revoked-by" and not each.revoked
        }
        attack = stix_tables().attack_registers
        self._has_attack = any(
            reference.source_name in attack for each in self.of(Named) for reference in each.external_references
        )
        self._creators = {each.created_by_ref for each in self.items.values() if each.created_by_ref in self.items}
        self._citations = citations(
            (reference, self.is_attack(each)) for each in self.items.values() for reference in each.external_references
        )
        self._cited_names = frozenset(name for name, _ in self._citations)
        self._labels = {**stix_tables().colours, **_labels(items), **dict.fromkeys(unclear, UNKNOWN)}
        self._containers = self._contained()

    def of(self, form: type[Kind]) -> list[Kind]:
        """The objects of one form, in the order of their ids."""
        return [each for each in self.items.values() if isinstance(each, form)]

    def current(self, ref: str) -> StixObject | None:
        """The object an id stands for today, or None, which is counted, when it is gone or not in the bundle."""
        seen = {ref}
        while (found := self.items.get(ref)) is not None and found.revoked and ref in self._successors:
            ref = self._successors[ref]
            if ref in seen:
                break
            seen.add(ref)
        kind = ref.split("--", 1)[0]
        if found is None:
            self.counts.add(kind, f"references to objects of type {kind} that the file does not hold", ref)
        elif found.revoked:
            self.counts.add(kind, f"references to objects of type {kind} that were revoked and not replaced", ref)
        elif found.x_mitre_deprecated:
            self.counts.add(kind, f"references to deprecated objects of type {kind}", ref)
        else:
            return found
        return None

    def successor(self, item: StixObject) -> StixObject | None:
        """What replaces a revoked object, if anything."""
        return self.current(item.id) if item.revoked and item.id in self._successors else None

    def observable(self, ref: str) -> Observable | None:
        """The observable of this id, if the bundle holds it."""
        found = self.items.get(ref)
        return found if isinstance(found, Observable) else None

    def publisher(self, item: StixObject) -> str:
        """The name of who made an object; the given publisher where no identity is known; else empty."""
        creator = self.items.get(item.created_by_ref)
        if creator is None and not self._publisher and len(self._creators) == 1:
            creator = self.items.get(next(iter(self._creators)))
        if not isinstance(creator, Named):
            return self._publisher
        if creator.name == MITRE and self._has_attack:
            return ATTACK
        return " ".join(creator.name.replace("/", "-").split())

    def is_attack(self, item: StixObject) -> bool:
        """Whether an object is of ATT&CK, and not only refers to it."""
        return self.publisher(item) == ATTACK

    def citations(self, item: StixObject, description: str = "") -> list[Citation]:
        """The documents an object cites, each once, in the order of their ids."""
        found: dict[str, Citation] = {}
        by_name = self.is_attack(item)
        for name, url in cited_by(item.external_references, description, self._cited_names):
            cited = self._citations.get((name, "" if by_name else url)) or self._citations.get((name, ""))
            cited = cited or Citation(publisher=name, title="", url="", id=name, published="")
            found[cited.id] = cited
        return [found[key] for key in sorted(found)]

    def report(self, item: StixObject) -> Container | None:
        """The report that holds an object; of several the one published first."""
        reports = [each for each in self._containers.get(item.id, ()) if each.type == "report"]
        return min(reports, key=lambda each: (each.published or "9999", each.id), default=None)

    def tlp(self, items: Iterable[StixObject]) -> str:
        """The strictest label that these objects, their parts and whatever holds them carry.

        What is observed counts with the data that holds it: converters mark the one or the other.
        """
        return self.own_tlp(each for item in items for each in self._held(item))

    def own_tlp(self, items: Iterable[StixObject]) -> str:
        """The strictest label that these objects and their parts carry, whatever holds them."""
        return strictest(self._labels.get(ref, UNKNOWN) for item in items for ref in _markings(item))

    def _held(self, item: StixObject) -> Iterator[StixObject]:
        """The object, what is observed in it, and whatever holds any of these, however deep."""
        observed: list[StixObject] = []
        if isinstance(item, ObservedData):
            observed = [found for ref in item.object_refs if (found := self.observable(ref)) is not None]
        waiting: list[StixObject] = [item, *observed]
        seen: set[str] = set()
        while waiting:
            each = waiting.pop()
            if each.id not in seen:
                seen.add(each.id)
                yield each
                waiting += self._containers.get(each.id, ())

    def _contained(self) -> dict[str, list[Container]]:
        found: dict[str, list[Container]] = {}
        for each in self.of(Container):
            if not each.revoked:
                for ref in each.object_refs:
                    found.setdefault(ref, []).append(each)
        return found


def _markings(item: StixObject) -> Iterator[str]:
    yield from item.object_marking_refs
    yield from (part.marking_ref for part in item.granular_markings)


def _labels(items: Iterable[StixObject]) -> dict[str, str]:
    """The label of each definition of a marking; of one with several contents nobody knows which holds."""
    found: dict[str, str] = {}
    for each in items:
        if isinstance(each, Marking):
            label = label_of(each)
            found[each.id] = label if found.get(each.id, label) == label else UNKNOWN
    return found


def is_gone(item: StixObject) -> bool:
    """Whether its maker took the object back."""
    return item.revoked or item.x_mitre_deprecated
