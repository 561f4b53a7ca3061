"""A configuration as a MACO record, and back."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consilience.decode.record import configuration_from
from consilience.model.configuration import TYPES, Configuration, Entry, Setting
from consilience.read.configuration_traits import lines_of
from consilience.read.maco import MacoRecords, configurations_of
from consilience.share import maco_record
from consilience.vocab.maco import maco_tables

TABLES = maco_tables()
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
NAMES = st.one_of(
    st.sampled_from(sorted({*TABLES.objects, *TABLES.lists, *TABLES.single, "tlp", "consilience", "own"})), TEXT
)
FIELDS = st.one_of(st.sampled_from(["", *sorted({each for every in TABLES.objects.values() for each in every})]), TEXT)
VALUES = st.one_of(TEXT, st.sampled_from(["192.0.2.7", "443", "true", "0", "104.24.0.0/14", "https://a.example/x"]))
SETTINGS = st.lists(st.builds(Setting, FIELDS, st.sampled_from(TYPES), VALUES), min_size=1, max_size=4).map(tuple)
USAGES = st.sampled_from(["", "c2", "default", "leftover", "communication"])
ENTRIES = st.lists(st.builds(Entry, NAMES, SETTINGS, USAGES, st.sampled_from(["", "per-operator"])), max_size=5)
FAMILIES = TEXT.filter(str.strip)
CONFIGURATIONS = st.builds(Configuration, FAMILIES, ENTRIES.map(tuple), st.sampled_from(["", "direct"]))


def again(record):
    return configurations_of(json.dumps(record, ensure_ascii=False).encode(), "f.json")


@given(CONFIGURATIONS)
def test_a_configuration_comes_back_as_it_was(configuration):
    """Entries and settings of every type come back in their order, with usages, roles of keys and layout."""
    found, gathered = again([maco_record(configuration)])
    assert found == [configuration] and (gathered.refusals, gathered.notices) == ([], [])


@given(CONFIGURATIONS)
def test_a_record_as_json_comes_back_as_it_was(configuration):
    """The own form as JSON loses nothing either."""
    assert configuration_from(json.loads(json.dumps(configuration.as_record()))) == configuration


@given(CONFIGURATIONS)
def test_every_value_stands_where_others_look(configuration):
    """What this program keeps for itself is no more than what the rest of the record says."""
    record = maco_record(configuration)
    del record["other"]["consilience"]
    told = json.dumps(record, ensure_ascii=False)
    for _, each in configuration.settings():
        number = each.value.lstrip("0") or each.value[:1]
        assert json.dumps(each.value, ensure_ascii=False)[1:-1] in told or number in told


BEAK = Configuration(
    "Beak",
    (
        Entry("udp", (Setting("server_domain", "host", "192.0.2.7"), Setting("server_port", "port", "53")), "c2"),
        Entry("encryption", (Setting("key", "key", "k-1"), Setting("size", "number", "16")), "default", "per-operator"),
        Entry("sleep_delay", (Setting("", "number", "60"),)),
        Entry("mutex", (Setting("", "text", "m"),)),
        Entry("leftover", (Setting("host", "address", "10.2.1.9"), Setting("port", "port", "4443")), "leftover"),
    ),
    "direct",
)


def test_the_fields_of_maco_are_filled():
    """A server that is an address has its own field, numbers are numbers, and what MACO does not name is other."""
    record = maco_record(BEAK)
    assert record["udp"] == [{"server_ip": "192.0.2.7", "server_port": 53, "usage": "c2"}]
    assert (record["encryption"], record["sleep_delay"], record["mutex"]) == ([{"key": "k-1"}], 60, ["m"])
    assert record["other"]["encryption.size"] == ["16"] and record["other"]["leftover.port"] == ["4443"]


def test_a_marking_may_be_added_and_edited_fields_count():
    """With a marking the whole configuration is still read; with an edited field the fields are, and a note says so."""
    record = maco_record(BEAK)
    record["other"]["tlp"] = "green"
    assert again(record)[0] == [BEAK]
    record["mutex"] = ["other"]
    (found,), gathered = again(record)
    assert found != BEAK and any(entry.value("") == "other" for entry in found.entries)
    assert "not those that the kept configuration was written with" in gathered.notices[0].what


def test_the_record_shows_what_the_configuration_does():
    """Read as observations, the MACO record says what the configuration says, in the same roles."""
    raw = json.dumps(maco_record(BEAK)).encode()
    seen = MacoRecords().read(raw, "f.json", {"publisher": "Lab"}).observations
    lines = {(line.kind, line.value, line.role, line.key_role) for _, line in lines_of(BEAK)}
    shown = {(each.trait.kind, each.printed, each.role, each.key_role) for each in seen}
    assert shown == lines | {("config:layout", "Beak, direct", "family-layout", "")}
    assert ("config:leftover", "10.2.1.9 4443", "leftover", "per-operator") not in shown
    assert ("crypto:key", "k-1", "family-default", "per-operator") in shown


@settings(deadline=None)
@given(configuration=CONFIGURATIONS)
def test_records_are_read_by_others(configuration):
    """MACO's own model takes every record as it is."""
    maco = pytest.importorskip("maco.model", reason="the interop group is not installed")
    assert maco.ExtractorModel(**maco_record(configuration)).family == configuration.family
