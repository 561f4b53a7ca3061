"""The types of JSON: of documents that are written, and of foreign ones whose parts are looked at one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]
"""A value that can be written as JSON."""

JsonObject = dict[str, Json]
"""A JSON object that is being made, to be written."""
