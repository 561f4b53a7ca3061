"""Cyber-observables: which kinds of trait are one, and the ids that the standard gives them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from consilience.model.digest import canonical_json
from consilience.model.json import Json, JsonObject
from consilience.share.stix import uuid5
from consilience.vocab.canonical import canonical_tables
from consilience.vocab.stix import stix_tables

NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Of the standard, for cyber-observables only."""

_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.|\Z)){4}(?<=[0-9])\Z")
_IPV6 = re.compile(r"[0-9a-f:]{2,39}\Z")
_MAIL = re.compile(r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+\Z")
_HEX = re.compile(r"[0-9A-F]+\Z", re.IGNORECASE)
_SCHEME = re.compile(r"(h(?:tt|xx)ps?|ftps?)(?:\[?:\]?)//", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z0-9._:\[\]-]+(?:[/?](?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?\Z")
_ENDPOINT = re.compile(r"\[?([^\]]+?)\]?:([0-9]{1,5})\Z")


def observable_of(kind: str, value: str, printed: str) -> JsonObject | None:
    """The observable that a trait is; None when it is none, or when the standard takes no such value.

    >>> observable_of("ipv4-addr", "198.51.100.7", "198.51.100[.]7")["id"]
    'ipv4-addr--12592121-be4c-5a93-a813-5a5af16e50db'
    """
    tables = stix_tables()
    if kind in tables.hashes:
        return _hashed(kind, value)
    if kind in tables.written:
        form, field = tables.written[kind]
        return _object(form, {field: printed or value})
    if kind in ("domain-name", "ipv4-addr", "ipv6-addr"):
        return found if (found := _host(value)) is not None and found["type"] == kind else None
    if kind == "email-addr":
        return _object(kind, {"value": value}) if _MAIL.match(value) else None
    if kind == "url":
        return _url(value, printed)
    if kind == "autonomous-system":
        number = value.upper().removeprefix("AS")
        return _object(kind, {"number": int(number)}) if number.isascii() and number.isdigit() else None
    return None


def _object(form: str, contributing: Mapping[str, Json]) -> JsonObject:
    """The observable of these properties, of which its id is made."""
    name = uuid5(NAMESPACE, canonical_json(contributing).decode())
    return {"type": form, "id": f"{form}--{name}", **contributing}


def _hashed(kind: str, value: str) -> JsonObject | None:
    form, algorithm = stix_tables().hashes[kind]
    fits = _HEX.match(value) and len(value) == canonical_tables().digits[kind]
    return _object(form, {"hashes": {algorithm: value}}) if fits else None


def _host(value: str) -> JsonObject | None:
    if _IPV4.match(value):
        return _object("ipv4-addr", {"value": value})
    if ":" in value:
        return _object("ipv6-addr", {"value": value}) if _IPV6.match(value) else None
    return _object("domain-name", {"value": value}) if _HOST.match(value) else None


def _url(value: str, printed: str) -> JsonObject | None:
    """The address with the scheme as printed; without one it is not a URI, and none is made up."""
    scheme = _SCHEME.match(printed.strip())
    if scheme is None or not _URL.match(value):
        return None
    return _object("url", {"value": f"{scheme[1].lower().replace('xx', 'tt')}://{value}"})


def endpoint_of(value: str) -> tuple[str, int] | None:
    """The host and port of an endpoint, None where the standard takes no such host.

    >>> endpoint_of("a.example:8443")
    ('a.example', 8443)
    """
    found = _ENDPOINT.match(value)
    return (found[1], int(found[2])) if found and _host(found[1]) is not None else None
