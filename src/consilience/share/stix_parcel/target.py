"""What a trait, or the other subject of a claim, is in STIX, and by which relationship a subject has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from consilience.model.json import Json, JsonObject
from consilience.model.observation import Observation
from consilience.share.stix import EPOCH, stix_id
from consilience.share.stix_parcel.observable import endpoint_of, observable_of
from consilience.vocab.stix import stix_tables

RELATED = "related-to"

_TECHNIQUE = re.compile(r"T[0-9]{4}(?:\.[0-9]{3})?\Z")
_CVE = re.compile(r"CVE-[0-9]{4}-(?:0[0-9]{3}|[1-9][0-9]{3,})\Z")


@dataclass(frozen=True, slots=True)
class StixTarget:
    """The object that a trait is, and whether it holds the value as printed."""

    object: Mapping[str, Json]
    exact: bool = True

    @property
    def id(self) -> str:
        """The id of the object."""
        return str(self.object["id"])

    @property
    def type(self) -> str:
        """The type of the object."""
        return str(self.object["type"])


def target_of(seen: Observation) -> StixTarget | None:
    """What the subject shows, None when STIX has no object for it, or it was not shown or not published."""
    if not seen.present or seen.withheld:
        return None
    return _target(seen.trait.kind, seen.trait.value, seen.printed)


@lru_cache(maxsize=65_536)
def _target(kind: str, value: str, printed: str) -> StixTarget | None:
    printed = printed or value
    item = observable_of(kind, value, printed) or _named(kind, value, printed)
    if item is None:
        return None
    held = [
        f"AS{item.get('number')}",
        *(item.get(field) for field in ("value", "name", "path", "account_login", "serial_number")),
    ]
    hashes = item.get("hashes")
    return StixTarget(item, printed in (*held, *(hashes.values() if isinstance(hashes, dict) else ())))


def _named(kind: str, value: str, printed: str) -> JsonObject | None:
    """The domain object of a trait; its id is that of the canonical value."""
    if kind == "attack-pattern":
        return _domain_object(kind, kind, value, value, **_numbered("mitre-attack", value, _TECHNIQUE))
    if kind == "malware":
        return _domain_object(kind, kind, value, printed, is_family=True)
    if kind == "tool":
        return _domain_object(kind, kind, value, printed)
    if kind == "vulnerability":
        return _domain_object(kind, kind, value, value, **_numbered("cve", value, _CVE))
    folded = "-".join(printed.lower().split())
    if kind == "sector":
        known = {"sectors": [folded]} if folded in stix_tables().sectors else {}
        return _domain_object("identity", kind, value, printed, identity_class="class", **known)
    if kind == "victim":
        return _domain_object("identity", kind, value, printed, identity_class="organization")
    if kind == "endpoint" and (found := endpoint_of(value)):
        return _indicator(value, *found)
    if kind == "region" and folded in stix_tables().regions:
        return _domain_object("location", kind, value, printed, region=folded)
    return None


def _numbered(register: str, value: str, number: re.Pattern[str]) -> JsonObject:
    return {"external_references": [{"source_name": register, "external_id": value}]} if number.match(value) else {}


def _domain_object(form: str, kind: str, value: str, name: str, **more: Any) -> JsonObject:
    # Named by a list, so that no full name of a subject can give the same id.
    return {"type": form, "id": stix_id(form, [kind, value, name]), "created": EPOCH, "name": name, **more}


def _indicator(value: str, host: str, port: int) -> JsonObject:
    """The pattern of traffic to a host and port; as an observable it would need the port that it came from."""
    pattern = f"[network-traffic:dst_ref.value = '{host}' AND network-traffic:dst_port = {port}]"
    return {
        **_domain_object("indicator", "endpoint", value, value),
        "description": f"Traffic to {value}.",
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": EPOCH,
    }


def verb_for(subject: str, target: str) -> str:
    """The relationship by which an object of a subject has a target of this type; related-to where no other fits."""
    return stix_tables().verb(subject, target) or RELATED
