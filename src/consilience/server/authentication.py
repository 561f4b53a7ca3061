"""Who may ask, and with what: checked before a byte of a body is read and before any resource is looked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from consilience.model.channel import ApiKey
from consilience.model.errors import InputError
from consilience.model.partner import Partner
from consilience.release.rulings import Rulings, now

MEDIA = "application/taxii+json;version=2.1"
LARGEST_BODY = 32 * 1024**2
PARTNER = "consilience.partner"
TITLES = {
    400: "the request cannot be used",
    401: "a key is needed",
    404: "there is nothing here",
    405: "this cannot be done here",
    406: "only application/taxii+json;version=2.1 can be answered",
    413: "the body is too large",
    415: "only application/taxii+json;version=2.1 can be taken",
    422: "the objects cannot be taken",
    500: "the server failed",
}
_REALM = (b"www-authenticate", b'Basic realm="taxii", charset="UTF-8"')
_NO_KEY = ApiKey(id="", partner="", sha256="0" * 64, expires="", recorded="")

log = logging.getLogger("consilience.server")


def error_document(status: int, description: str = "") -> bytes:
    """The error message of TAXII for a status."""
    error = {"title": TITLES.get(status, TITLES[400]), "http_status": str(status)}
    return json.dumps(error | ({"description": description} if description else {})).encode()


class Authentication:
    """Wraps an application: host, key, `Accept`, type and length of a body; then one line in the log.

    The line names the method, the status and the key, and nothing that was asked for or answered.
    """

    def __init__(self, inner: Any, rulings: Rulings, hosts: frozenset[str] = frozenset()) -> None:
        self._inner = inner
        self._rulings = rulings
        self._hosts = hosts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request: with an error, or as the application does."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        key, partner = self._known(headers.get("authorization", ""))
        status = 0

        async def watched(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        refused = self._refusal(scope, headers, partner)
        if refused:
            await answer(watched, refused)
        else:
            await self._inner({**scope, PARTNER: partner}, bounded(receive), watched)
        log.info("%s %s %s", scope["method"], status, key.id or "-")

    def _refusal(self, scope: Any, headers: Mapping[str, str], partner: Partner | None) -> int:
        """The status with which a request is turned away; 0 when it is accepted."""
        if self._hosts and host_of(headers.get("host", "")) not in self._hosts:
            return 400
        if scope["path"] == "/healthz":
            return 0
        if partner is None:
            return 401
        if not acceptable(headers.get("accept", "*/*")):
            return 406
        if scope["method"] != "POST":
            return 0
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return 413
        return 0 if is_taxii(headers.get("content-type", "")) else 415

    def _known(self, authorization: str) -> tuple[ApiKey, Partner | None]:
        """The key and the partner of a request. As much is computed for a key that nobody has."""
        name, secret = credentials(authorization)
        keys = {key.id: key for key in self._rulings.keeper.api_keys()}
        key = keys.get(name, _NO_KEY)
        right = hmac.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), key.sha256)
        if not right or not key.holds(now()):
            return _NO_KEY, None
        try:
            return key, self._rulings.policy().partner(key.partner)
        except InputError:
            return _NO_KEY, None


def bounded(receive: Callable[[], Any]) -> Callable[[], Any]:
    """The same body, cut off (as if the sender had left) where it is longer than it may be."""
    taken = 0

    async def limited() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= LARGEST_BODY else {"type": "http.disconnect"}

    return limited


async def answer(send: Any, status: int) -> None:
    """Send an error that is found before any resource is."""
    headers = [(b"content-type", MEDIA.encode()), (b"cache-control", b"no-store")]
    if status == 401:
        headers.append(_REALM)
    body = error_document(status)
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def credentials(authorization: str) -> tuple[str, str]:
    """User and password of HTTP Basic; empty when there are none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret


def host_of(host: str) -> str:
    """The name in a Host header, without the port."""
    return host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0].lower()


def acceptable(accept: str) -> bool:
    """Whether an Accept header lets us answer TAXII 2.1; the version may be left out."""
    return any(_matches(each, ("*/*", "application/*", "application/taxii+json")) for each in accept.split(","))


def is_taxii(content_type: str) -> bool:
    """Whether a body says it is TAXII 2.1."""
    return _matches(content_type, ("application/taxii+json",))


def _matches(text: str, names: tuple[str, ...]) -> bool:
    name, *rest = (part.strip().lower() for part in text.split(";"))
    parameters = dict(part.replace('"', "").partition("=")[::2] for part in rest)
    return name in names and parameters.get("version", "2.1") == "2.1" and parameters.get("q", "1").strip("0.") != ""
