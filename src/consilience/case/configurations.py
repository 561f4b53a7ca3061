"""The configurations of files, shown, compared, and as documents for others; no case is opened for it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain

from consilience.case.folders import decoder_folders
from consilience.model.configuration import Configuration
from consilience.model.configuration_diff import Difference, State, differences
from consilience.model.errors import InputError
from consilience.model.json import JsonObject
from consilience.read import Configured, configurations_at
from consilience.share import maco_record


def configured(path: str, location: str, more: Sequence[str] = ()) -> Configured:
    """The configurations of a file, by the descriptions that hold for a case."""
    return configurations_at(path, decoder_folders(location, more))


def configurations_record(found: Configured) -> JsonObject:
    """The configurations of a file as a document, which can be read again."""
    return {
        "file": found.file,
        "format": found.format,
        "configurations": [
            configuration.as_record() | ({"found": dict(how)} if how else {}) for configuration, how in found.records
        ],
        "refused": [asdict(each) for each in found.refusals],
        "notices": [asdict(each) for each in found.notices],
    }


def as_maco(found: Configured) -> bytes:
    """The configurations of a file as a list of MACO records."""
    records = [maco_record(configuration) for configuration, _ in found.records]
    return json.dumps(records, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def compared(a: Configured, b: Configured) -> JsonObject:
    """Two files' configurations field by field, the n-th of one beside the n-th of the other of the same family.

    Raises InputError when a file holds none.
    """
    for each in (a, b):
        if not each.records:
            raise InputError("holds no configuration that can be read", each.file, "give a sample or a record of one")
    pairs = _of_one_family(a, b) or [(a.records[0][0], b.records[0][0])]
    fields = [differences(*pair) for pair in pairs]
    rows = list(chain.from_iterable(fields))
    states = Counter(row.state for row in rows)
    return {
        "a": a.file,
        "b": b.file,
        "compared": [
            {"families": [one.family, other.family], "fields": list(map(asdict, each))}
            for (one, other), each in zip(pairs, fields, strict=True)
        ],
        "counts": {str(state): states[state] for state in State},
        "keys_that_differ": sorted(_keys_that_differ(rows)),
    }


def _keys_that_differ(rows: Sequence[Difference]) -> set[str]:
    return {row.field for row in rows if row.type == "key" and row.state != State.SAME}


def _of_one_family(a: Configured, b: Configured) -> list[tuple[Configuration, Configuration]]:
    """Each configuration of the first beside the next of the same family of the second, where there is one."""
    waiting = [configuration for configuration, _ in b.records]
    pairs = []
    for configuration, _ in a.records:
        for place, other in enumerate(waiting):
            if other.family == configuration.family:
                pairs.append((configuration, waiting.pop(place)))
                break
    return pairs
