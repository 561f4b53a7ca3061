"""The one way out of this machine: every request of ours leaves here, or not at all.

A request carries the label of what it reveals, and the Permissible Actions Protocol decides: red leaves nothing, amber
only asks third parties. Then the address: https, one look-up, every address of the name checked, and the connection
made to the address that was checked, under the name that was asked for. Nothing follows an address found in a
document but a redirect on the same host.
"""

from __future__ import annotations

import ipaddress
import socket
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from consilience.model.errors import CaseError, InputError
from consilience.model.marking import CLEAR, Label

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, READ_SECONDS = 10, 30
LARGEST_ANSWER = 64 * 1024**2
REDIRECTS = 3
PASSIVE, ACTIVE = "passive", "active"
_GZIP_WINDOW = 31
_TUNNELS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))

Resolver = Callable[[str, int], list[str]]


class Refused(InputError):
    """A request that was not made."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: status, headers by lower-case name, and the whole body, unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order in which the system gives them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CaseError("this name has no address", host, "check the address, or the network") from None
    return list(dict.fromkeys(str(row[4][0]) for row in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """Makes requests. `allow_http` also without TLS; `allow_private` the hosts that may be on our own network."""

    allow_http: bool = False
    allow_private: frozenset[str] = field(default_factory=frozenset)
    resolve: Resolver = resolved

    def get(
        self,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        media: str,
        label: Label = CLEAR,
        act: str = ACTIVE,
    ) -> Answer:
        """The answer to a GET, whose body is of this media type when the status is 200.

        Raises:
            Refused: the label of what is revealed, or the address, allows no such request; nothing was sent.
            CaseError: the server cannot be reached, or answers too much, or something else.
        """
        import httpx

        check_label(label, act)
        try:
            target = httpx.URL(url)
            target = target.copy_merge_params(query) if query else target
        except (httpx.InvalidURL, ValueError):
            raise Refused("is no address", _shown(url), "write https://HOST/PATH") from None
        limits = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        with httpx.Client(trust_env=False, timeout=limits, follow_redirects=False) as client:
            for _ in range(REDIRECTS + 1):
                answer = self._once(client, target, headers or {}, auth)
                if answer.status not in (301, 302, 303, 307, 308):
                    return _of_media(answer, media, target)
                target = _redirected(target, answer.headers.get("location", ""))
        raise CaseError("redirects without end", target.host, "ask its owner for the right address")

    def _once(self, client: httpx.Client, target: httpx.URL, headers: Mapping[str, str], auth: Any) -> Answer:
        import httpx

        address = self._address(target)
        there = target.copy_with(host=address)
        named = {"Accept-Encoding": "gzip", "User-Agent": "consilience", **headers, "Host": target.netloc.decode()}
        sni = {"sni_hostname": target.raw_host.decode()}
        try:
            with client.stream("GET", there, headers=named, auth=auth, extensions=sni) as answer:
                told = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status_code, told, _body(answer, target.host))
        except (httpx.HTTPError, zlib.error) as fault:
            raise CaseError(f"cannot be reached ({type(fault).__name__})", target.host, "try again later") from None

    def _address(self, target: httpx.URL) -> str:
        """The checked address to connect to. Raises Refused when any address of the name is not a public one."""
        if target.scheme != "https" and not (self.allow_http and target.scheme == "http"):
            raise Refused("is not https", _shown(str(target.host)), "use https, or say --allow-http")
        if target.userinfo:
            raise Refused("holds a user or a password", target.host, "name a key with --key instead")
        if not target.host:
            raise Refused("names no host", "address", "write https://HOST/PATH")
        port = target.port or (443 if target.scheme == "https" else 80)
        found = self.resolve(target.host, port)
        if not found:
            raise CaseError("this name has no address", target.host, "check the address, or the network")
        if target.host not in self.allow_private and not all(map(is_public, found)):
            raise Refused(
                "is not on the public network", _shown(target.host), f"if it is yours: --allow-private {target.host}"
            )
        return found[0]


def check_label(label: Label, act: str) -> None:
    """Nothing. Raises Refused when what is revealed may not be used so."""
    if label.pap in ("", "clear", "green") or (label.pap == "amber" and act == PASSIVE):
        return
    if label.pap == "amber":
        raise Refused("PAP:AMBER allows only passive look-ups at third parties", "egress", "nothing was sent")
    raise Refused(f"PAP:{label.pap.upper()} allows nothing to leave this machine", "egress", "nothing was sent")


def is_public(address: str) -> bool:
    """Whether an address is a public one, and no disguise of another.

    >>> is_public("192.0.2.1"), is_public("::ffff:8.8.8.8"), is_public("8.8.8.8")
    (False, False, True)
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (found.ipv4_mapped or any(found in net for net in _TUNNELS)):
        return False
    return found.is_global and not found.is_multicast


def _redirected(target: httpx.URL, location: str) -> httpx.URL:
    import httpx

    try:
        there = target.join(location)
    except httpx.InvalidURL:
        raise Refused("redirects to no address", target.host, "ask its owner for the right address") from None
    if (there.scheme, there.host, there.port) != (target.scheme, target.host, target.port):
        raise Refused("redirects to another host", target.host, "give the address it has moved to, if you trust it")
    return there


def _body(answer: httpx.Response, host: str) -> bytes:
    """The body, unpacked while it comes, so that neither form of it can grow beyond the limit."""
    packing = answer.headers.get("content-encoding", "identity").lower()
    if packing not in ("identity", "gzip"):
        raise CaseError(f"answers packed as {packing[:20]!r}", host, "it was asked for gzip or nothing")
    unpacking = zlib.decompressobj(_GZIP_WINDOW) if packing == "gzip" else None
    whole = bytearray()
    for piece in answer.iter_raw():
        room = LARGEST_ANSWER + 1 - len(whole)
        whole += unpacking.decompress(piece, room) if unpacking else piece[:room]
        if len(whole) > LARGEST_ANSWER:
            raise CaseError(f"answers more than {LARGEST_ANSWER:,} bytes", host, "ask for less at once")
    if unpacking and not unpacking.eof:
        raise CaseError("its answer ends in the middle", host, "try again")
    return bytes(whole)


def _of_media(answer: Answer, media: str, target: httpx.URL) -> Answer:
    told = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status == 200 and told != media:
        raise CaseError(f"answers {told[:60]!r} and not {media}", target.host, "check the address")
    return answer


def _shown(text: str) -> str:
    return text[:120] if text.isprintable() else repr(text)[:120]
