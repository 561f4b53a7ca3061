"""What the known subjects of a case did: the activities a query is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from consilience.attribute.activity import Activity, activities, in_order
from consilience.model.names import names
from consilience.model.query import Query
from consilience.model.snapshot import Snapshot
from consilience.model.subject import TOOL_TYPES
from consilience.model.when import span
from consilience.vocab import Vocabulary

ATTRIBUTED = "claim:same-operator"


def known_activities(snapshot: Snapshot, vocabulary: Vocabulary, among: str) -> tuple[Activity, ...]:
    """The activities of the subjects of a type, and of the campaigns that their own publisher attributes to them."""
    own = [key for key, subject in snapshot.subjects.items() if subject.type == among]
    found = list(activities((seen for key in own for seen in snapshot.of(key)), vocabulary))
    for campaign, owner in _attributed(snapshot, among):
        found += (replace(each, subject=owner) for each in activities(snapshot.of(campaign), vocabulary))
    return tuple(sorted(found, key=in_order))


def tool_activities(snapshot: Snapshot, vocabulary: Vocabulary) -> tuple[Activity, ...]:
    """What is known of the families and tools themselves."""
    keys = [key for key, subject in snapshot.subjects.items() if subject.type in TOOL_TYPES]
    return activities((seen for key in keys for seen in snapshot.of(key)), vocabulary)


def _attributed(snapshot: Snapshot, among: str) -> Iterator[tuple[str, str]]:
    """Campaigns and the subject each is attributed to by the publisher whose names both are."""
    if among == "campaign":
        return
    owners = [subject for subject in snapshot.subjects.values() if subject.type == among]
    for key, subject in snapshot.subjects.items():
        if subject.type != "campaign":
            continue
        said = {
            owner.key
            for seen in snapshot.of(key)
            if seen.trait.kind == ATTRIBUTED and seen.present
            for owner in owners
            if owner.publisher == subject.publisher and names(seen.object, owner)
        }
        if len(said) == 1:
            yield key, said.pop()


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as one activity of nobody, and the observations it is made of: kind, printed value, and their traits."""

    activity: Activity
    pieces: tuple[tuple[str, str, frozenset[tuple[str, str]]], ...]

    def without(self, place: int) -> Activity:
        """The activity had one of its observations not been made."""
        left = {trait for number, piece in enumerate(self.pieces) if number != place for trait in piece[2]}
        return replace(self.activity, traits=tuple(sorted(left)))


def asked(query: Query, vocabulary: Vocabulary) -> Asked:
    """A query, dated as it says or else by its latest observation."""
    found = activities(query.observations, vocabulary)
    day = span(query.date).last if query.date else max((each.day for each in found), default=0)
    pieces = {}
    for seen in query.observations:
        shown = frozenset(trait for each in activities((seen,), vocabulary) for trait in each.traits)
        if shown:
            pieces[str(seen.trait)] = (seen.trait.kind, seen.printed or seen.trait.value, shown)
    traits = tuple(sorted({trait for each in found for trait in each.traits}))
    return Asked(Activity("", day, query.id, traits, query.observations), tuple(pieces[key] for key in sorted(pieces)))
