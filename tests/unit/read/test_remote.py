"""The one way out: which questions may be asked, where they go, and what a TAXII server may answer."""

import json
import socket
import threading

import httpx
import pytest

from consilience.model.errors import InputError
from consilience.model.marking import Label
from consilience.read.remote import Collection, Egress, RequestKind, pages
from consilience.read.remote.address import is_public, target

PUBLIC = "93.184.215.14"
FORBIDDEN = [
    ("http://feed.example/", PUBLIC),
    ("ftp://feed.example/", PUBLIC),
    ("file:///etc/passwd", PUBLIC),
    ("https://user:secret@feed.example/", PUBLIC),
    ("https://feed.example\\@evil.example/", PUBLIC),
    ("https://feed.example /", PUBLIC),
    ("https://feed.example/\r\nX: y", PUBLIC),
    ("https:///nowhere", PUBLIC),
    ("https://feed.example:99999/", PUBLIC),
    ("https://127.0.0.1/", "127.0.0.1"),
    ("https://2130706433/", "127.0.0.1"),
    ("https://0x7f.1/", "127.0.0.1"),
    ("https://localhost/", "127.0.0.1"),
    ("https://0.0.0.0/", "0.0.0.0"),
    ("https://[::1]/", "::1"),
    ("https://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
    ("https://[64:ff9b::7f00:1]/", "64:ff9b::7f00:1"),
    ("https://[2002:7f00:1::]/", "2002:7f00:1::"),
    ("https://meta.example/", "169.254.169.254"),
    ("https://router.example/", "192.168.1.1"),
    ("https://ten.example/", "10.0.0.7"),
    ("https://shared.example/", "100.64.0.1"),
    ("https://local.example/", "fe80::1%eth0"),
    ("https://ula.example/", "fd00::1"),
    ("https://many.example/", "224.0.0.1"),
    ("https://nobody.example/", ""),
]


def answering(*replies):
    """A client whose other side gives these replies in turn, and the requests that it got."""
    asked, left = [], list(replies)

    def handle(request):
        asked.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    egress = Egress(resolve=lambda host, port: [PUBLIC], transport=httpx.MockTransport(handle))
    return egress, asked


def reply(objects=(), more=False, onward=None, last="", status=200, kind="application/taxii+json;version=2.1"):
    body = {"objects": list(objects), "more": more} | ({"next": onward} if onward else {})
    headers = {"content-type": kind} | ({"x-taxii-date-added-last": last} if last else {})
    return httpx.Response(status, json=body, headers=headers)


def item(number, modified="2024-01-01T00:00:00.000Z"):
    return {"type": "x", "id": f"x--{number}", "modified": modified}


@pytest.fixture
def no_network(monkeypatch):
    """Every socket that is made counts, and none is made."""
    made = []
    monkeypatch.setattr(socket, "socket", lambda *args, **rest: made.append(args))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **rest: made.append(args))
    return made


@pytest.mark.parametrize("question", [RequestKind.ACTIVE, RequestKind.PASSIVE, RequestKind.REVEALS_NOTHING])
@pytest.mark.parametrize("pap", ["red", ""])
def test_a_red_value_never_leaves(no_network, pap, question):
    """Safety test 9: for a value under PAP:RED, or none, no packet leaves, and the refusal says so."""
    with pytest.raises(InputError, match=r"nothing was sent|reveals it"):
        Egress().get("https://lookup.example/?q=secret.example", question, Label(pap=pap))
    assert no_network == []


def test_what_each_marking_permits():
    """Amber permits passive look-ups only, green and clear also contact; a label is needed for every value."""
    egress, asked = answering(httpx.Response(200))
    for pap, question, sent in (
        ("amber", RequestKind.PASSIVE, True),
        ("amber", RequestKind.ACTIVE, False),
        ("green", RequestKind.ACTIVE, True),
        ("clear", RequestKind.ACTIVE, True),
    ):
        before = len(asked)
        try:
            egress.get("https://a.example/", question, Label(pap=pap))
        except InputError:
            assert not sent
        assert len(asked) - before == sent
    with pytest.raises(InputError, match="needs the marking"):
        egress.get("https://a.example/", RequestKind.PASSIVE)


@pytest.mark.parametrize(("url", "address"), FORBIDDEN)
def test_no_forbidden_place_is_asked(url, address):
    """Safety test 34: addresses that are private, disguised, or none at all are never connected to."""
    asked = []
    egress = Egress(
        resolve=lambda host, port: [address] if address else [],
        transport=httpx.MockTransport(asked.append),
    )
    with pytest.raises(InputError):
        egress.get(url, RequestKind.REVEALS_NOTHING)
    assert asked == [] and len(FORBIDDEN) >= 25


def test_a_loopback_server_sees_nothing():
    """A real listener on this machine gets no connection, by name or by number; allowed by name it does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, seen = server.getsockname()[1], []

        def serve():
            connection, _ = server.accept()
            seen.append(connection.recv(65_536))
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            connection.close()

        waiting = threading.Thread(target=serve, daemon=True)
        waiting.start()
        for host in ("127.0.0.1", "localhost", "2130706433"):
            with pytest.raises(InputError):
                Egress(plain=True).get(f"http://{host}:{port}/", RequestKind.REVEALS_NOTHING)
        assert seen == []
        allowed = Egress(plain=True, private=("127.0.0.1",))
        assert allowed.get(f"http://127.0.0.1:{port}/x?y", RequestKind.REVEALS_NOTHING).content == b"ok"
        waiting.join(5)
        assert seen[0].startswith(b"GET /x?y HTTP/1.1\r\n")


def test_it_goes_where_it_looked():
    """The connection is to the address that was checked, under the name that was asked for."""
    egress, asked = answering(httpx.Response(200))
    egress.get("https://feed.example/a", RequestKind.REVEALS_NOTHING)
    assert (asked[0].url.host, asked[0].headers["host"]) == (PUBLIC, "feed.example")
    assert asked[0].extensions["sni_hostname"] == "feed.example"
    assert is_public(PUBLIC) and target("https://a.example", lambda host, port: [PUBLIC]).path == "/"


def test_redirects_stay_on_the_host():
    """Three redirects on one host are followed, a fourth or another host is not."""
    here = httpx.Response(302, headers={"location": "/b"})
    egress, asked = answering(here, httpx.Response(200, content=b"x"))
    assert egress.get("https://feed.example/a", RequestKind.REVEALS_NOTHING).content == b"x"
    assert [request.url.path for request in asked] == ["/a", "/b"]
    for bad in (here, httpx.Response(302, headers={"location": "https://other.example/"})):
        with pytest.raises(InputError, match="redirects"):
            answering(bad)[0].get("https://feed.example/a", RequestKind.REVEALS_NOTHING)


def test_answers_have_an_end():
    """An answer that is too long, also only when unpacked, or of another type is refused."""
    egress, _ = answering(httpx.Response(200, content=b"x" * 2_000))
    with pytest.raises(InputError, match="more than"):
        Egress(resolve=egress.resolve, transport=egress.transport, most=1_000).get(
            "https://a.example/", RequestKind.REVEALS_NOTHING
        )
    with pytest.raises(InputError, match="text/html"):
        answering(httpx.Response(200, html="<p>"))[0].get(
            "https://a.example/", RequestKind.REVEALS_NOTHING, types=("application/json",)
        )


COLLECTION = Collection(root="https://feed.example/api/", id="c/1", credentials=("u", "p"))


def test_pages_are_followed_by_next():
    """Pages are followed by `next`, objects given twice come once, and the last moment is told."""
    egress, asked = answering(
        reply([item(1), item(2)], True, "n1", "2024-01-01T00:00:00.000001Z"),
        reply([item(2), item(3)], False, None, "2024-01-02T00:00:00.000001Z"),
    )
    got = list(pages(egress, COLLECTION, "2023-01-01T00:00:00Z", ["x--9 2024"]))
    assert [[each["id"] for each in page.objects] for page in got] == [["x--1", "x--2"], ["x--3"]]
    assert got[-1].added == "2024-01-02T00:00:00.000001Z"
    assert asked[0].url.raw_path.startswith(b"/api/collections/c%2F1/objects/?")
    assert asked[0].url.params["added_after"] == "2023-01-01T00:00:00Z" and asked[1].url.params["next"] == "n1"
    assert asked[0].headers["authorization"].startswith("Basic ")


def test_pages_without_next_go_on_from_the_last_moment():
    """Where a server says there is more and gives no `next`, the last moment it told of leads on, inclusive or not."""
    egress, asked = answering(
        reply([item(1), item(2)], True, None, "2024-01-01T00:00:00Z"),
        reply([item(2), item(3)], True, None, "2024-01-02T00:00:00Z"),
        reply([item(3)], False, None, "2024-01-02T00:00:00Z"),
    )
    assert [each["id"] for page in pages(egress, COLLECTION) for each in page.objects] == ["x--1", "x--2", "x--3"]
    assert [request.url.params.get("added_after", "") for request in asked] == [
        "",
        "2024-01-01T00:00:00Z",
        "2024-01-02T00:00:00Z",
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply([item(1)], True, "same"), "again and again"),
        (reply([item(1)], True), "not how to get it"),
        (reply(status=404), "does not let us"),
        (reply(status=401), "does not let us"),
        (reply(status=500), "status 500"),
        (httpx.Response(200, content=b"[1]", headers={"content-type": "application/json"}), "not a TAXII envelope"),
        (
            httpx.Response(200, content=b'{"a":1,"a":2}', headers={"content-type": "application/json"}),
            "not a TAXII envelope",
        ),
        (
            httpx.Response(200, content=b"[" * 99_999, headers={"content-type": "application/json"}),
            "not a TAXII envelope",
        ),
        (httpx.Response(200, html="<p>"), "text/html"),
    ],
)
def test_a_server_that_errs_ends_the_reading(answer, said):
    """A server that goes round in circles, refuses or talks nonsense ends the reading with a reason."""
    with pytest.raises(InputError, match=said):
        list(pages(answering(answer)[0], COLLECTION))


def test_no_setting_of_the_environment_is_used(monkeypatch):
    """A proxy that the environment names is not used."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    egress, asked = answering(httpx.Response(200, content=json.dumps({}).encode()))
    assert egress.get("https://feed.example/", RequestKind.REVEALS_NOTHING).status == 200 and len(asked) == 1
