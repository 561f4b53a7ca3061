"""The audit chain of a database: an entry for each write, and what no longer agrees with the entries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, func, insert, select

from consilience.keep import schema
from consilience.keep.chain import BEGINNING, Entry, broken, entry_after
from consilience.keep.raws import Raws

_AT_ONCE = 10_000
_ENCODER = msgspec.json.Encoder()
_TABLES: dict[str, Table] = {"import": schema.imports, "judgement": schema.judgements, "result": schema.results}


def note(connection: Connection, act: str, of: str) -> None:
    """Nothing; the chain has an entry for what this transaction wrote under this id."""
    entries = schema.audit.c
    last = connection.execute(select(entries.seq, entries.hash).order_by(entries.seq.desc()).limit(1)).first()
    seq, hash = last or (0, BEGINNING)
    entry = entry_after(seq, hash, act, of, _content(connection, act, of))
    connection.execute(
        insert(schema.audit),
        {name: getattr(entry, name) for name in ("seq", "act", "of", "content", "previous", "hash")},
    )


def faults_of(connection: Connection, raws: Raws) -> Iterator[str]:
    """What does not hold, each as a sentence; the first names the earliest broken entry of the chain."""
    entries = [Entry(*row) for row in connection.execute(select(schema.audit).order_by(schema.audit.c.seq))]
    yield from broken(entries)
    for entry in entries:
        if _content(connection, entry.act, entry.of) != entry.content:
            yield f"{entry.act} {entry.of} is not as audit entry {entry.seq} recorded it"
    for act, table in _TABLES.items():
        rows = connection.scalar(select(func.count()).select_from(table)) or 0
        noted = len({entry.of for entry in entries if entry.act == act})
        if rows != noted:
            yield f"the case holds {rows} rows of {act}, and the audit chain {noted}"
    for (sha256,) in connection.execute(select(schema.imports.c.sha256).distinct()):
        if hashlib.sha256(raws.get(connection, sha256) or b"").hexdigest() != sha256:
            yield f"the raw bytes of {sha256} are missing or damaged"
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if said != "ok":
                yield f"the database is damaged: {said}"


def _content(connection: Connection, act: str, of: str) -> str:
    """The digest of the rows that one act wrote, as they now are."""
    table = _TABLES[act]
    rows: Iterable[Row[Any]] = connection.execute(
        select(table).where(table.c.id == (int(of) if act == "import" else of))
    )
    if act == "import":
        seen = select(schema.observations).where(schema.observations.c.import_id == int(of))
        in_order = seen.order_by(schema.observations.c.seq).execution_options(yield_per=_AT_ONCE)
        rows = chain(rows, connection.execute(in_order))
    whole = hashlib.sha256()
    for row in rows:
        whole.update(_ENCODER.encode(tuple(row)) + b"\n")
    return whole.hexdigest()
