"""A feed end to end: added, pulled, pulled again from where it ended, held when it would move much."""

from dataclasses import replace

import httpx
import pytest

from consilience.case import Case
from consilience.keep.memory import MemoryKeeper
from consilience.model.errors import InputError
from consilience.model.feed import Feed
from consilience.read.remote import Egress

GROUP = "intrusion-set--00000000-0000-4000-8000-000000000001"
TOOL = "malware--00000000-0000-4000-8000-000000000002"
FEED = Feed(name="partner", root="https://taxii.example/api", collection="c", publisher="Vendor B", tlp="green")


def item(kind, id, **fields):
    stamp = {"created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z"}
    return {"type": kind, "spec_version": "2.1", "id": id, **stamp, **fields}


USES = item(
    "relationship",
    "relationship--00000000-0000-4000-8000-000000000003",
    relationship_type="uses",
    source_ref=GROUP,
    target_ref=TOOL,
)
FIRST = [item("intrusion-set", GROUP, name="HERON"), item("malware", TOOL, name="Quill", is_family=True)]


class Server:
    """A collection that grows; each object has the moment at which it was added."""

    def __init__(self, objects):
        self.objects = [(f"2024-05-01T00:00:00.{number:06}Z", each) for number, each in enumerate(objects)]
        self.asked = []

    def handle(self, request):
        self.asked.append(request)
        after = request.url.params.get("added_after", "")
        found = [(moment, each) for moment, each in self.objects if moment >= after]
        headers = {"content-type": "application/taxii+json;version=2.1"}
        if found:
            headers["x-taxii-date-added-last"] = found[-1][0]
        return httpx.Response(200, json={"objects": [each for _, each in found]}, headers=headers)


@pytest.fixture
def case(monkeypatch):
    made = Case(MemoryKeeper())
    made.server = Server(FIRST)
    egress = Egress(resolve=lambda host, port: ["93.184.215.14"], transport=httpx.MockTransport(made.server.handle))
    feeds = type(made).feeds.fget
    monkeypatch.setattr(type(made), "feeds", property(lambda self: replace(feeds(self), egress=lambda feed: egress)))
    return made


def test_a_feed_is_read_from_where_it_ended(case):
    """What is new is read once; a relationship that comes later finds what it relates; nothing new is nothing."""
    case.feeds.add(FEED, "Ann")
    assert case.feeds.all()[0].added == ""
    first = case.feeds.pull("partner")
    assert (first.objects, first.pages, first.feed.added) == (2, 1, "2024-05-01T00:00:00.000001Z")
    case.server.objects.append(("2024-05-02T00:00:00.000000Z", USES))
    second = case.feeds.pull("partner")
    assert second.objects == 1 and second.read.new >= 1
    said = [seen for seen in case.snapshot().observations if seen.trait.kind == "malware"]
    assert [(seen.subject.name, seen.printed, seen.tlp) for seen in said] == [("HERON", "Quill", "green")]
    assert case.feeds.pull("partner").read is None
    assert case.server.asked[-1].url.params["added_after"] == "2024-05-02T00:00:00.000000Z"
    assert case.feeds.named("partner") == second.feed


def test_a_feed_that_fails_leaves_nothing(case):
    """When the server errs in the middle, nothing is kept and the next pull begins where this one did."""
    case.feeds.add(FEED, "Ann")

    def broken(request):
        if request.url.params.get("next"):
            return httpx.Response(500)
        body = {"objects": FIRST, "more": True, "next": "n"}
        return httpx.Response(200, json=body, headers={"content-type": "application/taxii+json"})

    egress = Egress(resolve=lambda host, port: ["93.184.215.14"], transport=httpx.MockTransport(broken))
    with pytest.raises(InputError, match="status 500"):
        replace(case.feeds, egress=lambda feed: egress).pull("partner")
    assert not list(case.keeper.observations()) and not case.keeper.imports()
    assert case.feeds.named("partner").added == ""


def test_what_a_feed_needs(case, monkeypatch):
    """A feed has a name, a publisher and a known colour; its password stays in the environment."""
    for wrong in (
        replace(FEED, name=" "),
        replace(FEED, publisher=""),
        replace(FEED, tlp="mauve"),
        replace(FEED, user="u"),
    ):
        with pytest.raises(InputError):
            case.feeds.add(wrong, "Ann")
    case.feeds.add(replace(FEED, user="u", password_env="FEED_PASSWORD"), "Ann")
    with pytest.raises(InputError, match="FEED_PASSWORD is not set"):
        case.feeds.pull("partner")
    monkeypatch.setenv("FEED_PASSWORD", "hush hush")
    case.feeds.pull("partner")
    kept = str(case.keeper.rulings()) + str(list(case.keeper.results())) + str(case.keeper.imports())
    assert "hush" not in kept and case.server.asked[-1].headers["authorization"].startswith("Basic ")
    with pytest.raises(InputError, match="no feed is called"):
        case.feeds.pull("other")
