"""The resources of TAXII 2.1, each for the partner whose key came with the request."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from asyncio import to_thread
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath

from consilience.case import Case
from consilience.model.errors import InputError
from consilience.model.json import Json, JsonObject
from consilience.model.partner import Partner
from consilience.server.authentication import LARGEST_BODY, MEDIA, PARTNER, Authentication, error_document
from consilience.server.filters import Cursors, InvalidParameter, query_of
from consilience.server.release_log import LogPage, PartnerLog

ROOT = "consilience"
_STATUSES = 1_000
_ACCEPTED = 202
_STIX = "application/stix+json;version=2.1"

TaxiiRequest = Request[Any, Any, Any]
TaxiiResponse = Response[bytes]


@dataclass(frozen=True, slots=True)
class PagedAnswer:
    """A page of a listing, and the cursor of the next one; empty for the last."""

    page: LogPage
    next: str

    def answer(self, name: str, rows: Sequence[Json]) -> TaxiiResponse:
        """The page as a document; an empty one has no members, as the standard wants."""
        content: JsonObject = {name: rows} if rows else {}
        if self.page.more:
            content |= {"more": True, "next": self.next}
        dates = [entry.added for entry in self.page.entries]
        headers = {"X-TAXII-Date-Added-First": dates[0], "X-TAXII-Date-Added-Last": dates[-1]} if dates else {}
        return document(content, headers)


class Resources:
    """What the routes answer with, over one case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._secret = case.keeper.secret()
        self._cursors = Cursors(self._secret)
        self._logs: dict[str, PartnerLog] = {}
        self._statuses: OrderedDict[tuple[str, str], JsonObject] = OrderedDict()

    def collection_id(self, partner: Partner, name: str) -> str:
        """The id of a collection of a partner, which nobody else can guess."""
        named = f"taxii collection\0{partner.principal}\0{name}".encode()
        return str(uuid.UUID(bytes=hmac.new(self._secret, named, hashlib.sha256).digest()[:16], version=4))

    def collections(self, partner: Partner) -> list[JsonObject]:
        """The collection that a partner may fetch from, and the one they may send to."""
        titles = {"released": "What was released to you", "inbox": "What you want to tell us"}
        return [
            {
                "id": self.collection_id(partner, name),
                "title": title,
                "alias": name,
                "can_read": name == "released",
                "can_write": name == "inbox",
                "media_types": [_STIX],
            }
            for name, title in titles.items()
        ]

    def collection(self, partner: Partner, id: str, able: str = "") -> JsonObject:
        """The collection of this id or alias that the partner may use so; nothing else is there for them."""
        for each in self.collections(partner):
            if id in (each["id"], each["alias"]) and (not able or each[able]):
                return each
        raise NotFoundException

    def log(self, partner: Partner) -> PartnerLog:
        """What this partner may fetch."""
        return self._logs.setdefault(partner.principal, PartnerLog(self._case.keeper, partner.principal))

    def page(self, request: TaxiiRequest, id: str, kind: str, object: str = "") -> PagedAnswer:
        """The page that a request asks for."""
        partner = partner_of(request)
        place = str(self.collection(partner, id, "can_read")["id"])
        about = [partner.principal, place, kind, object]
        try:
            query, asked = query_of(list(request.query_params.multi_items()), about, self._cursors)
        except InvalidParameter as fault:
            raise ClientException(str(fault)) from None
        log = self.log(partner)
        if object and not log.has(object):
            raise NotFoundException
        if kind == "versions":
            query = replace(query, matches={**query.matches, "version": frozenset({"all"})})
        page = log.page(query, object)
        return PagedAnswer(page, self._cursors.made(page.entries[-1].seq, asked) if page.more else "")

    def receive(self, partner: Partner, raw: bytes) -> JsonObject:
        """The status of what a partner sent; it says what they sent and nothing of what became of it here."""
        ids = sent_ids(raw)
        try:
            self._case.channels.receive(raw, partner)
        except InputError:
            raise HTTPException(status_code=422) from None
        id = str(uuid.uuid4())
        status: JsonObject = {
            "id": id,
            "status": "complete",
            "total_count": len(ids),
            "success_count": len(ids),
            "failure_count": 0,
            "pending_count": 0,
        }
        self._statuses[partner.principal, id] = status
        while len(self._statuses) > _STATUSES:
            self._statuses.popitem(last=False)
        return status

    def status(self, partner: Partner, id: str) -> JsonObject:
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
    def healthz() -> TaxiiResponse:
        return document({"status": "up"})

    @get("/taxii2/", sync_to_thread=False)
    def discovery() -> TaxiiResponse:
        return document({"title": "Consilience", "default": f"/{ROOT}/", "api_roots": [f"/{ROOT}/"]})

    @get(f"/{ROOT}/", sync_to_thread=False)
    def root() -> TaxiiResponse:
        return document({"title": "Consilience", "versions": [MEDIA], "max_content_length": LARGEST_BODY})

    @get(f"/{ROOT}/collections/", sync_to_thread=False)
    def collections(request: TaxiiRequest) -> TaxiiResponse:
        return document({"collections": on.collections(partner_of(request))})

    @get(f"/{ROOT}/collections/{{id:str}}/", sync_to_thread=False)
    def collection(request: TaxiiRequest, id: FromPath[str]) -> TaxiiResponse:
        return document(on.collection(partner_of(request), id))

    return [healthz, discovery, root, collections, collection]


def _listings(on: Resources) -> list[Any]:
    base = f"/{ROOT}/collections/{{id:str}}"

    @get(f"{base}/manifest/")
    async def manifest(request: TaxiiRequest, id: FromPath[str]) -> TaxiiResponse:
        listing = await to_thread(on.page, request, id, "manifest")
        rows = [
            {"id": row.object, "date_added": row.added, "version": row.version, "media_type": _STIX}
            for row in listing.page.entries
        ]
        return listing.answer("objects", rows)

    @get(f"{base}/objects/")
    async def objects(request: TaxiiRequest, id: FromPath[str]) -> TaxiiResponse:
        listing = await to_thread(on.page, request, id, "objects")
        return listing.answer("objects", [json.loads(row.text) for row in listing.page.entries])

    @get(f"{base}/objects/{{oid:str}}/")
    async def one(request: TaxiiRequest, id: FromPath[str], oid: FromPath[str]) -> TaxiiResponse:
        listing = await to_thread(on.page, request, id, "object", oid)
        return listing.answer("objects", [json.loads(row.text) for row in listing.page.entries])

    @get(f"{base}/objects/{{oid:str}}/versions/")
    async def versions(request: TaxiiRequest, id: FromPath[str], oid: FromPath[str]) -> TaxiiResponse:
        listing = await to_thread(on.page, request, id, "versions", oid)
        return listing.answer("versions", [row.version for row in listing.page.entries])

    return [manifest, objects, one, versions]


def _inbox(on: Resources) -> list[Any]:
    @post(f"/{ROOT}/collections/{{id:str}}/objects/", status_code=_ACCEPTED)
    async def send(request: TaxiiRequest, id: FromPath[str]) -> TaxiiResponse:
        partner = partner_of(request)
        on.collection(partner, id, "can_write")
        return document(await to_thread(on.receive, partner, await request.body()), status=_ACCEPTED)

    @get(f"/{ROOT}/status/{{id:str}}/", sync_to_thread=False)
    def status(request: TaxiiRequest, id: FromPath[str]) -> TaxiiResponse:
        return document(on.status(partner_of(request), id))

    return [send, status]


def partner_of(request: TaxiiRequest) -> Partner:
    """The partner whose key came with a request."""
    partner: Partner = request.scope[PARTNER]  # type: ignore[literal-required]
    return partner


def document(content: JsonObject, headers: Mapping[str, str] | None = None, status: int = 200) -> TaxiiResponse:
    """An answer in the one media type, that nobody on the way keeps."""
    body = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()
    said = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body, status_code=status, headers=said, media_type=MEDIA)


def sent_ids(raw: bytes) -> list[str]:
    """The ids of the objects of an envelope. Raises HTTPException for any other body."""
    try:
        envelope = json.loads(raw)
    except (ValueError, RecursionError):
        raise ClientException("the body is not JSON") from None
    rows = envelope.get("objects") if isinstance(envelope, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise HTTPException(status_code=422)
    return [row["id"] for row in rows]


def refused(_: TaxiiRequest, error: HTTPException) -> TaxiiResponse:
    """An error in the form of TAXII; its description is a sentence of ours, or empty."""
    description = error.detail if type(error) is ClientException else ""
    return Response(error_document(error.status_code, description), status_code=error.status_code, media_type=MEDIA)


def failed(_: TaxiiRequest, error: Exception) -> TaxiiResponse:
    """A failure of ours, of which nobody outside learns anything."""
    return Response(error_document(500), status_code=500, media_type=MEDIA)
