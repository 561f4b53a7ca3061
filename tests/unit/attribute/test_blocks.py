"""Blocks of indicators from an observation file to activities and probabilities."""

import json

import pytest

from consilience.attribute.activity import activities
from consilience.attribute.indicators import IndicatorEngine
from consilience.attribute.indicators.features import feature_counts
from consilience.attribute.shipped import indicator_model
from consilience.read import read_path
from consilience.vocab import vocabulary

BLOCKS = {
    "alder": ("2023-01-05", ["mail-update.example", "192.0.2.4"], ["192.0.2.9:8080"], ["cloud-sync.example/a/get.php"]),
    "birch": ("2023-02-07", ["daily-press.test", "news.test"], ["198.51.100.7:443"], ["http://daily.test:8080/x.asp"]),
}


@pytest.fixture
def known(tmp_path):
    lines = []
    for actor, (published, hosts, endpoints, urls) in BLOCKS.items():
        kinds = [("ipv4-addr" if each[0].isdigit() else "domain-name", each) for each in hosts]
        kinds += (
            [("endpoint", each) for each in endpoints] + [("url", each) for each in urls] + [("url:path", "/q.php")]
        )
        source = {"publisher": "P", "id": f"report on {actor}"}
        row = {"publisher": "P", "subject": actor, "published": published, "source": source}
        lines += [json.dumps(row | {"kind": kind, "value": value}) for kind, value in kinds]
    path = tmp_path / "blocks.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    observations = [seen for reading in read_path(path, {}) for seen in reading.observations]
    return activities(observations, vocabulary())


def test_one_block_is_one_activity(known):
    """A block of one subject, source and date is one activity, whatever kinds its lines have."""
    assert [(each.subject, each.origin) for each in known] == [(f"P/{a}", f"report on {a}") for a in BLOCKS]


def test_addresses_give_host_port_and_path(known):
    """An endpoint gives its port and address, an address on the web its host, port and path, scheme or none."""
    first, second = (feature_counts(each, vocabulary()).counts for each in known)
    assert set(first["port"]) == {"8080"}
    assert set(first["address"]) == {"192.0.2.4", "192.0.2.9"}
    assert set(first["path"]) == {"/a/get.php", "/q.php"}
    assert "cloud-sync.example" in first["host"]
    assert set(second["port"]) == {"443", "8080"}
    assert "daily.test" in second["host"]


def test_habits_of_a_block_are_found_again(known):
    """A query with the words and network of one block is nearer to its actor."""
    engine = IndicatorEngine.of(known, vocabulary(), indicator_model())
    traits = (("domain-name", "update-cloud.example"), ("ipv4-addr", "192.0.2.77"))
    query = type(known[0])("", known[0].day + 30, "query", traits)
    assert engine.subjects[int(engine.terms(query).weight.argmax())] == "P/alder"
