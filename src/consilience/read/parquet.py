"""Observation files as Parquet tables, with one column a field."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Iterator, Mapping
from typing import Any

from consilience.model.reading import Reading
from consilience.read import fields
from consilience.read.content import Content, Progress
from consilience.read.gathering import Gathering
from consilience.read.observation_file import DAMAGED
from consilience.read.unfit import Unfit

MAGIC = b"PAR1"
MAX_ROWS = 50_000_000
_ROWS_A_STEP = 512


class ParquetFile:
    """Reads a Parquet table; a row is a line, and `source` may be a struct, JSON text or a title."""

    name = "parquet"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins as all Parquet files do."""
        return head.startswith(MAGIC)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations of all good rows."""
        import pyarrow as pa

        content = Content(raw)
        gathered = Gathering(filename, defaults)
        number = 0
        try:
            table = _opened(content.stream.read())
            for number, row in enumerate(_rows(table), start=1):
                gathered.take(row, number)
                if progress is not None and number % _ROWS_A_STEP == 0:
                    progress(len(raw) * number // table.metadata.num_rows, len(raw))
        except Unfit as unfit:
            gathered.refuse(0, "", unfit)
        except (pa.ArrowException, OSError, ValueError) as fault:
            what = content.damage or f"the table cannot be read: {str(fault).splitlines()[0][:200]}"
            gathered.refuse(number + 1 if number else 0, "", Unfit(what, todo=DAMAGED))
        return gathered.reading(f"{self.name}.gz" if content.packed else self.name, raw)


def _opened(content: bytes) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.ParquetFile(pa.BufferReader(content))
    if table.metadata.num_rows > MAX_ROWS:
        raise Unfit(f"the table has more than {MAX_ROWS:,} rows", todo="split it")
    names = table.schema_arrow.names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unfit(f"several columns are called {', '.join(twice)}", todo="keep the one that is meant")
    return table


def _rows(table: Any) -> Iterator[dict[str, Any]]:
    """The rows as records; an unknown column comes with its name only, so that it is noticed and never decoded."""
    names = table.schema_arrow.names
    known = [name for name in names if name in fields.KNOWN]
    unknown = dict.fromkeys((name for name in names if name not in fields.KNOWN), None)
    for batch in table.iter_batches(batch_size=_ROWS_A_STEP, columns=known):
        for row in batch.to_pylist():
            yield {name: _plain(value) for name, value in row.items()} | unknown


def _plain(value: Any) -> Any:
    """A cell as JSON would hold it; a number that is none, which tables use for *missing*, as None."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        pairs = all(isinstance(each, tuple) and len(each) == 2 for each in value) and value
        return {str(key): _plain(each) for key, each in value} if pairs else [_plain(each) for each in value]
    return value
