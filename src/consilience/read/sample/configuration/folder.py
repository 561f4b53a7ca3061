"""The descriptions that are shipped, and those of a folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from consilience.model.errors import Refusal
from consilience.read.sample.configuration.checking import decoder_from
from consilience.read.sample.configuration.description import Decoder
from consilience.read.sample.configuration.table import DecoderError

LARGEST = 256 * 1024
MOST_FILES = 256


@dataclass(frozen=True, slots=True)
class Described:
    """A description as it is written, which a locked process can be sent, and as a decoder."""

    record: Mapping[str, Any]
    decoder: Decoder


@cache
def shipped() -> tuple[Described, ...]:
    """The descriptions of this package, in the order of their names."""
    home = files("consilience.vocab") / "decoders"
    found = sorted((each for each in home.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return described((each.name, each.read_bytes()) for each in found)


def described_in(folders: Sequence[str]) -> tuple[Described, ...]:
    """The shipped descriptions and those of folders; one of the same family as an earlier one takes its place.

    Raises DecoderError with everything that is wrong in any file.
    """
    found = [*shipped()]
    for folder in folders:
        paths = sorted(Path(folder).glob("*.toml"))[: MOST_FILES + 1]
        if not Path(folder).is_dir() or len(paths) > MOST_FILES:
            what = f"holds more than {MOST_FILES} files" if paths else "is no folder"
            raise DecoderError([Refusal(folder, 0, "", what, "name a folder of descriptions (.toml)")])
        ours = described((str(path), path.read_bytes()) for path in paths)
        named = {each.decoder.family for each in ours}
        found = [*(each for each in found if each.decoder.family not in named), *ours]
    return tuple(found)


def described(written: Iterable[tuple[str, bytes]]) -> tuple[Described, ...]:
    """The descriptions of these names and contents. Raises DecoderError with everything that is wrong in any."""
    faults: list[Refusal] = []
    found = []
    for name, content in written:
        try:
            record = _record(name, content)
            found.append(Described(record, decoder_from(record, Path(name).name)))
        except DecoderError as error:
            faults += error.faults
    if faults:
        raise DecoderError(faults)
    return tuple(found)


def _record(name: str, content: bytes) -> Mapping[str, Any]:
    what, todo = "", "write the description in TOML and save it as UTF-8"
    if len(content) > LARGEST:
        what = f"is longer than {LARGEST:,} bytes"
    else:
        try:
            return tomllib.loads(content.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
            what = f"is no TOML: {fault}"
    raise DecoderError([Refusal(name, 0, "", what[:200], todo)])
