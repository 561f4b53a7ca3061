"""Where a name leads, and whether we go there: public addresses only, unless a person allowed the host by name."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from consilience.model.errors import InputError

Resolver = Callable[[str, int], list[str]]
"""The addresses of a host name, as text."""

_EMBEDDING = tuple(
    ipaddress.ip_network(each) for each in ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "::/96")
)
"""Where IPv6 addresses carry IPv4 ones: 6to4, NAT64, Teredo, and the old compatible form."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A request's place: what to connect to, and under which name."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must stay the same over redirects."""
        return self.scheme, self.host, self.port


def target(url: str, resolve: Resolver, *, plain: bool = False, allowed: Collection[str] = ()) -> Destination:
    """Where this address leads, looked up once. `plain` allows http; `allowed` hosts may have private addresses.

    Raises:
        InputError: the address is not plainly a web address, or leads to a place that is not public.
    """
    if url != url.strip() or any(ord(letter) < 33 or letter in '\\<>"{}|^`' for letter in url):
        raise InputError("holds characters that no address holds", url.strip()[:200], "write it as https://host/path")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode() if ":" not in (parts.hostname or "") else ""
        host = host or (parts.hostname or "")
    except (ValueError, UnicodeError):
        raise InputError("is not an address", url[:200], "write it as https://host/path") from None
    if parts.scheme not in ({"https", "http"} if plain else {"https"}):
        raise InputError("is not https", url[:200], "use https, or --allow-http where the network is your own")
    if not host or "@" in parts.netloc or "%" in host:
        raise InputError("names no host plainly", url[:200], "leave user names out of addresses")
    port = port or (443 if parts.scheme == "https" else 80)
    found = resolve(host, port)
    if not found:
        raise InputError("the host has no address", host, "check the name")
    private = host not in allowed and f"{host}:{port}" not in allowed
    if private and (bad := [each for each in found if not is_public(each)]):
        raise InputError(
            f"leads to {bad[0]}, which is not a public address",
            host,
            "a feed in your own network needs --allow-private HOST",
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, port, path, found[0])


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, whatever form it is written in."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    embedded = isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped is not None or any(address in each for each in _EMBEDDING)
    )
    if embedded:
        return False
    return address.is_global and not address.is_multicast


def look_up(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver gives."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(row[4][0]) for row in rows))
