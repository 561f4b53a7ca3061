"""A case in a database: SQLite in a folder, or PostgreSQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from consilience.keep import schema
from consilience.keep.auditing import faults_in, note
from consilience.keep.chain import content_digest
from consilience.keep.channels import check_place, log_entry, log_rows, release_act
from consilience.keep.opening import opened, telling, writing
from consilience.keep.records import (
    canonical_text,
    disclosure_from_record,
    judgement_record,
    observation_from_text,
    record_of,
)
from consilience.keep.secret import PSEUDONYMS, new_secret
from consilience.keep.timestamps import end, instant
from consilience.model.audit import AuditEntry, Fault
from consilience.model.channel import ApiKey, LogEntry
from consilience.model.code import CodeProfile, SampleCode, profile_from
from consilience.model.digest import canonical_json
from consilience.model.errors import CaseError, Refusal, UnknownId
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure
from consilience.model.reading import Reading, Receipt
from consilience.model.relation import Judgement
from consilience.model.ruling import Ruling, ruling_from
from consilience.model.subject import Subject

_AT_ONCE = 10_000


class SqlKeeper:
    """A case in a database, each write one transaction with its entry in the audit chain."""

    def __init__(self, location: str) -> None:
        self._case = opened(location)

    def add(self, reading: Reading, recorded: str) -> Receipt:
        """What keeping this reading changed."""
        when, sha256 = instant(recorded), reading.sha256
        held = {seen.id: seen for seen in reading.observations}
        with writing(self._case) as connection:
            again = _known_file(connection, sha256)
            place = connection.execute(insert(schema.imports), _import_row(reading, sha256, when, len(held)))
            (import_id,) = place.inserted_primary_key or (0,)
            new = _insert_new(connection, schema.observations, _observation_rows(held, import_id, when))
            came = _insert_new(connection, schema.codes, _code_rows(reading, import_id, when))
            # Also of a file that is known: it costs little, and mends raw bytes that were lost or damaged.
            self._case.raws.keep(connection, sha256, reading.raw)
            if again and not new and not came:
                connection.rollback()
            else:
                note(connection, "import", str(import_id))
        return Receipt(file=reading.file, sha256=sha256, new=new, known=len(held) - new)

    def observations(self, recorded_by: str = "") -> Iterator[Observation]:
        """The observations recorded up to and including this time, in the order of their ids."""
        kept = schema.observations.c
        rows = select(kept.record, kept.value, kept.printed, kept.id).order_by(kept.id)
        if recorded_by:
            rows = rows.where(kept.recorded <= end(recorded_by))
        return (observation_from_text(record, value, printed, id) for record, value, printed, id in self._rows(rows))

    def codes(self) -> Iterator[SampleCode]:
        """What the code of the samples of this case is made of, in the order of their ids."""
        kept = schema.codes.c
        rows = select(kept.publisher, kept.subject, kept.subject_type, kept.bytes).order_by(kept.id)
        return (SampleCode(Subject(*row[:3]), _profile(bytes(row[3]), self._case.where)) for row in self._rows(rows))

    def imports(self) -> Sequence[Mapping[str, Any]]:
        """What was read, oldest first."""
        kept = schema.imports.c
        rows = select(kept.id, kept.file, kept.format, kept.sha256, kept.recorded, kept.observations, kept.refused)
        return tuple({**row._mapping, "id": str(row.id)} for row in self._rows(rows.order_by(kept.id)))

    def refusals(self, sha256: str) -> tuple[Refusal, ...]:
        """What was refused of the file with this digest, at each reading that was kept."""
        kept = schema.imports.c
        rows = self._rows(select(kept.refusals).where(kept.sha256 == sha256).order_by(kept.id))
        return tuple(refusal for (text,) in rows for refusal in msgspec.json.decode(text, type=list[Refusal]))

    def raw(self, sha256: str) -> bytes:
        """The raw bytes kept under this digest."""
        with telling(self._case.where), self._case.engine.connect() as connection:
            if not _known_file(connection, sha256):
                raise UnknownId(f"no file was read with the digest {sha256!r}", self._case.where, "read the file first")
            raw = self._case.raws.get(connection, sha256)
        if raw is None or hashlib.sha256(raw).hexdigest() != sha256:
            state = "missing" if raw is None else "damaged"
            raise CaseError(f"the raw bytes of {sha256} are {state}", self._case.where, "read the original file again")
        return raw

    def digest(self) -> str:
        """A digest of the set of observations and judgements."""
        seen, judged = schema.observations.c.id, schema.judgements.c.id
        with telling(self._case.where), self._case.engine.connect() as connection:
            return content_digest(
                connection.scalars(select(seen).order_by(seen)), connection.scalars(select(judged).order_by(judged))
            )

    def judge(self, judgement: Judgement) -> None:
        """Keep a named analyst's word on a pair."""
        row = {
            "id": judgement.id,
            "a": judgement.a,
            "b": judgement.b,
            "recorded": instant(judgement.recorded),
            "record": canonical_text(judgement_record(judgement)),
        }
        with writing(self._case) as connection:
            if _insert_new(connection, schema.judgements, [row]):
                note(connection, "judgement", judgement.id)

    def judgements(self, a: str = "", b: str = "") -> Sequence[Judgement]:
        """The judgements on a pair in either order, oldest first."""
        kept = schema.judgements.c
        wanted: list[ColumnElement[bool]] = [or_(kept.a == name, kept.b == name) for name in (a, b) if name]
        rows = select(kept.record).where(*wanted).order_by(kept.recorded, kept.id)
        return tuple(Judgement(**record_of(text)) for (text,) in self._rows(rows))

    def keep_result(self, id: str, document: Mapping[str, Any]) -> None:
        """Keep a result document under its id."""
        row = {"id": id, "document": canonical_json(document).decode()}
        with writing(self._case) as connection:
            if _insert_new(connection, schema.results, [row]):
                note(connection, "result", id)

    def results(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The kept result documents with their ids, newest first."""
        kept = schema.results.c
        rows = self._rows(select(kept.id, kept.document).order_by(kept.seq.desc()))
        return ((id, json.loads(document)) for id, document in rows)

    def rule(self, ruling: Ruling) -> None:
        """Keep a decision of a named person."""
        record = ruling.as_record()
        row = {name: record[name] for name in ("id", "kind", "about")}
        row |= {"recorded": instant(ruling.recorded), "record": canonical_text(record)}
        with writing(self._case) as connection:
            if _insert_new(connection, schema.rulings, [row]):
                note(connection, "ruling", ruling.id)

    def rulings(self) -> Sequence[Ruling]:
        """The rulings in the order in which they were kept."""
        rows = self._rows(select(schema.rulings.c.record).order_by(schema.rulings.c.seq))
        return tuple(ruling_from(record_of(text)) for (text,) in rows)

    def disclose(self, disclosure: Disclosure, document: Mapping[str, Any]) -> None:
        """Keep the result that is told, and to whom, in one transaction."""
        record = disclosure.as_record()
        row = {name: record[name] for name in ("id", "partner", "assessment")}
        row |= {"recorded": instant(disclosure.recorded), "record": canonical_text(record)}
        result = {"id": disclosure.assessment, "document": canonical_json(document).decode()}
        with writing(self._case) as connection:
            if _insert_new(connection, schema.results, [result]):
                note(connection, "result", disclosure.assessment)
            if _insert_new(connection, schema.disclosures, [row]):
                note(connection, "disclosure", disclosure.id)

    def disclosures(self, partner: str = "") -> Sequence[Disclosure]:
        """What was told, to this partner or to anybody, in the order in which it was told."""
        rows = select(schema.disclosures.c.record).order_by(schema.disclosures.c.seq)
        if partner:
            rows = rows.where(schema.disclosures.c.partner == partner)
        return tuple(disclosure_from_record(record_of(text)) for (text,) in self._rows(rows))

    def secret(self) -> bytes:
        """The secret of this case, made at the first call."""
        wanted = select(schema.secrets.c.bytes).where(schema.secrets.c.id == PSEUDONYMS)
        for (found,) in self._rows(wanted):
            return bytes(found)
        with writing(self._case) as connection:
            if _insert_new(connection, schema.secrets, [{"id": PSEUDONYMS, "bytes": new_secret()}]):
                note(connection, "secret", PSEUDONYMS)
            return bytes(connection.execute(wanted).scalar_one())

    def publish(self, partner: str, entries: Sequence[LogEntry]) -> None:
        """Add entries to what this partner may fetch, in one transaction."""
        kept = schema.releases.c
        with writing(self._case) as connection:
            length = connection.scalar(select(func.count()).where(kept.partner == partner)) or 0
            check_place(partner, length, entries)
            if entries:
                act = release_act(partner, entries)
                connection.execute(insert(schema.releases), list(log_rows(act, entries)))
                note(connection, "release", act)

    def release_log(self, partner: str, after: int = 0) -> Iterator[LogEntry]:
        """What was added for this partner beyond this place, in order."""
        kept = schema.releases.c
        rows = select(schema.releases).where(kept.partner == partner, kept.seq > after).order_by(kept.seq)
        return (log_entry(row._mapping) for row in self._rows(rows))

    def keep_key(self, key: ApiKey) -> None:
        """Keep this state of a key of a partner."""
        with writing(self._case) as connection:
            self._keep_state(connection, "key", schema.keys, _state_row(key.row_id, key.id, asdict(key)))

    def api_keys(self) -> Sequence[ApiKey]:
        """The keys as they now are, in the order of their ids."""
        return tuple(ApiKey(**record) for record in self._states(schema.keys))

    def _keep_state(self, connection: Connection, act: str, table: Table, row: dict[str, Any]) -> None:
        if _insert_new(connection, table, [row]):
            note(connection, act, row["id"])

    def _states(self, table: Table) -> list[dict[str, Any]]:
        """The newest record of each name, in the order of the names."""
        rows = self._rows(select(table.c.name, table.c.record).order_by(table.c.seq))
        newest = {name: record_of(text) for name, text in rows}
        return [newest[name] for name in sorted(newest)]

    def audit(self) -> Iterator[AuditEntry]:
        """The entries of the audit chain, newest first."""
        return (AuditEntry(*row) for row in self._rows(select(schema.audit).order_by(schema.audit.c.seq.desc())))

    def verify(self) -> tuple[Fault, ...]:
        """What does not hold of the audit chain, the rows, the raw bytes or the database; empty when all holds."""
        with telling(self._case.where), self._case.engine.connect() as connection:
            return tuple(faults_in(connection, self._case.raws))

    def close(self) -> None:
        """Let go of files and connections."""
        self._case.engine.dispose()

    def _rows(self, query: Select[Any]) -> Iterator[Any]:
        """The rows of a query, fetched as they are asked for."""
        with telling(self._case.where), self._case.engine.connect() as connection:
            for rows in connection.execution_options(yield_per=_AT_ONCE).execute(query).partitions():
                yield from rows


def _known_file(connection: Connection, sha256: str) -> bool:
    found = select(func.count()).select_from(schema.imports).where(schema.imports.c.sha256 == sha256)
    return bool(connection.scalar(found))


def _import_row(reading: Reading, sha256: str, recorded: str, observations: int) -> dict[str, Any]:
    return {
        "sha256": sha256,
        "file": reading.file,
        "format": reading.format,
        "recorded": recorded,
        "observations": observations,
        "refused": len(reading.refusals),
        "refusals": msgspec.json.encode(reading.refusals).decode(),
    }


def _observation_rows(held: Mapping[str, Observation], import_id: int, recorded: str) -> Iterator[dict[str, Any]]:
    """The rows of these observations in the order of their ids, in which they are fastest to insert."""
    for id in sorted(held):
        seen = held[id]
        yield {
            "id": id,
            "import_id": import_id,
            "recorded": recorded,
            "published": seen.published,
            "subject": seen.subject.key,
            "kind": seen.trait.kind,
            "value": seen.trait.value,
            "printed": bool(seen.printed),
            "record": canonical_text(seen.as_record()),
        }


def _code_rows(reading: Reading, import_id: int, recorded: str) -> Iterator[dict[str, Any]]:
    """A row of what its code is made of for each sample in the file."""
    for code in reading.codes:
        yield {
            "id": code.id,
            "import_id": import_id,
            "recorded": recorded,
            "publisher": code.subject.publisher,
            "subject": code.subject.name,
            "subject_type": code.subject.type,
            "sha256": code.profile.sample,
            "bytes": code.profile.bytes,
        }


def _profile(raw: bytes, where: str) -> CodeProfile:
    try:
        return profile_from(raw)
    except (ValueError, LookupError) as fault:
        raise CaseError(f"a code profile cannot be read: {fault}", where, "read the sample again") from fault


def _insert_new(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> int:
    """How many of these rows were new; those whose id the table has are left as they are."""
    maker = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = maker(table).on_conflict_do_nothing(index_elements=["id"])
    waiting, new = iter(rows), 0
    while batch := list(islice(waiting, _AT_ONCE)):
        # Straight to the driver, because every value is one already: the general way costs as much again as inserting.
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(batch[0]))
        new += connection.exec_driver_sql(str(compiled), batch).rowcount
    return new


def _state_row(id: str, name: str, record: Mapping[str, Any]) -> dict[str, str]:
    """The row of one state of a key."""
    return {"id": id, "name": name, "record": canonical_text(record)}
