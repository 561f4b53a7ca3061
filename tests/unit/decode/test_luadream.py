"""LuaDream's XML, as far as it was published."""

import pytest
from tests.unit.decode.specimens import filling

from consilience.decode import configurations_in, shipped_descriptions

DECODERS = [each.decoder for each in shipped_descriptions()]
XML = '<?xml version="1.0"?>\n<conf><c2>mode.example.com</c2><protocol>HTTPS2</protocol><port>443</port></conf>'


@pytest.mark.parametrize(
    "text",
    [
        XML,
        '<a><server>mode.example.com</server><proto mode="HTTPS2"/><port>443</port></a>',
        '<a host="mode.example.com" port="443" protocol="HTTPS2"/>',
    ],
)
def test_xml_with_the_published_keyword(text):
    """The record is found within other bytes, with server, port and protocol, whatever its elements are called."""
    data = filling(300) + b"\0" + text.encode() + b"\0" + filling(300)
    (found,) = configurations_in(data, DECODERS).records
    assert (found.configuration.family, found.configuration.layout) == ("LuaDream", "XML")
    told = {entry.name: entry.settings[0].value for entry in found.configuration.entries}
    assert told == {"protocol": "HTTPS2", "c2": "mode.example.com", "port": "443"}


@pytest.mark.parametrize(
    "text",
    [
        XML.replace("HTTPS2", "HTTPS"),
        XML.replace("mode.example.com", "localhost"),
        XML.replace("</conf>", ""),
        XML.replace("<conf>", '<!DOCTYPE conf [<!ENTITY x "y">]><conf>'),
        "HTTPS2 mode.example.com",
    ],
)
def test_other_xml_is_no_record(text):
    """Without the keyword, the server or an end, and with entities, nothing is decoded."""
    assert configurations_in(b"\0" + text.encode() + b"\0", DECODERS).records == ()
