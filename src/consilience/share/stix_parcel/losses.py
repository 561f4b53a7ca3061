"""What plain STIX cannot hold of statements: counted, with examples, why, and where it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from consilience.model.json import Json
from consilience.model.marking import COLOURS
from consilience.model.observation import Observation
from consilience.model.parcel import Loss
from consilience.share.stix_parcel.statement import held_confidence, is_day
from consilience.share.stix_parcel.target import StixTarget

EXAMPLES = 5
KEPT = "use stix, or jsonl"

WHY: Mapping[str, str] = {
    "absence": "a relationship says that something was seen and never that it was not; it stands in words, in a note",
    "withheld values": "there is no object for a value that is known and not published; it stands in words, in a note",
    "kinds": "the standard has no object for this kind of trait, or takes no such value; it stands in words, in a note",
    "kinds of claims": "between two subjects the standard has few relationships; most claims are related-to or a note",
    "names without a publisher": "the other name is nobody's in particular, and no object; it stands in words",
    "whose name it is": "an object has a name and no owner of the name; the owner stands in the description",
    "types of subjects": "a tool that is a subject is malware, and a sample is not a family",
    "spelling": "the object holds the value in its canonical form, and not as the source prints it",
    "dates of showing": "a note has no time at which something held; the dates stand in words",
    "precision of dates": "times are to the second: a year or month stands as its first and its last day",
    "publication dates": "created is a full time: a year or month stands as its last day, no date as 1970",
    "public since": "an object has no date from which its content was public",
    "grades": "there is no reliability of a source and no credibility of a statement",
    "confidence in words": "confidence is a whole number from 0 to 100",
    "where": "there is no place within a document",
    "derived from": "there is no way to say that a document repeats another",
    "addresses": "an address would need the hash of what it leads to; it stands in the description of the reference",
    "roles and scopes": "there is no role of a trait or key, no scope, and nothing that says exclusive",
    "ids of withheld values": "there is no value that is only a name for a value",
    "handling": "only TLP is marked: no PAP, embargo, recipients, hidden source, nor matching only",
    "unmarked": "what is not marked leaves as amber+strict, and what is marked in an unknown way as red",
}
"""Every loss that is told, in the order in which it is told."""


class LossCounts:
    """Counts the losses of statements one by one."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def take(self, seen: Observation, item: Mapping[str, Json], target: StixTarget | None) -> None:
        """Adds what the object of a statement does not hold of it."""
        for what in (*_of_value(seen, item, target), *_of_dates(seen, item), *_of_source(seen), *_of_handling(seen)):
            self._counts[what] = self._counts.get(what, 0) + 1
            ids = self._ids.setdefault(what, [])
            if len(ids) < EXAMPLES:
                ids.append(seen.id)

    def losses(self) -> tuple[Loss, ...]:
        """The losses in a fixed order."""
        return tuple(
            Loss(what=what, count=self._counts[what], why=why, remedy=KEPT, examples=tuple(self._ids[what]))
            for what, why in WHY.items()
            if what in self._counts
        )


def _of_value(seen: Observation, item: Mapping[str, Json], target: StixTarget | None) -> Iterator[str]:
    yield "whose name it is"
    if seen.subject.type in ("tool", "sample"):
        yield "types of subjects"
    if not seen.present:
        yield "absence"
    if seen.withheld:
        yield "withheld values"
    if seen.withheld_id:
        yield "ids of withheld values"
    if target is not None:
        if not target.exact:
            yield "spelling"
    elif seen.object:
        yield "kinds of claims"
    else:
        yield "kinds"
    if seen.object and (item["type"] == "note" or target is not None):
        yield "names without a publisher"


def _of_dates(seen: Observation, item: Mapping[str, Json]) -> Iterator[str]:
    dates = [each for each in (seen.first_seen, seen.last_seen) if each]
    if dates and "start_time" not in item and "stop_time" not in item:
        yield "dates of showing"
    elif not all(is_day(each) for each in dates):
        yield "precision of dates"
    if not is_day(seen.published):
        yield "publication dates"
    if seen.public_since:
        yield "public since"


def _of_source(seen: Observation) -> Iterator[str]:
    source = seen.source
    if source.reliability != "F" or source.credibility != 6:
        yield "grades"
    if seen.confidence and str(held_confidence(seen)) != seen.confidence:
        yield "confidence in words"
    if seen.where:
        yield "where"
    if source.derived_from:
        yield "derived from"
    if source.url:
        yield "addresses"


def _of_handling(seen: Observation) -> Iterator[str]:
    if seen.role or seen.key_role or seen.scope or seen.exclusive:
        yield "roles and scopes"
    if seen.pap or seen.embargo or seen.recipients or seen.source_hidden or seen.match_only:
        yield "handling"
    if seen.tlp not in COLOURS:
        yield "unmarked"
