"""KEYPLUG as published: inert specimens are decoded under every key, and nothing else is."""

import random
import sys
from pathlib import Path

import numpy
import pytest
from tests.unit.decode.specimens import (
    DIRECT,
    HEADS,
    KEYS,
    LAYOUTS,
    RELAYED,
    SEVERAL,
    TAILS,
    filling,
    hidden,
    specimen,
)

from consilience.decode import configurations_in, shipped_descriptions

DECODERS = [each.decoder for each in shipped_descriptions()]


def found_in(data):
    return configurations_in(data, DECODERS).records


def settings_of(configuration):
    return [(entry.name, entry.usage, [each.value for each in entry.settings]) for entry in configuration.entries]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_five_keys_and_three_layouts(layout, key, tail, head):
    """The record is found once, at its place, with its key and layout, whatever stands before and behind it."""
    data = specimen(LAYOUTS[layout], key, HEADS[head], TAILS[tail])
    (found,) = found_in(data)
    assert (found.configuration.family, found.configuration.layout) == ("KEYPLUG", layout)
    assert (found.key, found.offset, found.size) == (key, len(HEADS[head]) + 200, len(LAYOUTS[layout]))


def test_every_key_is_found():
    """All 255 keys are undone; the plain text is no configuration that anybody hid."""
    for key in range(1, 256):
        (found,) = found_in(specimen(RELAYED, key, tail=bytes([key]) + filling(40)))
        assert found.key == key
    assert found_in(specimen(RELAYED, 0)) == ()


def test_fields_are_named_and_in_order():
    """Networks of a delivery service are proxies, the host behind them is the server, and the numbers stand between."""
    (found,) = found_in(specimen(RELAYED, 0x5A))
    assert settings_of(found.configuration) == [
        ("protocol", "default", ["WSS"]),
        ("proxy", "", ["104.24.0.0/14", "443"]),
        ("proxy", "", ["103.22.200.0/22", "443"]),
        ("proxy", "", ["192.0.2.0/24", "443"]),
        ("sleep", "", ["7600"]),
        ("second_number", "default", ["5"]),
        ("third_number", "default", ["1"]),
        ("http", "c2", ["WSS", "c2.example.org", "8443"]),
    ]


def test_several_records_of_one_text_are_one_configuration():
    """Records behind each other, divided by the character that also divides their fields, stay in their order."""
    (found,) = found_in(specimen(SEVERAL, 0x33))
    servers = [entry for entry in settings_of(found.configuration) if entry[1] == "c2"]
    assert servers == [("udp", "c2", ["192.0.2.7", "53"]), ("http", "c2", ["WSS", "b.example.net", "443"])]


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "WSS", "HTTP", "HTTPS", "QUIC", "WS"])
def test_every_protocol(protocol):
    """Each protocol has its place among the entries: what is asked over the web, over TCP or over UDP."""
    for text in (DIRECT.replace("TCP", protocol), RELAYED.replace("WSS", protocol)):
        (found,) = found_in(specimen(text, 0x41))
        (section,) = {entry[0] for entry in settings_of(found.configuration) if entry[1] == "c2"}
        assert section == {"TCP": "tcp", "UDP": "udp", "QUIC": "udp"}.get(protocol, "http")


def test_more_fields_than_were_published_are_kept():
    """What follows the published fields of the first layout is kept under a name that promises nothing."""
    (found,) = found_in(specimen(f"{RELAYED}|winter-7|x", 0x77))
    assert settings_of(found.configuration)[-2:] == [("further", "", ["winter-7"]), ("further", "", ["x"])]


@pytest.mark.parametrize(
    "text",
    [
        "WSS://104.24.0.0/14|7600|5|1|c2.example.org:443",
        "WSS://104.24.0.0/33:443|7600|5|1|c2.example.org:443",
        "WSS://104.24.0.0/14;:443|7600|5|1|c2.example.org:443",
        "WSS://104.24.0.0/14:443|7600|5|c2.example.org:443",
        "WSS://104.24.0.0/14:443|seven|5|1|c2.example.org:443",
        "WSS://104.24.0.0/14:443|7600|5|1|c2.example.org:99999",
        "WSS://104.24.0.0/14:443|7600|5|1|c2:443",
        "WSS://104.24.0.0/14:443|7600|5|1|",
        "WSS://104.24.0.0/14:443|7600|5",
        "XYZ://104.24.0.0/14:443|7600|5|1|c2.example.org:443",
        "WSS://104.24.0.0/14:443,7600,5,1,c2.example.org:443",
        "TCP://192.0.2.7|600|10|2",
        "TCP://192.0.2.7:0|600|10|2",
        "TCP://192.0.2.7:443|-600|10|2",
        "TCP://192.0.2.7:443|600|10",
        "+https://|9000|3|1",
        "TCP://",
    ],
)
def test_other_layouts_are_no_record(text):
    """A record that lacks a field, or of which one is not of its type, is not decoded."""
    assert all(found_in(specimen(text, key)) == () for key in KEYS)


def test_truncated_records_are_no_record():
    """A record that breaks off before its last field is not decoded."""
    shortest = {name: text.rindex("|" if name != "relayed" else ":") + 1 for name, text in LAYOUTS.items()}
    for name, text in LAYOUTS.items():
        for size in range(shortest[name] + 1):
            assert found_in(specimen(text[:size], 0x9C, tail=b"")) == (), text[:size]


def test_keys_of_several_bytes_are_none():
    """Under a key of two bytes nothing is found, because that was never published."""
    twice = bytes(byte ^ (0x41, 0x9C)[place % 2] for place, byte in enumerate(RELAYED.encode()))
    assert found_in(filling(64) + twice + bytes(32)) == ()


def test_chance_is_no_record():
    """Neither random bytes nor long runs of one byte are decoded."""
    assert found_in(filling(2_000_000, seed=7)) == () == found_in(bytes(100_000)) == found_in(b"")
    assert found_in(b"TCP://" * 5_000) == ()


def test_programs_of_this_machine_hold_none():
    """Nothing is found in the libraries and programs that Python itself brings along."""
    files = [Path(sys.executable).resolve(), *sorted(Path(numpy.__path__[0]).rglob("*.so"))[:20]]
    assert all(found_in(path.read_bytes()) == () for path in files)


def test_a_record_found_twice_is_one():
    """The same record under two keys is one configuration, and two records are two."""
    both = specimen(RELAYED, 0x41) + specimen(RELAYED, 0x9C)
    assert len(found_in(both)) == 1
    assert [each.configuration.layout for each in found_in(both + specimen(DIRECT, 0x20))] == ["relayed", "direct"]


def test_so_many_places_are_a_note():
    """A file that is full of beginnings is looked at to a bound, and a note says so."""
    told = configurations_in((hidden("TCP://", 0x41) + b"\xfe") * 2_000, DECODERS)
    assert told.records == () and "not every place" in told.notes[0]


def test_mutations_never_raise():
    """Two thousand damaged specimens give a record or none, and never an error."""
    chance = random.Random(5)
    sound = [specimen(text, key, HEADS["ELF"]) for text in (*LAYOUTS.values(), SEVERAL) for key in KEYS]
    counts = 0
    for number in range(2_000):
        data = bytearray(sound[number % len(sound)])
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = data[: chance.randrange(len(data))] if number % 3 == 0 else data
        counts += len(found_in(bytes(cut)))
    assert 200 < counts < 2_000


def test_a_raw_zero_ends_a_text_under_every_key():
    """A zero behind the text is a character under many keys, and of few the very character that stands before it."""
    found = {}
    for key in range(1, 256):
        for one in found_in(specimen(RELAYED, key, tail=b"\0" + filling(40, seed=key))):
            found[key] = one.configuration
    (usual,) = found_in(specimen(RELAYED, 7))
    assert len(found) == 255
    assert sum(each == usual.configuration for each in found.values()) >= 250
