"""Configurations out of the locked process: what goes in, and what comes back, checked on this side.

`analyse` runs in the locked process. The descriptions go in before the sample, because a locked process opens no file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from consilience.model.configuration import TYPES, Configuration, Entry, Setting
from consilience.read.sample.configuration.checking import decoder_from
from consilience.read.sample.configuration.decoding import Decoded, Found, configurations_in
from consilience.read.sample.configuration.folder import Described
from consilience.read.unfit import Unfit, printable

PARSER = "consilience.read.sample.configuration.answer:analyse"
MOST_ENTRIES = 4_096
LONGEST_TEXT = 8_192
_LENGTH = 8


def asked(sample: bytes, told: Sequence[Described]) -> bytes:
    """The bytes that `analyse` takes: the descriptions, and the sample behind them."""
    head = json.dumps([[each.decoder.file, each.record] for each in told], default=str).encode()
    return len(head).to_bytes(_LENGTH, "big") + head + sample


def analyse(data: bytes, name: str) -> dict[str, Any]:
    """What the descriptions find in a sample, as JSON."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    decoders = [decoder_from(record, file) for file, record in json.loads(data[_LENGTH:end])]
    found = configurations_in(data[end:], decoders)
    return {"configurations": [each.as_record() for each in found.records], "notes": list(found.notes)}


def found_in(answer: Any) -> Found:
    """The configurations of an answer of `analyse`. Raises Unfit when it is none."""
    try:
        records = tuple(_decoded(each) for each in answer["configurations"])
        notes = tuple(printable(_text(each))[:200] for each in answer["notes"])
    except (LookupError, TypeError, ValueError) as fault:
        raise Unfit(f"the answer of the decoders cannot be used: {printable(str(fault))[:200]}") from None
    return Found(records, notes)


def configuration_from(record: Mapping[str, Any]) -> Configuration:
    """The configuration of a record, as of `Configuration.as_record`. Raises ValueError when it is none.

    >>> configuration_from({"family": "Beak", "entries": [{"name": "sleep", "settings": [["", "number", "5"]]}]}).family
    'Beak'
    """
    entries = record.get("entries")
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise ValueError("the entries are no list, or too many")
    family = _text(record.get("family"))
    if not family.strip():
        raise ValueError("the family has no name")
    return Configuration(family, tuple(map(_entry, entries)), _text(record.get("layout", "")))


def _entry(record: Any) -> Entry:
    if not isinstance(record, Mapping) or not isinstance(record.get("settings"), list):
        raise ValueError("an entry is no object with a list of settings")
    if len(record["settings"]) > MOST_ENTRIES:
        raise ValueError("an entry has too many settings")
    settings = tuple(map(_setting, record["settings"]))
    return Entry(_text(record.get("name")), settings, _text(record.get("usage", "")))


def _setting(record: Any) -> Setting:
    if not isinstance(record, list) or len(record) != 3:
        raise ValueError("a setting is no list of name, type and value")
    found = Setting(*map(_text, record))
    if found.type not in TYPES:
        raise ValueError(f"{found.type[:40]!r} is no type of a setting")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError("a text is none, or too long")
    return value


def _decoded(record: Any) -> Decoded:
    found = record["found"]
    offset, size, key = found["offset"], found["size"], int(found.get("xor_key", "0"), 16)
    if type(offset) is not int or type(size) is not int or offset < 0 or size < 0 or not 0 <= key < 256:
        raise ValueError("a place is none")
    decoder, source = _text(found["decoder"]), _text(found["source"])
    return Decoded(
        configuration=configuration_from(record), offset=offset, size=size, key=key, decoder=decoder, source=source
    )
