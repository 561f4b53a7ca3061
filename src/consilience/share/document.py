"""The JSON document of an assessment."""

from __future__ import annotations

import json
from collections.abc import Sequence

from consilience.model.assessment import Assessment
from consilience.model.relation import Judgement, judgement_records


class JsonWriter:
    """Writes an assessment as JSON (docs/reference/assessment.md)."""

    name = "json"

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The record as UTF-8 JSON with sorted keys, two spaces of indent and a newline at the end.

        It has a key `judgements` only when there are some.
        """
        record = assessment.as_record() | ({"judgements": judgement_records(judgements)} if judgements else {})
        text = json.dumps(record, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"
