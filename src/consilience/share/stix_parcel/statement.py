"""The object of one statement: a relationship where the standard has one that says it, else a note."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from consilience.model.json import JsonObject
from consilience.model.observation import Observation
from consilience.model.source import Source
from consilience.model.when import iso, span
from consilience.share.stix import EPOCH, moment_of, stix_id
from consilience.share.stix_parcel.target import RELATED, StixTarget, target_of, verb_for
from consilience.vocab.stix import stix_tables

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NUMBER = re.compile(r"[0-9]{1,3}\Z")
_CVE = re.compile(r"CVE-[0-9]|CAPEC-[0-9]", re.IGNORECASE)

moment = lru_cache(maxsize=65_536)(moment_of)


def other_subject(seen: Observation) -> str:
    """The full name of the other subject of a claim; empty where the statement names none in full."""
    publisher, _, name = seen.object.partition("/")
    return seen.object if publisher and name and seen.object != seen.subject.key else ""


def statement_of(seen: Observation, sides: Mapping[str, str]) -> tuple[JsonObject, StixTarget | None]:
    """The object of a statement without marking, and what else it refers to; `sides` are ids of subjects by full name.

    Nothing that was not shown becomes a relationship: who reads no further would take it for shown.
    """
    subject = sides[seen.subject.key]
    target = target_of(seen)
    other = sides.get(other_subject(seen), "")
    if target is not None:
        if target.type == "indicator":
            return _relationship(seen, target.id, "indicates", subject), target
        return _relationship(seen, subject, verb_for(_type(subject), target.type), target.id), target
    if other and other != subject and seen.present and not seen.withheld and seen.trait.kind in stix_tables().related:
        verb = stix_tables().claim_between(seen.trait.kind, _type(subject), _type(other)) or RELATED
        return _relationship(seen, subject, verb, other), None
    return _note(seen, [subject, *([other] if other and other != subject else [])]), None


def sentence(seen: Observation) -> str:
    """The statement in words."""
    who = seen.source.publisher or "A source"
    what = f"{seen.trait.kind}: {seen.printed or seen.trait.value}"
    about = f" ({seen.object})" if seen.object else ""
    if not seen.present:
        scope = f" in {seen.scope}" if seen.scope else ""
        return f"{who} looked at {seen.subject.key}{scope} and did not find {what}{about}."
    if seen.withheld:
        return f"{who} knows a value of {seen.trait.kind} of {seen.subject.key} and does not publish it{about}."
    return f"{who} says of {seen.subject.key}: {what}{about}."


def held_confidence(seen: Observation) -> int | None:
    """The confidence as the integer of STIX, None where the source prints none or prints words."""
    return int(seen.confidence) if _NUMBER.match(seen.confidence) and int(seen.confidence) <= 100 else None


def is_day(text: str) -> bool:
    """Whether a date is precise to the day."""
    return bool(_DAY.match(text))


def _type(ref: str) -> str:
    return ref.split("--", 1)[0]


def _relationship(seen: Observation, source: str, verb: str, target: str) -> JsonObject:
    item = _common("relationship", seen)
    item |= {"relationship_type": verb, "source_ref": source, "target_ref": target}
    item["description"] = f"{sentence(seen)} {seen.note}".strip()
    start = f"{iso(span(seen.first_seen).first)}T00:00:00Z" if seen.first_seen else ""
    stop = f"{iso(span(seen.last_seen).last)}T23:59:59Z" if seen.last_seen else ""
    if start <= (stop or "9999-99"):
        item |= {"start_time": start} if start else {}
        item |= {"stop_time": stop} if stop else {}
    return item


def _note(seen: Observation, refs: list[str]) -> JsonObject:
    item = _common("note", seen)
    when = " to ".join(filter(None, (seen.first_seen, seen.last_seen)))
    dated = f"Seen {when}." if when else ""
    item["abstract"] = f"{seen.subject.key}: {seen.trait.kind}"
    item["content"] = " ".join(filter(None, (sentence(seen), dated, seen.note)))
    item["object_refs"] = refs
    return item


def _common(form: str, seen: Observation) -> JsonObject:
    created = moment(seen.published) if seen.published else EPOCH
    item: JsonObject = {
        "type": form,
        "spec_version": "2.1",
        "id": stix_id(form, seen.id),
        "created_by_ref": stix_tables().own["author"],
        "created": created,
        "external_references": [reference_to(seen.source, seen.published)],
    }
    if (confidence := held_confidence(seen)) is not None:
        item["confidence"] = confidence
    return item


@lru_cache(maxsize=16_384)
def reference_to(source: Source, published: str) -> Mapping[str, str]:
    """The document of a statement; its address stands in the description, as the standard wants a hash beside a url."""
    name = source.publisher or source.key
    told = [source.publisher and f"{source.publisher}. ({published or 'n.d.'})", source.title, source.url]
    reference = {
        "source_name": f"{name} (publisher)" if name in ("cve", "capec") else name,
        "description": ". ".join(filter(None, told)) or name,
    }
    if source.id and not _CVE.match(source.id):
        reference["external_id"] = source.id
    return reference
