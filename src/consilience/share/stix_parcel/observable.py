"""Cyber-observables: which kinds of trait are one, and the ids that the standard gives them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from consilience.model.digest import canonical_json
from consilience.share.stix import uuid5

NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Of the standard, for cyber-observables only."""

HASHES: Mapping[str, tuple[str, str]] = {
    "file:md5": ("file", "MD5"),
    "file:sha1": ("file", "SHA-1"),
    "file:sha256": ("file", "SHA-256"),
    "file:tlsh": ("file", "TLSH"),
    "x509-certificate:sha1": ("x509-certificate", "SHA-1"),
    "x509-certificate:sha256": ("x509-certificate", "SHA-256"),
}
_PLAIN: Mapping[str, tuple[str, str]] = {
    "mutex": ("mutex", "name"),
    "file:name": ("file", "name"),
    "file:path": ("directory", "path"),
    "account": ("user-account", "account_login"),
    "x509-certificate:serial": ("x509-certificate", "serial_number"),
}
_LENGTHS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64}
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.|\Z)){4}(?<=[0-9])\Z")
_IPV6 = re.compile(r"[0-9a-f:]{2,39}\Z")
_MAIL = re.compile(r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+\Z")
_HEX = re.compile(r"(?:T1)?[0-9A-F]+\Z", re.IGNORECASE)
_SCHEME = re.compile(r"(h(?:tt|xx)ps?|ftps?)(?:\[?:\]?)//", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z0-9._:\[\]-]+(?:[/?](?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?\Z")
_ENDPOINT = re.compile(r"\[?([^\]]+?)\]?:([0-9]{1,5})\Z")


def observable_of(kind: str, value: str, printed: str) -> dict[str, Any] | None:
    """The observable that a trait is; None when it is none, or when the standard takes no such value.

    >>> observable_of("ipv4-addr", "198.51.100.7", "198.51.100[.]7")["id"]
    'ipv4-addr--12592121-be4c-5a93-a813-5a5af16e50db'
    """
    if kind in HASHES:
        return _hashed(*HASHES[kind], value)
    if kind in _PLAIN:
        form, field = _PLAIN[kind]
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


def _object(form: str, contributing: Mapping[str, Any]) -> dict[str, Any]:
    """The observable of these properties, of which its id is made."""
    name = uuid5(NAMESPACE, canonical_json(contributing).decode())
    return {"type": form, "id": f"{form}--{name}", **contributing}


def _hashed(form: str, algorithm: str, value: str) -> dict[str, Any] | None:
    fits = _HEX.match(value) and len(value) == _LENGTHS.get(algorithm, len(value))
    return _object(form, {"hashes": {algorithm: value}}) if fits else None


def _host(value: str) -> dict[str, Any] | None:
    if _IPV4.match(value):
        return _object("ipv4-addr", {"value": value})
    if ":" in value:
        return _object("ipv6-addr", {"value": value}) if _IPV6.match(value) else None
    return _object("domain-name", {"value": value}) if _HOST.match(value) else None


def _url(value: str, printed: str) -> dict[str, Any] | None:
    """The address with the scheme as printed; without one it is no URI, and none is made up."""
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
