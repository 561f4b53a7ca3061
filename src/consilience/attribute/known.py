"""What the known subjects of a case did: the activities a query is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from consilience.attribute.activity import Activity, activities, sort_key
from consilience.model.names import names
from consilience.model.observation import Observation
from consilience.model.query import Query
from consilience.model.snapshot import Snapshot
from consilience.model.subject import TOOL_TYPES, Subject
from consilience.model.when import span
from consilience.vocab import Vocabulary

ATTRIBUTED = "claim:same-operator"


def known_activities(snapshot: Snapshot, vocabulary: Vocabulary, among: str) -> tuple[Activity, ...]:
    """The activities of the subjects of a type, and of the campaigns that their own publisher attributes to them."""
    own = [key for key, subject in snapshot.subjects.items() if subject.type == among]
    found = list(activities((seen for key in own for seen in snapshot.of(key)), vocabulary))
    for campaign, owner in _attributed(snapshot, among):
        found += (replace(each, subject=owner) for each in activities(snapshot.of(campaign), vocabulary))
    return tuple(sorted(found, key=sort_key))


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
        if subject.type == "campaign":
            own = [owner for owner in owners if owner.publisher == subject.publisher]
            found = _claimed_owners(snapshot.of(key), own)
            if len(found) == 1:
                yield key, found.pop()


def _claimed_owners(observations: Iterable[Observation], owners: Iterable[Subject]) -> set[str]:
    """The full names of those of some subjects whom the observations of a campaign attribute it to."""
    claims = [seen for seen in observations if seen.trait.kind == ATTRIBUTED and seen.present]
    return {owner.key for owner in owners for seen in claims if names(seen.object, owner)}


@dataclass(frozen=True, slots=True)
class QueryActivity:
    """A query as one activity of nobody, and what was `observed`: kind, printed value, and traits of each."""

    activity: Activity
    observed: tuple[tuple[str, str, frozenset[tuple[str, str]]], ...]

    def without(self, place: int) -> Activity:
        """The activity had one of its observations not been made."""
        rest = self.observed[:place] + self.observed[place + 1 :]
        return replace(self.activity, traits=tuple(sorted({trait for *_, traits in rest for trait in traits})))


def query_activity(query: Query, vocabulary: Vocabulary) -> QueryActivity:
    """A query, dated as it says or else by its latest observation."""
    found = activities(query.observations, vocabulary)
    day = span(query.date).last if query.date else max((each.day for each in found), default=0)
    observed = {}
    for seen in query.observations:
        shown = _traits(activities((seen,), vocabulary))
        if shown:
            observed[str(seen.trait)] = (seen.trait.kind, seen.printed or seen.trait.value, shown)
    activity = Activity("", day, query.id, tuple(sorted(_traits(found))), query.observations)
    return QueryActivity(activity, tuple(observed[key] for key in sorted(observed)))


def _traits(found: Iterable[Activity]) -> frozenset[tuple[str, str]]:
    return frozenset(trait for each in found for trait in each.traits)
