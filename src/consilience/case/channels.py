"""Channels to other houses: what is published for a partner, and what one sends us."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from consilience.case.disclosures import Disclosures
from consilience.case.intake import Intake, ReadResult
from consilience.model.channel import ApiKey
from consilience.model.digest import canonical_json, digest
from consilience.model.errors import InputError
from consilience.model.observation import Observation
from consilience.model.parcel import Parcel
from consilience.model.partner import Partner
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.read import read_content
from consilience.read.remote import bundle_of
from consilience.release.publishing import additions
from consilience.release.rulings import now
from consilience.share import convert

KEY_DAYS = 365

Objects = Iterable[Mapping[str, Any]]


def stix_objects(parcel: Parcel) -> Objects:
    """The statements of a parcel as STIX objects."""
    objects: list[dict[str, Any]] = json.loads(convert(parcel, "stix").content)["objects"]
    return objects if parcel.observations else []


@dataclass(frozen=True, slots=True)
class Channels:
    """What goes out to partners and comes in from them, over one case."""

    office: Disclosures
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
        raise InputError(f"no key is called {id!r}", "partner", "`consilience partner key` printed it when it was made")

    def receive(self, raw: bytes, partner: Partner) -> ReadResult:
        """What reading an envelope of this partner gave; all of it under their name, whoever it names.

        Where it would move what we concluded it waits for a person, kept as a result whose id begins with `in-`.
        """
        objects = json.loads(raw)["objects"]
        name = f"TAXII inbox of {partner.name}"
        found = read_content(bundle_of(objects), name, {"publisher": partner.name})
        (result,) = self.intake.take([told_by(found, partner.name)])
        if result.held:
            document = {"from": partner.name, "received": now(), "envelope": raw.decode("utf-8", "replace")}
            self.office.keeper.keep_result("in-" + digest(document)[:20], document)
        return result


def told_by(reading: Reading, publisher: str) -> Reading:
    """The reading with every statement under one publisher: nobody may speak in the name of another."""
    return replace(reading, observations=tuple(_under(seen, publisher) for seen in reading.observations))


def _under(seen: Observation, publisher: str) -> Observation:
    """The statement in a source of this publisher's own, apart from any that others have under the same id.

    Nobody grades themselves: reliability and credibility are for those who receive to judge.
    """
    repeated = seen.source.derived_from if seen.source.publisher == publisher else seen.source.key
    told = f"{publisher} told: {seen.source.key}"
    source = Source(publisher=publisher, title=seen.source.title, id=told, derived_from=repeated)
    return replace(seen, source=source, id="")
