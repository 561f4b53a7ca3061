"""Observation files of one JSON object a line, plain or gzip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from consilience.model.errors import Rejected
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content
from consilience.sandbox.strict_json import strict_object

SUFFIXES = (".jsonl", ".ndjson")
DAMAGED = "the lines before it were read; get the file again for the rest"
_TELLING = frozenset({"kind", "value"})
_LINES_A_STEP = 4_096


class ObservationFile:
    """Reads one JSON object a line."""

    name = "jsonl"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether a line at the beginning is an object with `kind` or `value`, or else the name ends in .jsonl."""
        if any(_tells(line) for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:20]):
            return True
        return PurePath(filename.lower().removesuffix(".gz")).suffix in SUFFIXES

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations of all good lines."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        number = 0
        for number, line in content.lines():
            if line and not line.isspace():
                try:
                    builder.take(strict_object(line), number)
                except Rejected as unfit:
                    builder.refuse(number, "", unfit)
            if progress is not None and number % _LINES_A_STEP == 0:
                progress(content.used, len(raw))
        if content.damage:
            builder.refuse(number + 1, "", Rejected(content.damage, todo=DAMAGED))
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)


def _tells(line: bytes) -> bool:
    try:
        return bool(_TELLING & strict_object(line.strip()).keys())
    except Rejected:
        return False
