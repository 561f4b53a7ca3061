"""What an attribute shows, alone or beside the others of its object, as kinds and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consilience.read.fields import stated
from consilience.read.misp.objects import Attribute
from consilience.vocab.misp import UNKNOWN, misp_tables

MispTrait = tuple[str, str]
"""A kind and a value as printed."""

MAX_PAIRS = 16
"""An object with more pairs of names and addresses than this says which belong together no more."""

_HOSTS = ("domain", "hostname")
_ADDRESSES = ("ip-dst", "ip-src")


def why_passed(attribute: Attribute) -> str:
    """Why an attribute states no trait, empty where it states one."""
    return misp_tables().passed.get(attribute.type, "")


def shown(attribute: Attribute, within: str = "") -> Iterator[MispTrait]:
    """The kinds and values of an attribute; `within` is the name of the object it stands in.

    >>> list(shown(Attribute(type="domain|ip", value="a.example|192.0.2.1")))
    [('domain-name', 'a.example'), ('ipv4-addr', '192.0.2.1'), ('resolved', 'a.example 192.0.2.1')]
    >>> list(shown(Attribute(type="ssdeep", value="3:abc:d")))
    [('misp:ssdeep', '3:abc:d')]
    """
    tables = misp_tables()
    value = stated(attribute.value)
    told = tables.relations.get(within, {}).get(attribute.object_relation or "", "")
    kinds = (told,) if told else tables.read.get(attribute.type, (UNKNOWN + attribute.type,))
    if len(kinds) == 1:
        yield _sorted_out(kinds[0], _endpoint(value) if kinds[0] == "endpoint" else value)
        return
    first, _, second = value.rpartition("|")
    for kind, text in zip(kinds, (first, second, f"{first} {second}"), strict=False):
        if kind and text:
            yield _sorted_out(kind, text)


def shown_together(name: str, attributes: Sequence[Attribute]) -> Iterator[MispTrait]:
    """What the attributes of an object of this name say only together."""
    hosts = [stated(each.value) for each in attributes if each.type in _HOSTS]
    addresses = [stated(each.value) for each in attributes if each.type in _ADDRESSES]
    ports = [stated(each.value) for each in attributes if each.type == "port" and each.object_relation == "dst-port"]
    if name == "domain-ip" and len(hosts) * len(addresses) <= MAX_PAIRS:
        yield from (("resolved", f"{host} {address}") for host in hosts for address in addresses)
    if name == "ip-port" and len(addresses) * len(ports) <= MAX_PAIRS:
        yield from (("endpoint", _endpoint(f"{address}|{port}")) for address in addresses for port in ports)


def _sorted_out(kind: str, value: str) -> MispTrait:
    if kind == "address":
        return ("ipv6-addr" if ":" in value else "ipv4-addr"), value
    return kind, value


def _endpoint(value: str) -> str:
    host, bar, port = value.rpartition("|")
    if not bar:
        return value
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
