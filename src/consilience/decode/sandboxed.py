"""Configurations out of the locked process: what goes in, and what comes back, checked on this side.

`analyse` runs in the locked process. The descriptions go in before the sample, because a locked process opens no file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from consilience.decode.checking import decoder_from
from consilience.decode.decoding import DecodedConfiguration, FoundConfigurations, configurations_in
from consilience.decode.description import Decoder
from consilience.decode.descriptions import DecoderDescription
from consilience.decode.record import configuration_from, short_text
from consilience.model.errors import Rejected
from consilience.model.json import JsonObject
from consilience.model.printable import escaped

PARSER = "consilience.decode.sandboxed:analyse"
_LENGTH = 8


def pack_request(sample: bytes, descriptions: Sequence[DecoderDescription]) -> bytes:
    """The bytes that `analyse` takes: the descriptions, and the sample behind them."""
    head = json.dumps([[each.decoder.file, each.record] for each in descriptions], default=str).encode()
    return len(head).to_bytes(_LENGTH, "big") + head + sample


def analyse(data: bytes, name: str) -> JsonObject:
    """What the descriptions find in a sample, as JSON."""
    return decode_as_json(*unpack_request(data))


def unpack_request(data: bytes) -> tuple[bytes, list[Decoder]]:
    """The sample and the descriptions that `pack_request` put together."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    return data[end:], [decoder_from(record, file) for file, record in json.loads(data[_LENGTH:end])]


def decode_as_json(sample: bytes, decoders: Sequence[Decoder]) -> JsonObject:
    """What these descriptions find in a sample, as JSON."""
    found = configurations_in(sample, decoders)
    return {"configurations": [each.as_record() for each in found.records], "notes": list(found.notes)}


def configurations_from_answer(answer: Any) -> FoundConfigurations:
    """The configurations of an answer of `analyse`. Raises Rejected when it is not one."""
    try:
        records = tuple(_decoded(each) for each in answer["configurations"])
        notes = tuple(escaped(short_text(each))[:200] for each in answer["notes"])
    except (LookupError, TypeError, ValueError) as error:
        raise Rejected(f"the answer of the decoders cannot be used: {escaped(str(error))[:200]}") from None
    return FoundConfigurations(records, notes)


def _decoded(record: Any) -> DecodedConfiguration:
    found = record["found"]
    offset, size, key = found["offset"], found["size"], int(found.get("xor_key", "0"), 16)
    if type(offset) is not int or type(size) is not int or offset < 0 or size < 0 or not 0 <= key < 256:
        raise ValueError("a place cannot be")
    decoder, source = short_text(found["decoder"]), short_text(found["source"])
    return DecodedConfiguration(
        configuration=configuration_from(record), offset=offset, size=size, key=key, decoder=decoder, source=source
    )
