"""Descriptions of configurations: those that are shipped, and any others by their names and contents."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from consilience.decode.checked_table import DecoderError
from consilience.decode.checking import decoder_from
from consilience.decode.description import Decoder
from consilience.model.errors import Refusal

LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class DecoderDescription:
    """A description as it is written, which a locked process can be sent, and as a decoder."""

    record: Mapping[str, object]
    decoder: Decoder


@cache
def shipped_descriptions() -> tuple[DecoderDescription, ...]:
    """The descriptions of this package, in the order of their names."""
    return descriptions_below(files("consilience.vocab") / "decoders")


def descriptions_below(home: Traversable) -> tuple[DecoderDescription, ...]:
    """The descriptions in a folder of a package, in the order of their names. Raises DecoderError as any do."""
    found = sorted((each for each in home.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return descriptions_from((each.name, each.read_bytes()) for each in found)


def descriptions_from(written: Iterable[tuple[str, bytes]]) -> tuple[DecoderDescription, ...]:
    """The descriptions of these names and contents. Raises DecoderError with everything that is wrong in any."""
    faults: list[Refusal] = []
    found = []
    for name, content in written:
        try:
            record = _record(name, content)
            found.append(DecoderDescription(record, decoder_from(record, name.rpartition("/")[2])))
        except DecoderError as error:
            faults += error.faults
    if faults:
        raise DecoderError(faults)
    return tuple(found)


def _record(name: str, content: bytes) -> Mapping[str, object]:
    what, todo = "", "write the description in TOML and save it as UTF-8"
    if len(content) > LARGEST:
        what = f"is longer than {LARGEST:,} bytes"
    else:
        try:
            return tomllib.loads(content.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
            what = f"is not TOML: {fault}"
    raise DecoderError([Refusal(name, 0, "", what[:200], todo)])
