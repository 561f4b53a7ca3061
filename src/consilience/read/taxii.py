"""What a TAXII 2.1 collection holds, page by page, and how a reader goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from consilience.model.canonical import canonical_json
from consilience.model.channel import Feed
from consilience.model.errors import CaseError
from consilience.model.reading import Reading
from consilience.read.egress import Answer, Egress
from consilience.read.stix import StixBundle

MEDIA = "application/taxii+json"
ACCEPT = MEDIA + ";version=2.1"
PAGE = 500
_AT_ONCE = 40
# Some servers count `added_after` as "from", some as "beyond", and some know milliseconds only: asked for a little
# earlier, all give what was added at the very time of the cursor, and what we have of it is left out.
_OVERLAP = timedelta(milliseconds=1)

Asked = Mapping[str, str]
Objects = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pulled:
    """One page: its objects that we did not have, and the feed as it stands after it."""

    objects: Objects
    feed: Feed


class Collection:
    """A collection of another house, fetched through the one way out."""

    def __init__(self, feed: Feed, egress: Egress, auth: tuple[str, str] | None = None) -> None:
        self._feed = feed
        self._url = f"{feed.url.rstrip('/')}/collections/{feed.collection}/objects/"
        self._egress = egress
        self._auth = auth

    def pages(self) -> Iterator[Pulled]:
        """What was added since the cursor of the feed, one page at a time.

        Raises CaseError when the server gives a page or a `next` a second time, for it would never end.
        """
        feed, had = self._feed, set(self._feed.edge)
        asked = {"limit": str(PAGE)} | ({"added_after": _earlier(feed.cursor)} if feed.cursor else {})
        nexts, seen = set[str](), set[str]()
        while True:
            answer = self._answer(asked)
            told = _envelope(answer, feed)
            objects, more, following = told.get("objects", []), bool(told.get("more")), str(told.get("next", ""))
            content = hashlib.sha256(canonical_json(objects)).hexdigest()
            if (objects and content in seen) or (more and (not following or following in nexts)):
                raise CaseError("gives the same page again and again", feed.name, "tell its owner; nothing is lost")
            seen.add(content)
            nexts.add(following)
            feed = _moved(feed, objects, answer.headers.get("x-taxii-date-added-last", ""))
            new = [each for each in objects if version_of(each) not in had]
            had.update(map(version_of, objects))
            yield Pulled(new, feed)
            if not more:
                return
            asked = {**asked, "next": following}

    def referenced(self, objects: Iterable[Mapping[str, Any]]) -> Objects:
        """What these objects refer to and do not hold, as far as the server gives it: earlier pages had it."""
        rows = list(objects)
        missing = sorted({id for row in rows for id in _references(row)} - {str(row["id"]) for row in rows})
        found: Objects = []
        for start in range(0, len(missing), _AT_ONCE):
            wanted = {"match[id]": ",".join(missing[start : start + _AT_ONCE]), "limit": str(_AT_ONCE)}
            found += _envelope(self._answer(wanted), self._feed).get("objects", [])
        return found

    def _answer(self, asked: Asked) -> Answer:
        return self._egress.get(self._url, query=asked, headers={"Accept": ACCEPT}, auth=self._auth, media=MEDIA)


def bundle_reading(objects: Objects, name: str, defaults: Mapping[str, str]) -> Reading:
    """The reading of these objects, as of a bundle that holds them."""
    raw = canonical_json({"objects": objects})
    return StixBundle().read(raw, name, defaults)


def version_of(item: Mapping[str, Any]) -> str:
    """Id and version of an object; an object without versions is told by what it holds."""
    version = item.get("modified") or item.get("created")
    return f"{item['id']} {version or hashlib.sha256(canonical_json(item)).hexdigest()[:16]}"


def batches(pages: Iterable[Pulled], size: int, done: Callable[[int], None]) -> Iterator[Pulled]:
    """The pages put together until they hold this many objects; `done` is told how many have come."""
    held: Objects = []
    last, total = None, 0
    for page in pages:
        held, last, total = held + page.objects, page, total + len(page.objects)
        done(total)
        if len(held) >= size:
            yield Pulled(held, page.feed)
            held, last = [], None
    if last is not None:
        yield Pulled(held, last.feed)


def _moved(feed: Feed, objects: Objects, last: str) -> Feed:
    if not objects or not last:
        return feed
    same = set(feed.edge) if last == feed.cursor else set[str]()
    told = {**{name: getattr(feed, name) for name in Feed.__slots__}, "cursor": last}
    return Feed(**{**told, "edge": tuple(sorted(same | set(map(version_of, objects))))})


def _envelope(answer: Answer, feed: Feed) -> dict[str, Any]:
    if answer.status in (401, 403):
        raise CaseError("refuses our key", feed.name, "set the variable that --key names to USER:PASSWORD")
    if answer.status != 200:
        raise CaseError(f"answers with status {answer.status}", feed.name, "check the address and the collection")
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    rows = told.get("objects", []) if isinstance(told, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise CaseError("answers something that is no envelope", feed.name, "check the address")
    return dict(told)


def _references(item: Mapping[str, Any]) -> Iterator[str]:
    for name, value in item.items():
        if name.endswith("_ref") and isinstance(value, str):
            yield value
        elif name.endswith("_refs") and isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))


def _earlier(text: str) -> str:
    try:
        when = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    return (when - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
