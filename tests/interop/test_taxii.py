"""Our server before the field's own client, our client before our own server and before MITRE's reference server."""

import json
import socket
import threading
import time

import pytest
import uvicorn

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.model.feed import Feed
from consilience.model.observation import Observation
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.server.app import ROOT, application

COLLECTION = "365fed99-08fa-fdcd-a1b3-fb247eb41d01"
MEDIA = "application/taxii+json;version=2.1"
WHEN = "2024-01-01T00:00:00Z"


def said(number, tlp="clear"):
    trait = Trait("domain-name", f"host-{number}.example")
    source = Source(publisher="Vendor", title="Report")
    return Observation(subject=Subject("Vendor", "Alpha"), trait=trait, source=source, tlp=tlp)


def put(case, *statements):
    raw = repr([seen.id for seen in statements]).encode()
    case.keeper.add(Reading(file="f", format="jsonl", raw=raw, observations=statements), WHEN)


@pytest.fixture(scope="module")
def served():
    """A case that is served on this machine, its address, and a partner's key."""
    case = Case(MemoryKeeper())
    case.rulings.add_partner("Vendor B", [])
    put(case, *(said(number) for number in range(5_000)), said(9_999_999, "red"))
    case.channels.publish("Vendor B")
    key, secret = case.channels.new_key("Vendor B")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application(case), port=port, log_level="critical", lifespan="off"))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        time.sleep(0.05)
    yield case, f"http://127.0.0.1:{port}", key.id, secret
    server.should_exit = True
    running.join(10)


def test_the_client_of_the_field_pages_all(served):
    """`taxii2-client` pages 10,000 objects with equal timestamps under concurrent writes: none lost, none twice."""
    from taxii2client.v21 import Server, as_pages

    case, address, user, password = served
    server = Server(f"{address}/taxii2/", user=user, password=password)
    collection = next(each for each in server.api_roots[0].collections if each.can_read)
    before = {row.object for row in case.keeper.release_log("vendor b")}
    assert len(before) >= 10_000
    stop = threading.Event()

    def write():
        for number in range(10_000, 10_040):
            if stop.is_set():
                return
            put(case, said(number))
            case.channels.publish("Vendor B")

    writing = threading.Thread(target=write)
    writing.start()
    seen = []
    for page in as_pages(collection.get_objects, per_request=500):
        seen += [each["id"] for each in page.get("objects", [])]
    stop.set()
    writing.join(60)
    versions = {}
    for id in seen:
        versions[id] = versions.get(id, 0) + 1
    assert before <= set(seen)
    assert [
        id for id, count in versions.items() if count > 1 and not id.startswith(("intrusion-set", "identity"))
    ] == []
    assert not any("9999999" in str(each) for each in page.get("objects", []))
    assert collection.get_manifest(limit=10)["objects"]


def test_our_client_reads_our_server(served):
    """A feed pulled from our own server gives the partner's statements, and a second pull nothing new."""
    case, address, user, password = served
    host = address.removeprefix("http://")
    theirs = Case(MemoryKeeper())
    feed = Feed(
        name="us",
        root=f"{address}/{ROOT}",
        collection=collection_of(address, user, password),
        publisher="Us",
        user=user,
        password_env="PULL_PASSWORD",
        plain=True,
        private=(host,),
    )
    theirs.feeds.add(feed, "Ann")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULL_PASSWORD", password)
        pulled = theirs.feeds.pull("us")
        told = {seen.id for seen in case.release("Vendor B").observations}
        assert pulled.read.refusals == () and {seen.id for seen in theirs.snapshot().observations} == told
        assert theirs.feeds.pull("us").read is None


def collection_of(address, user, password):
    from taxii2client.v21 import Server

    server = Server(f"{address}/taxii2/", user=user, password=password)
    return next(each.id for each in server.api_roots[0].collections if each.can_read)


@pytest.fixture(scope="module")
def medallion(tmp_path_factory):
    """MITRE's reference server on this machine, with one empty collection that can be read and written."""
    from medallion import application_instance, register_blueprints, set_config
    from werkzeug.serving import make_server

    access = {"can_read": True, "can_write": True, "media_types": ["application/stix+json;version=2.1"]}
    collection = {"id": COLLECTION, "title": "peer", **access, "objects": [], "manifest": []}
    root = {"information": {"title": "peer", "versions": [MEDIA], "max_content_length": 10**8}, "status": []}
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    discovery = {"title": "peer", "default": f"{address}/peer/", "api_roots": [f"{address}/peer/"]}
    data = tmp_path_factory.mktemp("medallion") / "data.json"
    data.write_text(json.dumps({"/discovery": discovery, "peer": {**root, "collections": [collection]}}))
    backend = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": str(data)}
    config = {"users": {"us": "secret"}, "taxii": {"max_page_size": 100}, "backend": backend}
    for part in ("users", "taxii", "backend"):
        set_config(application_instance, part, config)
    register_blueprints(application_instance)
    server = make_server("127.0.0.1", port, application_instance)
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    yield f"{address}/peer"
    server.shutdown()
    running.join(10)


def test_a_peer_takes_ours_and_we_read_it_there(medallion, served):
    """MITRE's server accepts our objects, and a feed pulled from it gives the statements that were sent.

    It cannot list a collection with an extension definition in it, whoever made it: it takes `version` for a time.
    """
    from taxii2client.v21 import Collection

    from consilience.model.parcel import Parcel
    from consilience.share import convert

    sent = tuple(said(number, "green") for number in range(300))
    objects = json.loads(convert(Parcel(observations=sent), "stix").content)["objects"]
    objects = [each for each in objects if each["type"] != "extension-definition"]
    collection = Collection(f"{medallion}/collections/{COLLECTION}/", user="us", password="secret")
    for start in range(0, len(objects), 100):
        status = collection.add_objects({"objects": objects[start : start + 100]})
        assert status.failure_count == 0
    theirs = Case(MemoryKeeper())
    feed = Feed(
        name="peer",
        root=medallion,
        collection=COLLECTION,
        publisher="Peer",
        user="us",
        password_env="PEER_PASSWORD",
        plain=True,
        private=("127.0.0.1",),
    )
    theirs.feeds.add(feed, "Ann")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PEER_PASSWORD", "secret")
        pulled = theirs.feeds.pull("peer")
        assert pulled.read.refusals == ()
        assert {seen.id for seen in theirs.snapshot().observations} == {seen.id for seen in sent}
        assert theirs.feeds.pull("peer").read is None
