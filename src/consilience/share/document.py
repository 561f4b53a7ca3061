"""The JSON document of an assessment."""

from __future__ import annotations

import json

from consilience.model.assessment import Assessment


class JsonWriter:
    """Writes the record of interfaces.md."""

    name = "json"

    def write(self, assessment: Assessment) -> bytes:
        """The record as UTF-8 JSON with sorted keys, two spaces of indent and a newline at the end."""
        text = json.dumps(assessment.as_record(), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"
