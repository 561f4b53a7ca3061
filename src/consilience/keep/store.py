"""A case in a database: SQLite in a folder, or PostgreSQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from consilience.keep import schema
from consilience.keep.auditing import faults_in, note
from consilience.keep.chain import content_digest
from consilience.keep.channels import check_place, release_act
from consilience.keep.opening import explained, opened, writing
from consilience.keep.records import StoredRow, canonical_text, judgement_record, observation_from_text
from consilience.keep.secret import PSEUDONYMS, new_secret
from consilience.keep.timestamps import end, instant
from consilience.model.audit import AuditEntry, Fault
from consilience.model.channel import ApiKey, LogEntry
from consilience.model.code import CodeProfile, SampleCode, profile_from
from consilience.model.digest import canonical_json
from consilience.model.errors import CaseError, Refusal, UnknownId
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure
from consilience.model.reading import ImportRow, Reading, Receipt
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
            self._case.blobs.keep(connection, sha256, reading.raw)
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

    def imports(self) -> Sequence[ImportRow]:
        """What was read, oldest first."""
        kept = schema.imports.c
        rows = select(kept.id, kept.file, kept.format, kept.sha256, kept.recorded, kept.observations, kept.refused)
        return tuple(
            ImportRow(
                id=str(row.id),
                file=row.file,
                format=row.format,
                sha256=row.sha256,
                recorded=row.recorded,
                observations=row.observations,
                refused=row.refused,
            )
            for row in self._rows(rows.order_by(kept.id))
        )

    def refusals(self, sha256: str) -> tuple[Refusal, ...]:
        """What was refused of the file with this digest, at each reading that was kept."""
        kept = schema.imports.c
        rows = self._rows(select(kept.refusals).where(kept.sha256 == sha256).order_by(kept.id))
        return tuple(refusal for (text,) in rows for refusal in msgspec.json.decode(text, type=list[Refusal]))

    def raw(self, sha256: str) -> bytes:
        """The raw bytes kept under this digest."""
        with explained(self._case.where), self._case.engine.connect() as connection:
            if not _known_file(connection, sha256):
                raise UnknownId(f"no file was read with the digest {sha256!r}", self._case.where, "read the file first")
            raw = self._case.blobs.get(connection, sha256)
        if raw is None or hashlib.sha256(raw).hexdigest() != sha256:
            state = "missing" if raw is None else "damaged"
            raise CaseError(f"the raw bytes of {sha256} are {state}", self._case.where, "read the original file again")
        return raw

    def digest(self) -> str:
        """A digest of the set of observations and judgements."""
        seen, judged = schema.observations.c.id, schema.judgements.c.id
        with explained(self._case.where), self._case.engine.connect() as connection:
            return content_digest(
                connection.scalars(select(seen).order_by(seen)), connection.scalars(select(judged).order_by(judged))
            )

    def judge(self, judgement: Judgement) -> None:
        """Keep a named analyst's judgement on a pair."""
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
        return tuple(msgspec.json.decode(text, type=Judgement) for (text,) in self._rows(rows))

    def keep_result(self, id: str, document: Mapping[str, object]) -> None:
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
        row = {
            "id": ruling.id,
            "kind": ruling.kind,
            "about": ruling.about,
            "recorded": instant(ruling.recorded),
            "record": canonical_text(ruling.as_record()),
        }
        with writing(self._case) as connection:
            if _insert_new(connection, schema.rulings, [row]):
                note(connection, "ruling", ruling.id)

    def rulings(self) -> Sequence[Ruling]:
        """The rulings in the order in which they were kept."""
        rows = self._rows(select(schema.rulings.c.record).order_by(schema.rulings.c.seq))
        return tuple(ruling_from(msgspec.json.decode(text)) for (text,) in rows)

    def disclose(self, disclosure: Disclosure, document: Mapping[str, object]) -> None:
        """Keep the result that is sent, and to whom, in one transaction."""
        row = {
            "id": disclosure.id,
            "partner": disclosure.partner,
            "assessment": disclosure.assessment,
            "recorded": instant(disclosure.recorded),
            "record": canonical_text(disclosure.as_record()),
        }
        result = {"id": disclosure.assessment, "document": canonical_json(document).decode()}
        with writing(self._case) as connection:
            if _insert_new(connection, schema.results, [result]):
                note(connection, "result", disclosure.assessment)
            if _insert_new(connection, schema.disclosures, [row]):
                note(connection, "disclosure", disclosure.id)

    def disclosures(self, partner: str = "") -> Sequence[Disclosure]:
        """What was sent, to this partner or to anybody, in the order in which it was sent."""
        rows = select(schema.disclosures.c.record).order_by(schema.disclosures.c.seq)
        if partner:
            rows = rows.where(schema.disclosures.c.partner == partner)
        return tuple(msgspec.json.decode(text, type=Disclosure) for (text,) in self._rows(rows))

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
                connection.execute(insert(schema.releases), [{"id": act, **asdict(entry)} for entry in entries])
                note(connection, "release", act)

    def release_log(self, partner: str, after: int = 0) -> Iterator[LogEntry]:
        """What was added for this partner beyond this place, in order."""
        kept = schema.releases.c
        rows = (
            select(*(kept[each.name] for each in fields(LogEntry)))
            .where(kept.partner == partner, kept.seq > after)
            .order_by(kept.seq)
        )
        return (LogEntry(**row._asdict()) for row in self._rows(rows))

    def keep_key(self, key: ApiKey) -> None:
        """Keep this state of a key of a partner."""
        with writing(self._case) as connection:
            row: StoredRow = {"id": key.row_id, "name": key.id, "record": canonical_text(asdict(key))}
            if _insert_new(connection, schema.keys, [row]):
                note(connection, "key", key.row_id)

    def api_keys(self) -> Sequence[ApiKey]:
        """The keys as they now are, in the order of their ids."""
        table = schema.keys.c
        rows = self._rows(select(table.name, table.record).order_by(table.seq))
        newest = {name: msgspec.json.decode(text, type=ApiKey) for name, text in rows}
        return tuple(newest[name] for name in sorted(newest))

    def audit(self) -> Iterator[AuditEntry]:
        """The entries of the audit chain, newest first."""
        return (AuditEntry(*row) for row in self._rows(select(schema.audit).order_by(schema.audit.c.seq.desc())))

    def verify(self) -> tuple[Fault, ...]:
        """What does not hold of the audit chain, the rows, the raw bytes or the database; empty when all holds."""
        with explained(self._case.where), self._case.engine.connect() as connection:
            return tuple(faults_in(connection, self._case.blobs))

    def close(self) -> None:
        """Let go of files and connections."""
        self._case.engine.dispose()

    def _rows(self, query: Select[Any]) -> Iterator[Any]:
        """The rows of a query, fetched as they are asked for."""
        with explained(self._case.where), self._case.engine.connect() as connection:
            for rows in connection.execution_options(yield_per=_AT_ONCE).execute(query).partitions():
                yield from rows


def _known_file(connection: Connection, sha256: str) -> bool:
    found = select(func.count()).select_from(schema.imports).where(schema.imports.c.sha256 == sha256)
    return bool(connection.scalar(found))


def _import_row(reading: Reading, sha256: str, recorded: str, observations: int) -> StoredRow:
    return {
        "sha256": sha256,
        "file": reading.file,
        "format": reading.format,
        "recorded": recorded,
        "observations": observations,
        "refused": len(reading.refusals),
        "refusals": msgspec.json.encode(reading.refusals).decode(),
    }


def _observation_rows(held: Mapping[str, Observation], import_id: int, recorded: str) -> Iterator[StoredRow]:
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


def _code_rows(reading: Reading, import_id: int, recorded: str) -> Iterator[StoredRow]:
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


def _insert_new(connection: Connection, table: Table, rows: Iterable[StoredRow]) -> int:
    """How many of these rows were new; those whose id the table has are left as they are."""
    maker = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = maker(table).on_conflict_do_nothing(index_elements=["id"])
    waiting, new = iter(rows), 0
    while batch := list(islice(waiting, _AT_ONCE)):
        # Straight to the driver, because every value is one already: the general way costs as much again as inserting.
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(batch[0]))
        new += connection.exec_driver_sql(str(compiled), batch).rowcount
    return new
