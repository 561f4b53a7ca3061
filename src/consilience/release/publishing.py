"""What is added to the release log of a partner, so that it holds what they may know now.

Objects that changed get a later version; those that the partner may know no longer get a last one that is revoked and
holds what the standard requires and nothing that was disclosed, or just end when their type has no versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from consilience.model.channel import LogEntry
from consilience.model.digest import canonical_json
from consilience.model.json import Json
from consilience.share.stix import stix_id

StixObject = Mapping[str, Json]

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
_STEP = timedelta(microseconds=1)
_ENDLESS = ("marking-definition", "extension-definition", "identity")
_KEPT = ("type", "spec_version", "id", "created", "created_by_ref", "object_marking_refs")
_WITHDRAWN = "Withdrawn."
_NOBODY = stix_id("identity", "withdrawn")
_BEGINNING = "1970-01-01T00:00:00Z"
_REQUIRED: Mapping[str, StixObject] = {
    "relationship": {"relationship_type": "related-to", "source_ref": _NOBODY, "target_ref": _NOBODY},
    "indicator": {
        "pattern": "[x-withdrawn:value = 'withdrawn']",
        "pattern_type": "stix",
        "valid_from": _BEGINNING,
    },
    "observed-data": {
        "first_observed": _BEGINNING,
        "last_observed": _BEGINNING,
        "number_observed": 1,
        "object_refs": [_NOBODY],
    },
    "note": {"content": _WITHDRAWN, "object_refs": [_NOBODY]},
    "opinion": {"opinion": "neutral", "object_refs": [_NOBODY]},
    "report": {"name": _WITHDRAWN, "published": _BEGINNING, "object_refs": [_NOBODY]},
    "grouping": {"name": _WITHDRAWN, "context": "unspecified", "object_refs": [_NOBODY]},
    "malware": {"name": _WITHDRAWN, "is_family": False},
    "sighting": {"sighting_of_ref": _NOBODY},
    "location": {"country": "AQ"},
}


def additions(
    partner: str, objects: Iterable[StixObject], log: Sequence[LogEntry], moment: datetime
) -> tuple[LogEntry, ...]:
    """The entries that bring the log of this partner (principal) up to these objects.

    Each has a date added of its own, later than all before, so that a reader loses nothing who only remembers the last.
    An object whose last version is revoked stays so: the standard knows no way back.
    """
    newest = {entry.object: entry for entry in log}
    clock, made = _after(log, moment), []
    for seq, (id, now, digest) in enumerate(_changes(objects, newest), len(log) + 1):
        clock += _STEP
        added, before = clock.strftime(_FORM), newest.get(id)
        content = _next(now, before, added) if now is not None else _last(before, added)
        made.append(
            LogEntry(
                seq=seq,
                partner=partner,
                object=id,
                version=str(content.get("modified", content.get("created", added))),
                added=added,
                sha256=digest,
                text=canonical_json(content).decode() if content else "",
                gone=now is None,
            )
        )
    return tuple(made)


def _changes(
    objects: Iterable[StixObject], newest: Mapping[str, LogEntry]
) -> Iterator[tuple[str, StixObject | None, str]]:
    """The id, content and digest of each object that is new or changed; then of those that are gone, without any."""
    wanted = {str(each["id"]): each for each in objects}
    for id, each in wanted.items():
        digest, before = hashlib.sha256(canonical_json(each)).hexdigest(), newest.get(id)
        if before is None or (before.sha256 != digest and not _is_revoked(before)):
            yield id, each, digest
    for id, entry in newest.items():
        if id not in wanted and not entry.gone:
            yield id, None, ""


def _is_revoked(entry: LogEntry) -> bool:
    return bool(entry.gone and entry.text)


def _after(log: Sequence[LogEntry], moment: datetime) -> datetime:
    if not log:
        return moment
    return max(moment, datetime.strptime(log[-1].added, _FORM).replace(tzinfo=UTC))


def _next(now: StixObject, before: LogEntry | None, added: str) -> StixObject:
    """The object, with a date modified that is later than that of the version before it."""
    if before is None or "modified" not in now or _when(str(now["modified"])) > _when(before.version):
        return now
    return {**now, "modified": added}


def _last(before: LogEntry | None, added: str) -> StixObject:
    """The last version of an object; empty when its type has none."""
    was = json.loads(before.text) if before and before.text else {}
    if "modified" not in was or was["type"] in _ENDLESS:
        return {}
    required = _REQUIRED.get(was["type"], {"name": _WITHDRAWN})
    return {**{name: was[name] for name in _KEPT if name in was}, **required, "modified": added, "revoked": True}


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text)
