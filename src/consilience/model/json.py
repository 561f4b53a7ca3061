"""The types of JSON: of documents that are written, and of foreign ones whose parts are looked at one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]
"""A value that can be written as JSON."""

JsonObject = dict[str, Json]
"""A JSON object that is being made, to be written."""


def text_in(document: Mapping[str, Json], name: str) -> str:
    """The text under a name of a document that we made."""
    found = document[name]
    if not isinstance(found, str):
        raise TypeError(f"{name} holds no text")
    return found


def list_in(document: JsonObject, name: str) -> list[Json]:
    """The list under a name of a document that we make, an empty one put there where there is none."""
    found = document.setdefault(name, [])
    if not isinstance(found, list):
        raise TypeError(f"{name} holds no list")
    return found


def objects_in(document: JsonObject, name: str) -> list[JsonObject]:
    """The objects in the list under a name of a document that we make."""
    return [each for each in list_in(document, name) if isinstance(each, dict)]


Record = Mapping[str, Any]
"""A JSON object of our own making that is read again: its fields are known where they are used."""
