"""Channels to other houses: what is published for a partner, what one sends us, and the feeds we pull."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from consilience.case.intake import Intake, ReadResult
from consilience.case.sharing import Office
from consilience.model.canonical import canonical_json, digest
from consilience.model.channel import ApiKey, Feed
from consilience.model.errors import CaseError, InputError
from consilience.model.marking import COLOURS
from consilience.model.observation import Observation
from consilience.model.parcel import Parcel
from consilience.model.partner import Partner
from consilience.model.reading import Reading
from consilience.model.shift import Decision
from consilience.read.egress import Egress
from consilience.read.taxii import Collection, batches, bundle_reading
from consilience.share import convert
from consilience.share.desk import now
from consilience.share.publishing import additions

BATCH = 10_000
KEY_DAYS = 365
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_COLLECTION = re.compile(r"[A-Za-z0-9._-]{1,80}")

Objects = Iterable[Mapping[str, Any]]


def stix_objects(parcel: Parcel) -> Objects:
    """The statements of a parcel as STIX objects."""
    objects: list[dict[str, Any]] = json.loads(convert(parcel, "stix").content)["objects"]
    return objects if parcel.observations else []


@dataclass(frozen=True, slots=True)
class Channels:
    """What goes out to partners and comes in from them, over one case."""

    office: Office
    intake: Intake
    objects: Callable[[Parcel], Objects] = stix_objects

    def publish(self, to: str, by: str = "") -> dict[str, Any]:
        """What was added to what this partner may fetch; the ledger has the statements when this returns."""
        keeper, partner = self.office.keeper, self.office.desk.policy().partner(to)
        parcel = self.office.parcel(partner.name)
        log = list(keeper.release_log(partner.principal))
        entries = additions(partner.principal, self.objects(parcel), log, datetime.now(UTC))
        if entries:
            told = hashlib.sha256(canonical_json([entry.text for entry in entries])).hexdigest()
            self.office.told(parcel, "taxii", told, by)
            keeper.publish(partner.principal, entries)
        ended = sum(entry.gone for entry in entries)
        return {"partner": partner.name, "added": len(entries) - ended, "withdrawn": ended, "held": len(log)}

    def new_key(self, partner: str, days: int = KEY_DAYS, by: str = "") -> tuple[ApiKey, str]:
        """A new key for this partner, and its secret, which is told here once and kept nowhere."""
        known, secret = self.office.desk.policy().partner(partner), secrets.token_urlsafe(32)
        expires = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        key = ApiKey(
            id="wb_" + secrets.token_hex(6),
            partner=known.name,
            sha256=hashlib.sha256(secret.encode()).hexdigest(),
            expires=expires,
            recorded=now(),
            by=by,
        )
        self.office.keeper.keep_key(key)
        return key, secret

    def retire_key(self, id: str) -> ApiKey:
        """The key of this id, which opens nothing any more."""
        for key in self.office.keeper.api_keys():
            if key.id == id:
                retired = replace(key, retired=key.retired or now())
                self.office.keeper.keep_key(retired)
                return retired
        raise InputError(f"no key is called {id!r}", "partner", "`consilience partner keys` has them")

    def receive(self, raw: bytes, partner: Partner) -> ReadResult:
        """What reading an envelope of this partner gave; all of it under their name, whoever it names.

        Where it would move what we concluded it waits for a person, kept as a result whose id begins with `in-`.
        """
        objects = json.loads(raw)["objects"]
        found = bundle_reading(objects, f"TAXII inbox of {partner.name}", {"publisher": partner.name})
        result = self.intake.take(told_by(found, partner.name))
        if result.held:
            document = {"from": partner.name, "received": now(), "envelope": raw.decode("utf-8", "replace")}
            self.office.keeper.keep_result("in-" + digest(document)[:20], document)
        return result

    def feeds(self) -> list[Feed]:
        """The feeds of the case."""
        return list(self.office.keeper.feeds())

    def add_feed(self, url: str, collection: str, publisher: str, tlp: str = "", name: str = "", key: str = "") -> Feed:
        """The feed that was added; nothing is fetched yet."""
        name = name or re.sub(r"[^a-z0-9]+", "-", publisher.casefold()).strip("-")
        if not _NAME.fullmatch(name) or any(feed.name == name for feed in self.feeds()):
            raise InputError(f"{name!r} is no name for a new feed", "feed", "give another with --name")
        if not url.startswith(("https://", "http://")) or not _COLLECTION.fullmatch(collection):
            raise InputError("a feed is the address of an API root and a collection", "feed", "https://HOST/ROOT/")
        if not publisher.strip() or (tlp and tlp not in COLOURS):
            raise InputError("a feed has a publisher, and a colour of TLP or none", "feed", "give --publisher")
        feed = Feed(name=name, url=url, collection=collection, publisher=publisher, tlp=tlp, added=now(), key=key)
        self.office.keeper.keep_feed(feed)
        return feed

    def pull(
        self,
        name: str,
        egress: Egress,
        auth: tuple[str, str] | None = None,
        despite_shift: Decision | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> list[ReadResult]:
        """What was new in a feed; each batch is kept with the place to go on from, in one transaction.

        Raises CaseError when a batch would move what we concluded: nothing of it is kept, and it comes again.
        """
        feed = next((feed for feed in self.feeds() if feed.name == name), None)
        if feed is None:
            raise InputError(f"no feed is called {name!r}", "feed", "`consilience feed list` has them")
        collection, results = Collection(feed, egress, auth), []
        defaults = {"publisher": feed.publisher} | ({"tlp": feed.tlp} if feed.tlp else {})
        for batch in batches(collection.pages(), BATCH, progress):
            if not batch.objects:
                self.office.keeper.keep_feed(batch.feed)
                continue
            objects = batch.objects + collection.referenced(batch.objects)
            reading = bundle_reading(objects, f"feed {feed.name}", defaults)
            result = self.intake.take(reading, despite_shift, batch.feed)
            if result.held:
                raise CaseError(f"a batch was held: {result.held[0]}", name, "pull again with --despite-shift")
            results.append(result)
        return results


def told_by(reading: Reading, publisher: str) -> Reading:
    """The reading with every statement under one publisher: nobody may speak in the name of another."""
    return replace(reading, observations=tuple(_under(seen, publisher) for seen in reading.observations))


def _under(seen: Observation, publisher: str) -> Observation:
    """The statement as this publisher's, its source apart from the one that others have under the same id."""
    source = seen.source
    if source.publisher == publisher:
        return seen
    told = f"{publisher} told: {source.key}"
    return replace(seen, source=replace(source, publisher=publisher, id=told, url="", derived_from=source.key), id="")


def feed_record(feed: Feed) -> dict[str, Any]:
    """The feed as people see it: without the objects at its edge."""
    return {name: value for name, value in asdict(feed).items() if name != "edge"}
