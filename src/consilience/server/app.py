"""The resources of TAXII 2.1, each for the partner whose key came with the request."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from asyncio import to_thread
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath

from consilience.case import Case
from consilience.model.errors import InputError
from consilience.model.partner import Partner
from consilience.server.authentication import LARGEST_BODY, MEDIA, PARTNER, Authentication, error_document
from consilience.server.filters import Cursors, Unusable, Wanted, wanted_of
from consilience.server.view import Page, View

ROOT = "consilience"
_STATUSES = 1_000
_ACCEPTED = 202
_STIX = "application/stix+json;version=2.1"

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


@dataclass(frozen=True, slots=True)
class PagedAnswer:
    """A listing that was asked for: the page, and the cursor of the next one (empty when there is none)."""

    page: Page
    next: str

    def answer(self, name: str, rows: list[Any]) -> Answer:
        """The page as a document; an empty one has no members, as the standard wants."""
        told: dict[str, Any] = {name: rows} if rows else {}
        if self.page.more:
            told |= {"more": True, "next": self.next}
        dates = [entry.added for entry in self.page.entries]
        headers = {"X-TAXII-Date-Added-First": dates[0], "X-TAXII-Date-Added-Last": dates[-1]} if dates else {}
        return document(told, headers)


class Resources:
    """What the routes answer with, over one case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._secret = case.keeper.secret()
        self._cursors = Cursors(self._secret)
        self._views: dict[str, View] = {}
        self._statuses: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()

    def collection_id(self, partner: Partner, name: str) -> str:
        """The id of a collection of a partner, which nobody else can tell."""
        told = f"taxii collection\0{partner.principal}\0{name}".encode()
        return str(uuid.UUID(bytes=hmac.new(self._secret, told, hashlib.sha256).digest()[:16], version=4))

    def collections(self, partner: Partner) -> list[dict[str, Any]]:
        """The collection that a partner may fetch from, and the one they may send to."""
        told = {"released": "What was released to you", "inbox": "What you want to tell us"}
        return [
            {
                "id": self.collection_id(partner, name),
                "title": title,
                "alias": name,
                "can_read": name == "released",
                "can_write": name == "inbox",
                "media_types": [_STIX],
            }
            for name, title in told.items()
        ]

    def collection(self, partner: Partner, id: str, able: str = "") -> dict[str, Any]:
        """The collection of this id or alias that the partner may use so; nothing else is there for them."""
        for each in self.collections(partner):
            if id in (each["id"], each["alias"]) and (not able or each[able]):
                return each
        raise NotFoundException

    def view(self, partner: Partner) -> View:
        """What this partner may fetch."""
        return self._views.setdefault(partner.principal, View(self._case.keeper, partner.principal))

    def shelf(self, request: Asked, id: str, kind: str, object: str = "") -> PagedAnswer:
        """The page that a request asks for."""
        partner = partner_of(request)
        place = self.collection(partner, id, "can_read")["id"]
        about = [partner.principal, place, kind, object]
        try:
            wanted, asked = wanted_of(list(request.query_params.multi_items()), about, self._cursors)
        except Unusable as fault:
            raise ClientException(str(fault)) from None
        view = self.view(partner)
        if object and not view.has(object):
            raise NotFoundException
        if kind == "versions":
            wanted = Wanted({**wanted.matches, "version": frozenset({"all"})}, *_rest(wanted))
        page = view.page(wanted, object)
        return PagedAnswer(page, self._cursors.made(page.entries[-1].seq, asked) if page.more else "")

    def receive(self, partner: Partner, raw: bytes) -> dict[str, Any]:
        """The status of what a partner sent; it says what they sent and nothing of what became of it here."""
        ids = sent_ids(raw)
        try:
            self._case.channels.receive(raw, partner)
        except InputError:
            raise HTTPException(status_code=422) from None
        status: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "status": "complete",
            "total_count": len(ids),
            "success_count": len(ids),
            "failure_count": 0,
            "pending_count": 0,
        }
        self._statuses[partner.principal, status["id"]] = status
        while len(self._statuses) > _STATUSES:
            self._statuses.popitem(last=False)
        return status

    def status(self, partner: Partner, id: str) -> dict[str, Any]:
        """The status of this id of this partner."""
        found = self._statuses.get((partner.principal, id))
        if found is None:
            raise NotFoundException
        return found


def application(case: Case, hosts: frozenset[str] = frozenset()) -> Authentication:
    """The server of a case as an ASGI application; `hosts` are the names it answers to, any when empty."""
    failing = {HTTPException: refused, Exception: failed}
    inner = Litestar(
        route_handlers=routes(Resources(case)),
        exception_handlers=failing,  # type: ignore[arg-type]
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_BODY,
    )
    return Authentication(inner, case.rulings, hosts)


def routes(on: Resources) -> list[Any]:
    """The handlers of all resources."""
    return [*_about(on), *_listings(on), *_inbox(on)]


def _about(on: Resources) -> list[Any]:
    @get("/healthz", sync_to_thread=False)
    def healthz() -> Answer:
        return document({"status": "up"})

    @get("/taxii2/", sync_to_thread=False)
    def discovery() -> Answer:
        return document({"title": "Consilience", "default": f"/{ROOT}/", "api_roots": [f"/{ROOT}/"]})

    @get(f"/{ROOT}/", sync_to_thread=False)
    def root() -> Answer:
        return document({"title": "Consilience", "versions": [MEDIA], "max_content_length": LARGEST_BODY})

    @get(f"/{ROOT}/collections/", sync_to_thread=False)
    def collections(request: Asked) -> Answer:
        return document({"collections": on.collections(partner_of(request))})

    @get(f"/{ROOT}/collections/{{id:str}}/", sync_to_thread=False)
    def collection(request: Asked, id: FromPath[str]) -> Answer:
        return document(on.collection(partner_of(request), id))

    return [healthz, discovery, root, collections, collection]


def _listings(on: Resources) -> list[Any]:
    base = f"/{ROOT}/collections/{{id:str}}"

    @get(f"{base}/manifest/")
    async def manifest(request: Asked, id: FromPath[str]) -> Answer:
        shelf = await to_thread(on.shelf, request, id, "manifest")
        rows = [
            {"id": row.object, "date_added": row.added, "version": row.version, "media_type": _STIX}
            for row in shelf.page.entries
        ]
        return shelf.answer("objects", rows)

    @get(f"{base}/objects/")
    async def objects(request: Asked, id: FromPath[str]) -> Answer:
        shelf = await to_thread(on.shelf, request, id, "objects")
        return shelf.answer("objects", [json.loads(row.text) for row in shelf.page.entries])

    @get(f"{base}/objects/{{oid:str}}/")
    async def one(request: Asked, id: FromPath[str], oid: FromPath[str]) -> Answer:
        shelf = await to_thread(on.shelf, request, id, "object", oid)
        return shelf.answer("objects", [json.loads(row.text) for row in shelf.page.entries])

    @get(f"{base}/objects/{{oid:str}}/versions/")
    async def versions(request: Asked, id: FromPath[str], oid: FromPath[str]) -> Answer:
        shelf = await to_thread(on.shelf, request, id, "versions", oid)
        return shelf.answer("versions", [row.version for row in shelf.page.entries])

    return [manifest, objects, one, versions]


def _inbox(on: Resources) -> list[Any]:
    @post(f"/{ROOT}/collections/{{id:str}}/objects/", status_code=_ACCEPTED)
    async def send(request: Asked, id: FromPath[str]) -> Answer:
        partner = partner_of(request)
        on.collection(partner, id, "can_write")
        return document(await to_thread(on.receive, partner, await request.body()), status=_ACCEPTED)

    @get(f"/{ROOT}/status/{{id:str}}/", sync_to_thread=False)
    def status(request: Asked, id: FromPath[str]) -> Answer:
        return document(on.status(partner_of(request), id))

    return [send, status]


def partner_of(request: Asked) -> Partner:
    """The partner whom the door let in."""
    partner: Partner = request.scope[PARTNER]  # type: ignore[literal-required]
    return partner


def document(told: Mapping[str, Any], headers: Mapping[str, str] | None = None, status: int = 200) -> Answer:
    """An answer in the one media type, that nobody on the way keeps."""
    body = json.dumps(told, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()
    said = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body, status_code=status, headers=said, media_type=MEDIA)


def sent_ids(raw: bytes) -> list[str]:
    """The ids of the objects of an envelope. Raises HTTPException when the body is none."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise ClientException("the body is not JSON") from None
    rows = told.get("objects") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise HTTPException(status_code=422)
    return [row["id"] for row in rows]


def refused(_: Asked, error: HTTPException) -> Answer:
    """An error as TAXII tells it; the description is our own sentence or none."""
    told = error.detail if type(error) is ClientException else ""
    return Response(error_document(error.status_code, told), status_code=error.status_code, media_type=MEDIA)


def failed(_: Asked, error: Exception) -> Answer:
    """A failure of ours, of which nobody outside is told anything."""
    return Response(error_document(500), status_code=500, media_type=MEDIA)


def _rest(wanted: Wanted) -> tuple[str, int, int]:
    return wanted.added_after, wanted.limit, wanted.after
