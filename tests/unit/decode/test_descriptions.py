"""Descriptions: what one may say, and that everything wrong with it is told at once."""

import base64
import json
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.analyse.conftest import portable_executable

from consilience.decode import (
    DecoderError,
    configurations_in,
    descriptions_from,
    rc4,
    shipped_descriptions,
)
from consilience.model.configuration import Setting
from consilience.read.samples.decoder_folders import descriptions_in

HEAD = """
format = 1
family = "Beak"
[[source]]
id = "lab"
publisher = "Lab"
title = "Beak"
date = "2024"
says = "all of it"
"""
FIELDS = """
[field.host]
type = "host"
[field.port]
type = "port"
[[entry]]
name = "tcp"
settings = { server_domain = "host", server_port = "port" }
"""
LAYOUT = """
[[layout]]
name = "one"
about = "the only one"
source = "lab"
"""
MARK = '[locate]\nhow = "bytes"\nbytes = "42 45 ?? 4B"\noffset = 4\n'
FORM = '[split]\nhow = "form"\n' + LAYOUT + 'form = "{host}:{port}"\n'
NAMES = LAYOUT + '[layout.names]\nhost = "*host*"\nport = "port"\n'


def decoder(*parts):
    (told,) = descriptions_from([("beak.toml", "".join((HEAD, *parts, FIELDS)).encode())])
    return told.decoder


def entries_in(data, *parts):
    found = configurations_in(data, [decoder(*parts)]).records
    return [[each.value for each in entry.settings] for one in found for entry in one.configuration.entries]


def xored(data, key):
    return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(data))


PLAIN = b"a.example.net:443"
STEPS = {
    'step = "xor"\nkey = "01 02 03"': xored(PLAIN, b"\1\2\3"),
    'step = "xor"\nkey = "any"': xored(PLAIN, b"\xa7"),
    'step = "rc4"\nkey = "6b6579"': rc4(PLAIN, b"key"),
    'step = "base64"': base64.b64encode(PLAIN) + b"\0junk",
    'step = "hex"': PLAIN.hex().encode() + b"\0junk",
    'step = "zlib"': zlib.compress(PLAIN) + b"junk",
    'step = "skip"\nbytes = 3': b"xyz" + PLAIN + b"\0",
    'step = "text"\nencoding = "utf-16"': PLAIN.decode().encode("utf-16-le") + bytes(2),
    'step = "text"\nalphabet = ["letters", "digits", ".:"]': PLAIN + b"*rest",
}


@pytest.mark.parametrize("step", STEPS)
def test_every_step(step):
    """Every encoding is undone, and what is not of it gives nothing."""
    parts = (MARK, f"[[decode]]\n{step}\n", FORM)
    assert entries_in(b"..BEAK" + STEPS[step], *parts) == [["a.example.net", "443"]]
    assert entries_in(b"..BEAK" + b"\xff\xfe\xfd" * 9, *parts) == []


def test_steps_follow_each_other_and_a_key_lies_beside_what_was_found():
    """Steps are undone in their order, with a key out of the sample; one outside of it gives nothing."""
    steps = '[[decode]]\nstep = "base64"\n[[decode]]\nstep = "xor"\nkey_at = -4\nkey_length = 4\n'
    hidden = base64.b64encode(xored(PLAIN, b"kkey"))
    assert entries_in(b"kkeyBE!K" + hidden, MARK, steps, FORM) == [["a.example.net", "443"]]
    assert entries_in(b"keyBE!K" + hidden, MARK, steps, FORM) == []


def test_rc4_is_rc4():
    """The stream is that of the published test vector of key and text."""
    assert rc4(b"Plaintext", b"Key").hex() == "bbf316e8d940af0ad3"


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("lines", "# Beak\nHost-name=a.example.net\nport = 443\n"),
        ("xml", '<?xml version="1.0"?><b><c host="a.example.net"/><port>443</port></b>'),
        ("json", '{"x": {"host": "a.example.net"}, "port": 443}'),
    ],
)
def test_named_fields(how, text):
    """Lines, XML and JSON give fields by their names."""
    assert entries_in(b"BEAK" + text.encode(), MARK, f'[split]\nhow = "{how}"\n', NAMES) == [["a.example.net", "443"]]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE b [<!ENTITY h "a.example.net">]><b><host>&h;</host><port>443</port></b>',
        "<b>" * 40 + "</b>" * 40,
        "<b>" + "<c/>" * 5_000 + "</b>",
        "<b><host>a.example.net</host><port>443</b>",
        "no XML at all",
        '<?xml version="1.0" encoding="no-such"?><b/>',
    ],
)
def test_xml_that_is_refused(text):
    """What could make much out of little, and what is no XML, gives nothing and raises nothing."""
    located = '[locate]\nhow = "whole"\nlongest = 65536\n'
    alphabet = '[[decode]]\nstep = "text"\nalphabet = ["printable", "lines"]\n'
    assert entries_in(text.encode(), located, alphabet, '[split]\nhow = "xml"\n', NAMES) == []


def test_fixed_sizes():
    """Fields of fixed size are taken one behind the other, in either order of bytes, or not at all."""
    for order, flag in (("<", ""), (">", "big_endian = true\n")):
        parts = (MARK, f'[split]\nhow = "struct"\n{flag}', LAYOUT, 'fields = ["host:text16", "port:u16"]\n')
        data = b"BEAK" + struct.pack(f"{order}16sH", b"a.example.net", 443)
        assert entries_in(data, *parts) == [["a.example.net", "443"]]
        assert entries_in(data[:-1], *parts) == []


def test_sections_and_whole_files():
    """A named section of a program is looked at, and a whole file; of what is no program there is no section."""
    section = '[locate]\nhow = "section"\nsection = ".rdata"\n'
    program = portable_executable(b"\xc3" * 16, pdb="x").replace(b"\x01\0\0\0\0\0\0\0\x21\0\0\0", PLAIN[:12])
    decoded = entries_in(program[: program.index(PLAIN[:12])] + PLAIN + bytes(64), section, FORM)
    assert decoded == [["a.example.net", "443"]]
    assert entries_in(PLAIN, section, FORM) == [] == entries_in(b"MZ" + PLAIN, section, FORM)
    assert entries_in(PLAIN, '[locate]\nhow = "whole"\n', FORM) == [["a.example.net", "443"]]


def test_an_inflated_bomb_is_cut_off():
    """What unpacks to more than the budget is left, and a note says so."""
    bomb = b"BEAK" + zlib.compress(bytes(64 << 20))
    told = decoder(MARK, "longest = 1048576\n", '[[decode]]\nstep = "zlib"\n', FORM)
    found = configurations_in(bomb, [told])
    assert found.records == () and "not every place" in found.notes[0]


WRONG = {
    "format = 1": ("format = 2", "format"),
    'family = "Beak"': ('famly = "Beak"', "famly"),
    'id = "lab"': ('id = "other"', "layout[0].source"),
    'how = "bytes"': ('how = "byte"', "locate.how"),
    '"42 45 ?? 4B"': ('"42 ?? 45"', "locate.bytes"),
    "offset = 4": ('offset = "4"', "locate.offset"),
    'how = "form"': ('how = "from"', "split.how"),
    '"{host}:{port}"': ('"{host}{port}"', "layout[0].form"),
    "{host}:": ("{hst}:", "layout[0]"),
    'type = "port"': ('type = "prt"', "field.port.type"),
    'server_port = "port"': ('server_port = "prt"', "entry[0].settings"),
    'about = "the only one"': ("about = 7", "layout[0].about"),
}


@pytest.mark.parametrize("sound", WRONG)
def test_one_fault_names_its_place(sound):
    """A wrong key or value is told with the file, the key and what to do."""
    text = "".join((HEAD, MARK, FORM, FIELDS))
    wrong, place = WRONG[sound]
    with pytest.raises(DecoderError) as error:
        descriptions_from([("beak.toml", text.replace(sound, wrong).encode())])
    assert place in [fault.field for fault in error.value.faults]
    assert all(fault.file == "beak.toml" and fault.what and fault.todo for fault in error.value.faults)


def test_all_faults_of_all_files_at_once(tmp_path):
    """Every fault of every file of a folder is told, also of one that is no TOML or no text."""
    text = "".join((HEAD, MARK, FORM, FIELDS))
    (tmp_path / "a.toml").write_text(text.replace("format = 1", "format = 2").replace('type = "host"', 'type = "hst"'))
    (tmp_path / "b.toml").write_text("x = [")
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DecoderError) as error:
        descriptions_in([str(tmp_path)])
    assert len(error.value.faults) == 4 and "4 faults" in str(error.value)
    with pytest.raises(DecoderError, match="is not a folder"):
        descriptions_in([str(tmp_path / "none")])


def test_a_family_described_again_takes_the_place(tmp_path):
    """A description of a folder stands beside the shipped ones, and in the place of one of the same family."""
    text = "".join((HEAD, MARK, FORM, FIELDS))
    (tmp_path / "own.toml").write_text(text)
    (tmp_path / "keyplug.toml").write_text(text.replace("Beak", "KEYPLUG"))
    found = {each.decoder.family: each.decoder.file for each in descriptions_in([str(tmp_path)])}
    assert found == {"LuaDream": "luadream.toml", "Beak": "own.toml", "KEYPLUG": "keyplug.toml"}


def test_shipped_descriptions_name_their_sources():
    """Every layout of every shipped description rests on a source with publisher, title and date."""
    for each in shipped_descriptions():
        sources = {source.id for source in each.decoder.sources if source.publisher and source.title and source.date}
        assert {layout.source for layout in each.decoder.layouts} <= sources


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)),
    max_leaves=12,
)
KEYS = ("format", "family", "source", "locate", "decode", "split", "layout", "field", "entry", "how", "text", "name")


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8))
def test_any_table_is_a_decoder_or_an_error_of_ours(table):
    """Whatever a file holds, it is a description or everything that is wrong with it."""
    from consilience.decode.checking import decoder_from

    with pytest.raises(DecoderError) as error:
        decoder_from(table, "f")
    assert error.value.faults


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(STEPS)), st.sampled_from(["form", "lines", "xml", "json"]))
def test_any_bytes_give_records_or_nothing(data, step, how):
    """Whatever stands behind a mark, it is a record whose settings are of their types, or none."""
    rest = FORM if how == "form" else f'[split]\nhow = "{how}"\n' + NAMES
    found = configurations_in(b"BEAK" + data, [decoder(MARK, f"[[decode]]\n{step}\n", rest)])
    for one in found.records:
        for entry in one.configuration.entries:
            assert [type(each) for each in entry.settings] == [Setting, Setting]
            assert 0 < int(entry.value("server_port")) < 65_536
    json.dumps([each.as_record() for each in found.records])
