"""The one client that asks other machines anything.

It goes to the address that it checked, under the name that was asked for; follows at most three redirects, on the same
host, each checked again; reads no settings from the environment; and stops at 64 MiB, unpacked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from consilience.model.errors import InputError
from consilience.model.marking import Label
from consilience.read.remote.address import Destination, Resolver, look_up, target
from consilience.read.remote.gate import RequestKind, check

MOST = 64 * 1024**2
MAX_REDIRECTS = 3
CONNECTING, READING = 10.0, 30.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What another machine answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Egress:
    """Asks over https; `plain` allows http, `private` are hosts (or host:port) that may lie in our own network.

    `resolve` looks names up; `transport` stands in for the network in tests.
    """

    plain: bool = False
    private: Collection[str] = ()
    resolve: Resolver = look_up
    most: int = MOST
    transport: Any = None

    def get(
        self,
        url: str,
        kind: RequestKind,
        reveals: Label | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        credentials: tuple[str, str] | None = None,
        types: Collection[str] = (),
    ) -> Answer:
        """The answer to a GET, when such a request may be sent at all.

        `types` are the content types that are taken, all when empty.

        Raises:
            InputError: the marking does not permit it, the address is none that we go to, the other side does not
                answer in time, or its answer is too long, of another type, or redirects elsewhere.
        """
        check(kind, reveals)
        place = self._target(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer, location = self._asked(place, headers or {}, credentials)
            if not location:
                return _of_type(answer, types, url)
            onward = self._target(urljoin(f"{place.scheme}://{place.host}:{place.port}{place.path}", location))
            if onward.origin != place.origin:
                raise InputError(
                    "redirects to another host", place.host, "use the address it redirects to, if you trust it"
                )
            place = onward
        raise InputError(f"redirects more than {MAX_REDIRECTS} times", place.host, "check the address")

    def _target(self, url: str) -> Destination:
        return target(url, self.resolve, plain=self.plain, allowed=self.private)

    def _asked(
        self, place: Destination, headers: Mapping[str, str], credentials: tuple[str, str] | None
    ) -> tuple[Answer, str]:
        """The answer, and where it redirects to."""
        import httpx

        named = f"[{place.address}]" if ":" in place.address else place.address
        host = place.host if place.port in {80, 443} else f"{place.host}:{place.port}"
        client = httpx.Client(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(READING, connect=CONNECTING),
            auth=credentials,
            transport=self.transport,
        )
        try:
            with (
                client,
                client.stream(
                    "GET",
                    f"{place.scheme}://{named}:{place.port}{place.path}",
                    headers={**headers, "host": host},
                    extensions={"sni_hostname": place.host},
                ) as reply,
            ):
                content = bytearray()
                for piece in reply.iter_bytes(65_536):
                    content += piece
                    if len(content) > self.most:
                        raise InputError(
                            f"answers with more than {self.most:,} bytes", place.host, "ask for smaller pages"
                        )
                told = {name.lower(): value for name, value in reply.headers.items()}
                onward = told.get("location", "") if reply.status_code in _REDIRECTS else ""
                return Answer(reply.status_code, told, bytes(content)), onward
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise InputError(
                f"does not answer ({type(fault).__name__})", place.host, "check the address, and try later"
            ) from None


def _of_type(answer: Answer, types: Collection[str], url: str) -> Answer:
    stated = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if types and answer.status < 400 and stated not in types:
        raise InputError(
            f"answers with {stated or 'no type'}, not {' or '.join(sorted(types))}", url[:200], "check the address"
        )
    return answer
