"""Feeds of a case: collections elsewhere, read from where the last reading ended.

A pull is one import: everything it brings is kept, or nothing. Only then is it written down how far the feed was read,
so that a pull that was cut off is made again, and brings what it brought before once more to no effect.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace

from consilience.case.intake import Intake, ReadResult
from consilience.model.digest import digest
from consilience.model.errors import InputError
from consilience.model.feed import Feed
from consilience.model.protocols import Keeper
from consilience.model.shift import Decision
from consilience.model.terms import FEED, FeedTerms
from consilience.read import read_content
from consilience.read.remote import Collection, Egress, Page, bundle_of, pages, version
from consilience.release.rulings import Rulings, check_colour, now

PULL = "fe-"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought: how many objects in how many pages, and what reading them gave; None when nothing is new."""

    feed: Feed
    objects: int
    pages: int
    read: ReadResult | None = None


@dataclass(frozen=True, slots=True)
class Feeds:
    """The feeds of a case. `egress` makes the client for a feed; tests put another in its place."""

    keeper: Keeper
    intake: Intake
    egress: Callable[[Feed], Egress] = lambda feed: Egress(plain=feed.plain, private=feed.private)

    def add(self, feed: Feed, by: str) -> Feed:
        """The feed that was added; one of this name that was there is now as given here, and is read from its start."""
        if not feed.name.strip() or not feed.publisher.strip():
            raise InputError("a feed needs a name and a publisher", "feed", "give NAME and --publisher")
        if feed.tlp:
            check_colour(feed.tlp, "feed")
        if bool(feed.user) != bool(feed.password_env):
            raise InputError("a user needs a password", "feed", "give --user and --password-env together")
        terms = FeedTerms(**{each.name: getattr(feed, each.name) for each in fields(FeedTerms)})
        Rulings(self.keeper).rule(FEED, feed.name, terms, "", by)
        return self.named(feed.name)

    def all(self) -> list[Feed]:
        """The feeds, by name, each with how far it was read."""
        found: dict[str, Feed] = {}
        for ruling in self.keeper.rulings():
            if isinstance(ruling.terms, FeedTerms):
                terms = asdict(ruling.terms)
                found[ruling.about] = Feed(name=ruling.about, recorded=ruling.recorded, by=ruling.by, **terms)
        for id, document in self.keeper.results():
            feed = found.get(document.get("feed", "")) if id.startswith(PULL) else None
            if feed is not None and not feed.added and document["since"] == feed.recorded:
                found[feed.name] = replace(feed, added=document["added"], seen=tuple(document["seen"]))
        return [found[name] for name in sorted(found)]

    def named(self, name: str) -> Feed:
        """The feed of this name. Raises InputError when there is none."""
        for feed in self.all():
            if feed.name == name:
                return feed
        raise InputError(f"no feed is called {name!r}", "feed", "`consilience feed list` has them")

    def pull(
        self, name: str, despite_shift: Decision | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Pulled:
        """What a feed brought since it was last read.

        Raises:
            InputError: its server cannot be reached or answers with something else; nothing of it is kept then.
        """
        feed = self.named(name)
        collection = Collection(root=feed.root, id=feed.collection, credentials=_credentials(feed))
        got: list[Page] = []
        objects: list[dict[str, object]] = []
        for page in pages(self.egress(feed), collection, feed.added, feed.seen):
            got.append(page)
            objects += page.objects
            if progress:
                progress(len(objects), 0)
        if not objects:
            return Pulled(feed, 0, 0)
        raw = bundle_of([*objects, *self._named_elsewhere(feed, objects)])
        defaults = {"publisher": feed.publisher, "tlp": feed.tlp}
        reading = read_content(raw, _file(feed), {key: value for key, value in defaults.items() if value})
        (read,) = self.intake.take([reading], despite_shift)
        if not read.held:
            added = got[-1].added
            seen = [version(each) for each in objects] if added else [*feed.seen, *map(version, objects)]
            document = {"feed": feed.name, "since": feed.recorded, "added": added, "seen": sorted(set(seen))}
            self.keeper.keep_result(PULL + digest([document, now()])[:20], document)
        return Pulled(self.named(name), len(objects), len(got), read)

    def _named_elsewhere(self, feed: Feed, objects: Sequence[dict[str, object]]) -> list[dict[str, object]]:
        """Objects of earlier pulls that these name: a relationship often comes later than what it relates."""
        wanted = set(_references(objects)) - {each.get("id") for each in objects}
        found: dict[str, dict[str, object]] = {}
        for row in reversed(self.keeper.imports()):
            if not wanted:
                break
            if row["file"] == _file(feed):
                for each in json.loads(self.keeper.raw(row["sha256"]))["objects"]:
                    if each.get("id") in wanted:
                        found.setdefault(each["id"], each)
                        wanted.discard(each["id"])
        return list(found.values())


def _file(feed: Feed) -> str:
    return f"feed {feed.name}"


def _credentials(feed: Feed) -> tuple[str, str] | None:
    if not feed.user:
        return None
    password = os.environ.get(feed.password_env, "")
    if not password:
        raise InputError(f"the variable {feed.password_env} is not set", f"feed {feed.name}", "put the password there")
    return feed.user, password


def _references(objects: Iterable[dict[str, object]]) -> Iterator[str]:
    for each in objects:
        for name, value in each.items():
            if name.endswith("_ref") and isinstance(value, str):
                yield value
            elif name.endswith("_refs") and isinstance(value, list):
                yield from (item for item in value if isinstance(item, str))
