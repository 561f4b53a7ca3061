"""Cyber-observables as kinds and values: what an object or a comparison of a pattern shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from consilience.read.stix.objects import Observable, ObservedData

Shown = tuple[str, str]
"""A kind and a value as printed."""

HASHES: Mapping[str, str] = {
    "md5": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "tlsh": "tlsh",
    "imphash": "imphash",
}
"""Names of hash algorithms, without hyphens and in lower case, and the endings of the kinds they are."""

_CERTIFICATE_HASHES = frozenset({"sha1", "sha256"})
_VALUES = frozenset({"domain-name", "ipv4-addr", "ipv6-addr", "url", "email-addr"})


def shown_by(item: Observable, referenced: Callable[[str], Observable | None]) -> Iterator[Shown]:
    """The kinds and values that an observable shows; `referenced` gives the observable of an id.

    >>> found = Observable(type="domain-name", id="domain-name--1", value="a.example")
    >>> list(shown_by(found, lambda _: None))
    [('domain-name', 'a.example')]
    """
    if item.type in _VALUES and item.value:
        yield item.type, item.value
    elif item.type == "mutex" and item.name:
        yield "mutex", item.name
    elif item.type == "directory" and item.path:
        yield "file:path", item.path
    elif item.type == "autonomous-system" and item.number is not None:
        yield "autonomous-system", str(item.number)
    elif item.type == "user-account" and (item.account_login or item.user_id):
        yield "account", item.account_login or item.user_id
    elif item.type == "network-traffic":
        yield from _endpoint(item, referenced)
    elif item.type in ("file", "x509-certificate"):
        yield from _identified(item)


def hash_kind(of: str, algorithm: str) -> str:
    """The kind of a hash of a file or certificate, empty when there is none.

    >>> hash_kind("file", "SHA-256")
    'file:sha256'
    """
    ending = HASHES.get(algorithm.strip("'\"").replace("-", "").lower(), "")
    if of == "x509-certificate" and ending not in _CERTIFICATE_HASHES:
        return ""
    return f"{of}:{ending}" if ending else ""


def _identified(item: Observable) -> Iterator[Shown]:
    for algorithm in sorted(item.hashes):
        if kind := hash_kind(item.type, algorithm):
            yield kind, item.hashes[algorithm]
    if item.type == "file" and item.name:
        yield "file:name", item.name
    if item.type == "x509-certificate" and item.serial_number:
        yield "x509-certificate:serial", item.serial_number


def _endpoint(item: Observable, referenced: Callable[[str], Observable | None]) -> Iterator[Shown]:
    host = referenced(item.dst_ref) if item.dst_ref else None
    if host is None or not host.value:
        return
    if item.dst_port is None:
        yield host.type, host.value
    else:
        yield "endpoint", f"[{host.value}]:{item.dst_port}" if ":" in host.value else f"{host.value}:{item.dst_port}"


def observed(data: ObservedData, referenced: Callable[[str], Observable | None]) -> Iterator[Shown]:
    """The kinds and values of everything that was observed together, in either version of the standard."""
    for ref in data.object_refs:
        if (item := referenced(ref)) is not None:
            yield from shown_by(item, referenced)
    held = {key: found for key in sorted(data.objects) if (found := _held(key, data.objects[key])) is not None}
    for item in held.values():
        yield from shown_by(item, held.get)


def _held(key: str, record: Mapping[str, Any]) -> Observable | None:
    """An observable that stands within observed data, under a key instead of an id."""
    try:
        return msgspec.convert({**record, "id": key}, Observable)
    except msgspec.ValidationError:
        return None
