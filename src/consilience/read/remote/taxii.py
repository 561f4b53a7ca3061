"""Pages of a TAXII 2.1 collection, from where the last reading ended, whichever way the server counts.

Source: TAXII 2.1 (OASIS, June 2021). Some servers give what was added *at* the moment asked for again, others only what
came later; asked for a page once more, some give the same. So what was seen is left out, and the same `next` again
with nothing new ends the reading with a reason instead of going round for ever.
"""

from __future__ import annotations

import json
from collections.abc import Collection as Many
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from consilience.model.digest import digest
from consilience.model.errors import InputError, Rejected
from consilience.read.remote.egress import Answer, Egress
from consilience.read.remote.gate import RequestKind
from consilience.sandbox.strict_json import is_too_deep, strict_value

MEDIA = "application/taxii+json"
ACCEPT = "application/taxii+json;version=2.1"
STIX = "application/stix+json"
A_PAGE = 1_000
_NO_ENVELOPE = "answers with something that is not a TAXII envelope"
MOST_PAGES = 100_000
_KEPT = ("id", "modified", "created")

Credentials = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection of a server: the address of its API root, its id, and who we are there."""

    root: str
    id: str
    credentials: Credentials | None = None

    def address(self, **query: str | int) -> str:
        """The address of its objects, with what is asked for."""
        asked = {name: value for name, value in query.items() if value != ""}
        tail = f"?{urlencode(asked)}" if asked else ""
        return f"{self.root.rstrip('/')}/collections/{quote(self.id, safe='')}/objects/{tail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Objects that were not seen before, and the moment from which to go on after them."""

    objects: tuple[dict[str, object], ...]
    added: str


def pages(egress: Egress, collection: Collection, after: str = "", seen: Many[str] = ()) -> Iterator[Page]:
    """The pages of a collection that were added after a moment (all when empty).

    `seen` are the `versions` of objects that were read at that very moment, so that a server that gives them again
    does no harm.

    Raises:
        InputError: the server refuses, answers with something else, or goes round in circles.
    """
    known, told, onward, added = set(seen), set[str](), "", after
    for _ in range(MOST_PAGES):
        answer = _asked(egress, collection, collection.address(added_after=after, limit=A_PAGE, next=onward))
        envelope = _envelope(answer, collection)
        listed = envelope.get("objects", ())
        objects = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        fresh = tuple(each for each in objects if version(each) not in known)
        known.update(version(each) for each in fresh)
        added = answer.headers.get("x-taxii-date-added-last", "") or added
        if fresh:
            yield Page(objects=fresh, added=added)
        if not envelope.get("more"):
            return
        onward = str(envelope.get("next") or "")
        if not onward:
            # Without `next` the standard lets a client go on from the last moment it was told of.
            if added == after or not fresh:
                raise InputError("says there is more, and not how to get it", collection.root, "tell its operator")
            after = added
        elif onward in told and not fresh:
            # MITRE's reference server gives one `next` for all pages: the same again is a fault only without progress.
            raise InputError("gives the same page again and again", collection.root, "tell its operator")
        told.add(onward)
    raise InputError(
        f"has more than {MOST_PAGES:,} pages", collection.root, "ask its operator for a smaller collection"
    )


def version(item: dict[str, object]) -> str:
    """What tells a version of an object from another: its id, and when it was modified or made."""
    return " ".join(str(item.get(name, "")) for name in _KEPT[:2]) if "modified" in item else str(item.get("id", ""))


def _asked(egress: Egress, collection: Collection, url: str) -> Answer:
    answer = egress.get(
        url,
        RequestKind.REVEALS_NOTHING,
        headers={"accept": ACCEPT},
        credentials=collection.credentials,
        types=(MEDIA, STIX, "application/json"),
    )
    if answer.status in {401, 403, 404}:
        raise InputError(
            f"does not let us read the collection ({answer.status})",
            collection.root,
            "check its id, your name and password",
        )
    if answer.status != 200:
        raise InputError(f"answers with status {answer.status}", collection.root, "try later, or tell its operator")
    return answer


def _envelope(answer: Answer, collection: Collection) -> dict[str, object]:
    try:
        if is_too_deep(answer.content):
            raise Rejected("it is nested too deeply")
        found = strict_value(answer.content or b"{}")
    except Rejected as fault:
        raise InputError(f"{_NO_ENVELOPE}: {fault}", collection.root, "tell its operator") from None
    if not isinstance(found, dict):
        raise InputError(_NO_ENVELOPE, collection.root, "tell its operator")
    return found


def bundle_of(objects: Sequence[Mapping[str, object]]) -> bytes:
    """The objects as one bundle; the same bytes for the same objects in this order."""
    body = json.dumps(objects, sort_keys=True, ensure_ascii=False)
    name = digest([body])
    uuid = f"{name[:8]}-{name[8:12]}-4{name[13:16]}-8{name[17:20]}-{name[20:32]}"
    return b'{"type":"bundle","id":"bundle--%s","objects":%s}\n' % (uuid.encode(), body.encode("utf-8", "replace"))
