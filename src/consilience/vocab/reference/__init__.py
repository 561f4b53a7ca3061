"""Reference corpora that the package ships: documents of who shows what, counted by others. See README.md here."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

ATTACK_GROUPS = "attack-groups"


@lru_cache(maxsize=4)
def reference_document(name: str = ATTACK_GROUPS) -> Any:
    """The document of a corpus that ships, parsed once: see `weigh.corpus_from` for its form."""
    return json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8"))


def common_code() -> tuple[Any, dict[str, bytes]]:
    """The document of the reference of common code with its provenance, and the packed columns by channel."""
    folder = files(__name__)
    document = json.loads(folder.joinpath("common-code.json").read_text("utf-8"))
    raw, columns, at = folder.joinpath("common-code.bin").read_bytes(), {}, 0
    for channel, size in document["channels"]:
        columns[channel] = raw[at : at + size]
        at += size
    return document, columns
