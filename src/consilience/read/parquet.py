"""Observation files as Parquet tables, with one column a field."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from consilience.model.errors import InputError, Rejected
from consilience.model.printable import escaped
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.model.units import MIB
from consilience.read import parquet_rows
from consilience.read.observation_file import DAMAGED
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox import Limits, Worker
from consilience.sandbox.content import MAX_RATIO, RATIO_FREE, Content

MAGIC = b"PAR1"
LIMITS = Limits(cpu=60, wall=120.0, memory=4096 * MIB, answer=64 * MIB)
"""Memory is of addresses, of which the library sets much aside."""

MANY, FEWEST = 20_000, 256
_PARSERS = {"rows": "consilience.read.parquet_rows:rows"}


class ParquetFile:
    """Reads a Parquet table; a row is a line, and `source` may be a struct, JSON text or a title."""

    name = "parquet"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins as all Parquet files do."""
        return head.startswith(MAGIC)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations of all good rows."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        number = 0
        try:
            data = content.stream.read()
            for number, total, row in self._rows(data):
                builder.take(row, number)
                if progress is not None and number % FEWEST == 0:
                    progress(len(raw) * number // total, len(raw))
        except Rejected as rejected:
            reason = Rejected(content.damage, todo=DAMAGED) if content.damage else rejected
            builder.refuse(number + 1 if number else 0, "", reason)
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)

    def _rows(self, data: bytes) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """The number of each row, how many there are, and the row. Raises Rejected where the table breaks off."""
        number, total, many, size = 0, 1, MANY, 0
        while number < total:
            found, failed = self._some(data, number, many)
            if failed and many > FEWEST:
                many //= 2
                continue
            if failed or "rejected" in found:
                what = failed or escaped(str(found["rejected"]))
                raise Rejected(what, todo=DAMAGED if failed else escaped(str(found.get("todo", ""))))
            total, size = found["total"], size + found["size"]
            if size > RATIO_FREE and size > MAX_RATIO * len(data):
                raise Rejected(
                    f"the table unpacks to more than {MAX_RATIO} times its size", todo="write it anew, or split it"
                )
            for row in found["rows"]:
                number += 1
                yield number, total, row
            if "fault" in found or not found["rows"]:
                raise Rejected(escaped(str(found.get("fault", "the table ends before it should"))), todo=DAMAGED)

    def _some(self, data: bytes, start: int, many: int) -> tuple[dict[str, Any], str]:
        """Some rows, as `parquet_rows` answers, or why there are none."""
        try:
            worker = _worker()
        except InputError:
            # Where a system has no such process, tables are still read: the library is what guards against them there.
            return parquet_rows.rows(data, f"{start}:{many}"), ""
        ended = worker.analyse("rows", data, f"{start}:{many}")
        if ended.failed:
            return {}, f"the table cannot be read: {escaped(ended.failed)[:200]}"
        found = ended.answer
        if not isinstance(found, dict) or not ("rejected" in found or _is_answer(found)):
            return {}, "the answer about the table is not what an answer must be"
        return found, ""


@cache
def _worker() -> Worker:
    """The one process for all tables, started at the first that is read."""
    worker = Worker(_PARSERS, LIMITS)
    atexit.register(worker.close)
    return worker


def _is_answer(found: Mapping[str, Any]) -> bool:
    total, rows = found.get("total"), found.get("rows")
    return (
        isinstance(total, int)
        and isinstance(found.get("size"), int)
        and isinstance(rows, list)
        and all(isinstance(row, dict) for row in rows)
    )
