"""Channels to and from partners: what is published for one, and what one sends us."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from consilience.case.disclosures import Disclosures
from consilience.case.intake import Intake, ReadResult
from consilience.model.channel import ApiKey
from consilience.model.digest import canonical_json, digest
from consilience.model.errors import InputError
from consilience.model.json import JsonObject
from consilience.model.knowledge import Knowledge
from consilience.model.observation import Observation
from consilience.model.parcel import Parcel
from consilience.model.partner import Partner
from consilience.model.protocols import Keeper
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.read import read_content
from consilience.read.remote import bundle_of
from consilience.release.publishing import additions
from consilience.release.rulings import now
from consilience.share import convert

KEY_DAYS = 365

Objects = Iterable[JsonObject]


def stix_objects(parcel: Parcel) -> Objects:
    """The statements of a parcel as STIX objects."""
    objects: list[JsonObject] = json.loads(convert(parcel, "stix").content)["objects"]
    return objects if parcel.observations else []


class PublicationCounts(TypedDict):
    """How many entries were added for a partner, how many objects withdrawn, and how many entries there were before."""

    partner: str
    added: int
    withdrawn: int
    held: int


@dataclass(frozen=True, slots=True)
class Channels:
    """What goes out to partners and comes in from them, over one case."""

    keeper: Keeper
    intake: Intake
    objects: Callable[[Parcel], Objects] = stix_objects

    def publish(self, to: str, by: str = "") -> PublicationCounts:
        """What was added to what this partner may fetch; the ledger has the statements when this returns."""
        known = Knowledge(self.keeper)
        disclosures, partner = Disclosures(known), known.policy.partner(to)
        parcel = disclosures.parcel(partner.name)
        log = list(self.keeper.release_log(partner.principal))
        entries = additions(partner.principal, self.objects(parcel), log, datetime.now(UTC))
        if entries:
            sha256 = hashlib.sha256(canonical_json([entry.text for entry in entries])).hexdigest()
            disclosures.enter(parcel, "taxii", sha256, by)
            self.keeper.publish(partner.principal, entries)
        withdrawn = sum(entry.gone for entry in entries)
        return PublicationCounts(
            partner=partner.name, added=len(entries) - withdrawn, withdrawn=withdrawn, held=len(log)
        )

    def new_key(self, partner: str, days: int = KEY_DAYS, by: str = "") -> tuple[ApiKey, str]:
        """A new key for this partner, and its secret, which is returned here once and kept nowhere."""
        found, secret = Knowledge(self.keeper).policy.partner(partner), secrets.token_urlsafe(32)
        expires = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        key = ApiKey(
            id="wb_" + secrets.token_hex(6),
            partner=found.name,
            sha256=hashlib.sha256(secret.encode()).hexdigest(),
            expires=expires,
            recorded=now(),
            by=by,
        )
        self.keeper.keep_key(key)
        return key, secret

    def retire_key(self, id: str) -> ApiKey:
        """The key of this id, which opens nothing any more."""
        for key in self.keeper.api_keys():
            if key.id == id:
                retired = replace(key, retired=key.retired or now())
                self.keeper.keep_key(retired)
                return retired
        raise InputError(f"no key is called {id!r}", "partner", "`consilience partner key` printed it when it was made")

    def receive(self, raw: bytes, partner: Partner) -> ReadResult:
        """What reading an envelope of this partner gave; all of it under their name, whoever it names.

        Where it would move what we concluded it waits for a person, kept as a result whose id begins with `in-`.
        """
        objects = json.loads(raw)["objects"]
        name = f"TAXII inbox of {partner.name}"
        found = read_content(bundle_of(objects), name, {"publisher": partner.name})
        (result,) = self.intake.take([attributed_to(found, partner.name)])
        if result.held:
            document = {"from": partner.name, "received": now(), "envelope": raw.decode("utf-8", "replace")}
            self.keeper.keep_result("in-" + digest(document)[:20], document)
        return result


def attributed_to(reading: Reading, publisher: str) -> Reading:
    """The reading with every statement under one publisher: nobody may speak in the name of another."""
    return replace(reading, observations=tuple(_under(seen, publisher) for seen in reading.observations))


def _under(seen: Observation, publisher: str) -> Observation:
    """The statement in a source of this publisher's own, apart from any that others have under the same id.

    Nobody grades themselves: reliability and credibility are for those who receive to judge.
    """
    repeated = seen.source.derived_from if seen.source.publisher == publisher else seen.source.key
    id = f"{publisher} told: {seen.source.key}"
    source = Source(publisher=publisher, title=seen.source.title, id=id, derived_from=repeated)
    return replace(seen, source=source, id="")
