"""The audit chain of a database: an entry for each write, and what no longer agrees with the entries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, func, insert, select

from consilience.keep import schema
from consilience.keep.blobs import Blobs
from consilience.keep.chain import BEGINNING, entry_after, faults_of, raw_fault
from consilience.keep.opening import DAMAGED
from consilience.model.audit import AuditEntry, Fault

_AT_ONCE = 10_000
SAMPLES = ("program", "archive", "lua", "specimen")
"""How the formats begin of files that may have code; for others the table of it is not asked."""
_ENCODER = msgspec.json.Encoder()
_TABLES: dict[str, Table] = {
    "import": schema.imports,
    "judgement": schema.judgements,
    "result": schema.results,
    "ruling": schema.rulings,
    "disclosure": schema.disclosures,
    "secret": schema.secrets,
    "release": schema.releases,
    "key": schema.keys,
}
_SEVERAL_ROWS = frozenset({"import", "release"})


def note(connection: Connection, act: str, of: str) -> None:
    """Add an entry to the chain for what this transaction wrote under this id."""
    newest = connection.execute(select(schema.audit).order_by(schema.audit.c.seq.desc()).limit(1)).first()
    last = AuditEntry(*newest) if newest else BEGINNING
    entry = entry_after(last, act, of, _content(connection, act, of))
    connection.execute(insert(schema.audit), asdict(entry))


def faults_in(connection: Connection, blobs: Blobs) -> Iterator[Fault]:
    """What does not hold of the chain, the rows, the raw bytes and the database, in this order."""
    entries = [AuditEntry(*row) for row in connection.execute(select(schema.audit).order_by(schema.audit.c.seq))]
    held = {act: connection.scalar(select(func.count(table.c.id.distinct()))) or 0 for act, table in _TABLES.items()}
    yield from faults_of(entries, _contents(connection), held)
    for (sha256,) in connection.execute(select(schema.imports.c.sha256).distinct()):
        yield from raw_fault(sha256, blobs.get(connection, sha256))
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if said != "ok":
                yield Fault("the database", f"is damaged: {said}", DAMAGED)


def _contents(connection: Connection) -> Callable[[str, str], str]:
    """As `_content` for any act, each table with one row an act read once: a long chain asks for every row."""
    known: dict[tuple[str, str], str] = {}
    for act, table in _TABLES.items():
        if act not in _SEVERAL_ROWS:
            for row in connection.execute(select(table).execution_options(yield_per=_AT_ONCE)):
                known[act, row.id] = hashlib.sha256(_ENCODER.encode(tuple(row)) + b"\n").hexdigest()
    nothing = hashlib.sha256().hexdigest()

    def content(act: str, of: str) -> str:
        return _content(connection, act, of) if act in _SEVERAL_ROWS else known.get((act, of), nothing)

    return content


def _content(connection: Connection, act: str, of: str) -> str:
    """The digest of the rows that one act wrote, as they now are."""
    table = _TABLES[act]
    rows: Iterable[Row[Any]] = connection.execute(
        select(table).where(table.c.id == (int(of) if act == "import" else of))
    )
    if act == "release":
        rows = connection.execute(select(table).where(table.c.id == of).order_by(table.c.seq))
    if act == "import":
        seen = select(schema.observations).where(schema.observations.c.import_id == int(of))
        in_order = seen.order_by(schema.observations.c.seq).execution_options(yield_per=_AT_ONCE)
        first = list(rows)
        rows = chain(first, connection.execute(in_order))
        if any(row.format.startswith(SAMPLES) for row in first):
            code = select(schema.codes).where(schema.codes.c.import_id == int(of)).order_by(schema.codes.c.seq)
            rows = chain(rows, connection.execute(code))
    whole = hashlib.sha256()
    for row in rows:
        whole.update(_ENCODER.encode(tuple(row)) + b"\n")
    return whole.hexdigest()
