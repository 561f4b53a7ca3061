"""A case with two partners, served to a client without a network."""

import base64
import logging

import pytest
from litestar.testing import TestClient

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.model.observation import Observation
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.server.app import ROOT, application

WHEN = "2024-01-01T00:00:00Z"
TAXII = "application/taxii+json;version=2.1"


class Partner:
    """Asks as a partner does, and keeps all that came back."""

    def __init__(self, client, key=None, secret=""):
        self.client = client
        self.heard = []
        self.headers = {"Accept": TAXII}
        if key:
            told = base64.b64encode(f"{key.id}:{secret}".encode()).decode()
            self.headers["Authorization"] = f"Basic {told}"

    def ask(self, path, method="GET", body=None, headers=None, **query):
        said = {**self.headers, **(headers or {})}
        answer = self.client.request(method, path, params=query, headers=said, content=body)
        self.heard.append(answer)
        return answer

    def objects(self, path="released/objects/", **query):
        return self.ask(f"/{ROOT}/collections/{path}", **query)

    def send(self, body, headers=None, place="inbox"):
        said = {"Content-Type": TAXII, **(headers or {})}
        return self.ask(f"/{ROOT}/collections/{place}/objects/", "POST", body, said)


def statement(value, tlp="clear", subject="Alpha", kind="domain-name", **fields):
    return Observation(
        subject=Subject("Vendor", subject),
        trait=Trait(kind, value),
        source=fields.pop("source", Source(publisher="Vendor", title="Report")),
        tlp=tlp,
        **fields,
    )


def put(case, *statements):
    raw = repr(statements).encode()
    case.keeper.add(Reading(file="f", format="jsonl", raw=raw, observations=statements), WHEN)


@pytest.fixture
def case():
    made = Case(MemoryKeeper())
    made.rulings.add_partner("Vendor B", ["forum"])
    made.rulings.add_partner("Vendor C", [], True)
    put(made, statement("a.example"), statement("b.example", "green"), statement("c.example", "amber"))
    return made


@pytest.fixture
def client(case):
    with TestClient(application(case), base_url="http://127.0.0.1") as made:
        yield made


@pytest.fixture
def partner(case, client):
    return Partner(client, *case.channels.new_key("Vendor B"))


@pytest.fixture
def other(case, client):
    return Partner(client, *case.channels.new_key("vendor c"))


@pytest.fixture
def stranger(client):
    return Partner(client)


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog
