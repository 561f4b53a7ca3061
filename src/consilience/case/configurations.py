"""The configurations of files, shown, compared, and as documents for others; no case is opened for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from consilience.model.configuration import Configuration
from consilience.model.configuration_diff import State, differences
from consilience.model.errors import InputError
from consilience.read import Configured, configurations_at
from consilience.share import maco_record

DECODERS = "decoders"
"""The folder within a case in which its own descriptions of decoders lie."""


def decoder_folders(location: str, more: Sequence[str] = ()) -> list[str]:
    """The folders of descriptions that hold for a case: its own, if it is a folder and has one, and these."""
    own = Path(location) / DECODERS if location and "://" not in location else None
    return [*([str(own)] if own is not None and own.is_dir() else []), *more]


def configured(path: str, location: str, more: Sequence[str] = ()) -> Configured:
    """The configurations of a file, by the descriptions that hold for a case."""
    return configurations_at(path, decoder_folders(location, more))


def configurations_record(found: Configured) -> dict[str, Any]:
    """The configurations of a file as a document, which can be read again."""
    return {
        "file": found.file,
        "format": found.format,
        "configurations": [told.as_record() | ({"found": dict(how)} if how else {}) for told, how in found.records],
        "refused": [asdict(each) for each in found.refusals],
        "notices": [asdict(each) for each in found.notices],
    }


def as_maco(found: Configured) -> bytes:
    """The configurations of a file as a list of MACO records."""
    records = [maco_record(told) for told, _ in found.records]
    return json.dumps(records, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def compared(a: Configured, b: Configured) -> dict[str, Any]:
    """Two files' configurations field by field, the n-th of one beside the n-th of the other of the same family.

    Raises InputError when a file holds none.
    """
    for each in (a, b):
        if not each.records:
            raise InputError("holds no configuration that can be read", each.file, "give a sample or a record of one")
    pairs = [(told, other) for (told, _), other in zip(a.records, _beside(a, b), strict=True) if other is not None]
    pairs = pairs or [(a.records[0][0], b.records[0][0])]
    rows = [[asdict(row) for row in differences(*pair)] for pair in pairs]
    every = [row for told in rows for row in told]
    counts = {str(state): sum(row["state"] == state for row in every) for state in State}
    keys = sorted({row["field"] for row in every if row["type"] == "key" and row["state"] != State.SAME})
    return {
        "a": a.file,
        "b": b.file,
        "compared": [
            {"families": [one.family, other.family], "fields": told}
            for (one, other), told in zip(pairs, rows, strict=True)
        ],
        "counts": counts,
        "keys_that_differ": keys,
    }


def _beside(a: Configured, b: Configured) -> list[Configuration | None]:
    """For each configuration of the first the next of the same family of the second."""
    waiting = [told for told, _ in b.records]
    found: list[Configuration | None] = []
    for told, _ in a.records:
        place = next((n for n, other in enumerate(waiting) if other.family == told.family), None)
        found.append(None if place is None else waiting.pop(place))
    return found
