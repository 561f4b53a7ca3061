"""Values that many unrelated people use, so that sharing one links nobody; the reason stands beside the weight 0."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence

_ADDRESSES = frozenset({"ipv4-addr", "ipv6-addr", "endpoint", "address"})
_HOSTS = frozenset({"domain-name", "host", "host:registered", "endpoint"})


def commonplace(kind: str, value: str, vocabulary: Vocabulary) -> str:
    """Why a value links nobody, or an empty string.

    `kind` is a kind of trait or of secondary trait. A host under a domain where anybody can take a name is its
    holder's own and is not commonplace; the domain is.

    >>> from consilience.vocab import vocabulary
    >>> commonplace("domain-name", "duckdns.org", vocabulary())
    'anybody can take a name under this dynamic-DNS domain'
    >>> commonplace("domain-name", "my-own-name.duckdns.org", vocabulary())
    ''
    """
    known = vocabulary.ignored["values"].get(f"{kind} {value}") or vocabulary.commonplace.values.get(f"{kind} {value}")
    if known is not None:
        return known
    bare = value.rpartition(":")[0].strip("[]") if kind == "endpoint" else value
    found = _shared_address(bare, vocabulary) if kind in _ADDRESSES else ""
    if not found and kind in _HOSTS:
        found = _shared_host(bare, vocabulary)
    return found


def _shared_address(address: str, vocabulary: Vocabulary) -> str:
    """Why an address is used by many unrelated people, or an empty string."""
    known = vocabulary.commonplace.addresses.get(address, "")
    return known or network_owner(address, tuple(vocabulary.ignored["networks"].items()))


def _shared_host(host: str, vocabulary: Vocabulary) -> str:
    """Why a host is used by many unrelated people, or an empty string."""
    return vocabulary.commonplace.suffixes.get(host, "") or _site(host, vocabulary.commonplace.sites)


def _site(host: str, sites: Mapping[str, str]) -> str:
    """The reason of the site that a host is or lies under."""
    while host:
        if host in sites:
            return sites[host]
        host = host.partition(".")[2]
    return ""


@lru_cache(maxsize=65536)
def network_owner(address: str, networks: tuple[tuple[str, str], ...]) -> str:
    """Whose shared network an address or a network lies in, or an empty string."""
    try:
        wanted = ipaddress.ip_network(address.strip("[]"), strict=False)
    except ValueError:
        return ""
    lowest, highest = int(wanted.network_address), int(wanted.broadcast_address)
    for version, first, last, owner in _networks(networks):
        if version == wanted.version and first <= lowest and highest <= last:
            return sentence("notes.network_owner", owner=owner)
    return ""


@lru_cache(maxsize=4)
def _networks(networks: tuple[tuple[str, str], ...]) -> tuple[tuple[int, int, int, str], ...]:
    """IP version, first and last address of each network, and its owner: numbers compare quicker than networks."""
    found = ((ipaddress.ip_network(text), owner) for text, owner in networks)
    return tuple((each.version, int(each.network_address), int(each.broadcast_address), owner) for each, owner in found)
