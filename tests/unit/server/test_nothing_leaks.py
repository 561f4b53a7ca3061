"""Safety tests 6 and 7 at the server: what a partner may not know changes no byte of a reply, and stands in no log."""

import base64
import hashlib
import json
import logging
from datetime import UTC, datetime

import pytest
from litestar.testing import TestClient

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.server.app import ROOT, application
from consilience.share.stix import stix_id

from .conftest import Partner, put, statement

SECRETS = [f"canary-{number:03}-{hashlib.sha256(str(number).encode()).hexdigest()[:12]}" for number in range(100)]
KINDS = ("domain-name", "mutex", "malware", "attack-pattern", "campaign-id")
OPEN = [statement("a.example"), statement("b.example", "green"), statement("pipe", kind="mutex")]
CLOSED = [
    statement(f"{word}.example" if kind == "domain-name" else word, "red", f"{word}-group", kind)
    for word, kind in zip(SECRETS, KINDS * 20, strict=True)
]
CHILDREN = [statement("a.example", "red", "Beta"), statement(SECRETS[0], "red", kind="mutex")]


class Now(datetime):
    """A clock that stands still, so that two cases can be compared byte by byte."""

    @classmethod
    def now(cls, tz=None):
        return cls(2040, 5, 1, tzinfo=tz or UTC)


@pytest.fixture(autouse=True)
def still(monkeypatch):
    monkeypatch.setattr("consilience.case.channels.datetime", Now)
    monkeypatch.setattr("consilience.keep.memory.new_secret", lambda: b"s" * 32)
    monkeypatch.setattr("consilience.case.channels.secrets.token_hex", lambda size: "0a" * size)
    monkeypatch.setattr("consilience.case.channels.secrets.token_urlsafe", lambda size: "k" * size)


def session(*statements):
    """Every reply to a partner who tries everything: status, headers without the clock, body."""
    case = Case(MemoryKeeper())
    case.rulings.add_partner("Vendor B", ["forum"])
    put(case, *statements)
    case.channels.publish("Vendor B")
    with TestClient(application(case), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        partner = Partner(client, *case.channels.new_key("Vendor B"))
        stranger = Partner(client)
        places = [each["id"] for each in partner.ask(f"/{ROOT}/collections/").json()["collections"]]
        for path in ("/taxii2/", f"/{ROOT}/", f"/{ROOT}/collections/", "/healthz", "/nothing", f"/{ROOT}/status/x/"):
            partner.ask(path)
            stranger.ask(path)
        for place in (*places, "no-such-collection"):
            base = f"/{ROOT}/collections/{place}/"
            for tail in ("", "objects/", "manifest/"):
                partner.ask(base + tail)
            for wrong in ({"limit": "0"}, {"next": "x"}, {"added_after": "y"}, {"match[id]": ""}):
                partner.ask(base + "objects/", **wrong)
            following = partner.ask(base + "objects/", limit="1")
            while following.status_code == 200 and following.json().get("more"):
                following = partner.ask(base + "objects/", limit="1", next=following.json()["next"])
            for each in (*CLOSED[:20], *CHILDREN):
                for kind in ("relationship", "note"):
                    partner.ask(f"{base}objects/{stix_id(kind, each.id)}/")
                    partner.ask(f"{base}objects/{stix_id(kind, each.id)}/versions/")
            partner.ask(base + "objects/", **{"match[type]": "relationship", "match[version]": "all"})
        heard = [*partner.heard, *stranger.heard]
    return [
        (each.status_code, sorted((k, v) for k, v in each.headers.items() if k != "date"), each.content)
        for each in heard
    ]


def test_6_no_reply_depends_on_what_stays():
    """With red facts and stricter children or without, every reply of every path is the same, byte for byte (NI-3)."""
    with_them, without = session(*OPEN, *CLOSED, *CHILDREN), session(*OPEN)
    assert len(with_them) > 100 and with_them == without
    assert {status for status, _, _ in without} >= {200, 400, 401, 404} and 403 not in {row[0] for row in without}
    assert session(*OPEN, statement("more.example")) != without


def test_7_no_canary_in_replies_or_logs(caplog):
    """A hundred words in red facts, in seven forms each, stand in no reply, no error page and no line of a log."""
    caplog.set_level(logging.DEBUG)
    replies = session(*OPEN, *CLOSED, *CHILDREN)
    heard = b"\n".join(json.dumps(headers).encode() + body for _, headers, body in replies) + caplog.text.encode()
    assert b"a.example" in heard
    for word in SECRETS:
        raw = word.encode()
        digests = [hashlib.new(name, raw).hexdigest().encode() for name in ("md5", "sha1", "sha256")]
        forms = [raw, raw.upper(), raw[::-1], raw.hex().encode(), base64.b64encode(raw)[:-4], *digests]
        assert not [form for form in forms if form in heard]
