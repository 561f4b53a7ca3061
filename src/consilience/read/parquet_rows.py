"""Rows of a Parquet table as JSON would hold them; it runs in a locked process, because tables come from anybody."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Iterator
from typing import Any

from consilience.read import fields

MAX_ROWS = 50_000_000
LARGEST = 24 * 1024**2
"""The characters of text in one answer, about."""

_ROWS_A_STEP = 512


def prepare() -> None:
    """Load the library while files can still be opened."""
    import pyarrow.parquet  # noqa: F401


def rows(data: bytes, name: str) -> dict[str, object]:
    """Some rows: `name` is the number of the first and how many at most, as `512:20000`.

    The answer holds `total`, `rows`, how many characters of text they have as `size`, and `fault` where the table
    breaks off behind them; or `rejected` and `todo` where it is not read at all.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    start, many = (int(part) for part in name.split(":"))
    try:
        table = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError) as fault:
        return {"rejected": f"the table cannot be read: {_first_line(fault)}", "todo": "get the file again"}
    total, names = table.metadata.num_rows, table.schema_arrow.names
    if total > MAX_ROWS:
        return {"rejected": f"the table has more than {MAX_ROWS:,} rows", "todo": "split it"}
    if twice := sorted({each for each in names if names.count(each) > 1}):
        return {"rejected": f"several columns are called {', '.join(twice)}", "todo": "keep the one that is meant"}
    found: list[dict[str, object]] = []
    size, broken = 0, {}
    try:
        for row in _from(table, start):
            found.append(row)
            size += sum(len(value) for value in row.values() if isinstance(value, str | list | dict))
            if len(found) == many or size > LARGEST:
                break
    except (pa.ArrowException, OSError, ValueError) as fault:
        broken = {"fault": f"the table cannot be read: {_first_line(fault)}"}
    return {"total": total, "rows": found, "size": size, **broken}


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [""])[0][:200]


def _from(table: Any, start: int) -> Iterator[dict[str, object]]:
    """The rows from one on; an unknown column comes with its name only, so that it is noticed and never decoded."""
    names = table.schema_arrow.names
    known = [name for name in names if name in fields.KNOWN]
    unknown = dict.fromkeys((name for name in names if name not in fields.KNOWN), None)
    before = 0
    for group in range(table.num_row_groups):
        size = table.metadata.row_group(group).num_rows
        if before + size > start:
            step = table.iter_batches(batch_size=_ROWS_A_STEP, row_groups=[group], columns=known, use_threads=False)
            for batch in step:
                if before + batch.num_rows > start:
                    for row in batch.slice(max(0, start - before)).to_pylist():
                        yield {name: _plain(value) for name, value in row.items()} | unknown
                before += batch.num_rows
        else:
            before += size


def _plain(value: Any) -> Any:
    """A cell as JSON would hold it; NaN, which tables use for *missing*, as None."""
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return _plain_number(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return _plain_list(value)
    return [f"a cell of type {type(value).__name__}"]


def _plain_number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def _plain_list(values: list[Any]) -> Any:
    """A list as JSON would hold it, and a list of pairs as an object: so tables hold maps."""
    if values and all(isinstance(each, tuple) and len(each) == 2 for each in values):
        return {str(key): _plain(each) for key, each in values}
    return [_plain(each) for each in values]
