"""Cyber-observables as kinds and values: what an object or a comparison of a pattern shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from consilience.read.stix.objects import Observable, ObservedData
from consilience.vocab.stix import stix_tables

ObservableTrait = tuple[str, str]
"""A kind and a value as printed."""


def shown_by(item: Observable, referenced: Callable[[str], Observable | None]) -> Iterator[ObservableTrait]:
    """The kinds and values that an observable shows; `referenced` gives the observable of an id.

    >>> found = Observable(type="domain-name", id="domain-name--1", value="a.example")
    >>> list(shown_by(found, lambda _: None))
    [('domain-name', 'a.example')]
    """
    tables = stix_tables()
    if item.type == "network-traffic":
        yield from _endpoint(item, referenced)
    for algorithm in sorted(item.hashes):
        if kind := tables.hash_kind(item.type, algorithm):
            yield kind, item.hashes[algorithm]
    for field, kind in tables.texts_of.get(item.type, ()):
        if value := getattr(item, field):
            yield kind, value
    if item.type == "autonomous-system" and item.number is not None:
        yield "autonomous-system", str(item.number)
    if item.type == "user-account" and item.user_id and not item.account_login:
        yield "account", item.user_id


def _endpoint(item: Observable, referenced: Callable[[str], Observable | None]) -> Iterator[ObservableTrait]:
    host = referenced(item.dst_ref) if item.dst_ref else None
    if host is None or not host.value:
        return
    if item.dst_port is None:
        yield host.type, host.value
    else:
        yield "endpoint", f"[{host.value}]:{item.dst_port}" if ":" in host.value else f"{host.value}:{item.dst_port}"


def observed(data: ObservedData, referenced: Callable[[str], Observable | None]) -> Iterator[ObservableTrait]:
    """The kinds and values of everything that was observed together, in either version of the standard."""
    for ref in data.object_refs:
        if (item := referenced(ref)) is not None:
            yield from shown_by(item, referenced)
    held = {key: found for key in sorted(data.objects) if (found := _held(key, data.objects[key])) is not None}
    for item in held.values():
        yield from shown_by(item, held.get)


def _held(key: str, record: Mapping[str, object]) -> Observable | None:
    """An observable that stands within observed data, under a key instead of an id."""
    try:
        return msgspec.convert({**record, "id": key}, Observable)
    except msgspec.ValidationError:
        return None
