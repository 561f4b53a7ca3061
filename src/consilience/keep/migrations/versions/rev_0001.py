"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = ("import", "observation", "judgement", "result", "audit", "raw")
SEQ = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nothing; the database has the tables, their indexes, and triggers that refuse changes."""
    _observation_tables()
    _other_tables()
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            _refuse_in_sqlite(table)
        else:
            _refuse_in_postgresql(table)


def _text(name: str, *rest: Any, **options: Any) -> sa.Column[str]:
    return sa.Column(name, TEXT, *rest, nullable=False, **options)


def _observation_tables() -> None:
    op.create_table(
        "import",
        sa.Column("id", sa.Integer, primary_key=True),
        *map(_text, ("sha256", "file", "format", "recorded")),
        sa.Column("observations", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        _text("refusals"),
    )
    op.create_index("import_sha256", "import", ["sha256"])
    op.create_table(
        "observation",
        sa.Column("seq", SEQ, primary_key=True),
        _text("id", unique=True),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("import.id"), nullable=False),
        *map(_text, ("recorded", "published", "subject", "kind", "value")),
        sa.Column("printed", sa.Boolean, nullable=False),
        _text("record"),
    )
    op.create_index("observation_import", "observation", ["import_id"])
    op.create_index("observation_subject", "observation", ["subject"])
    op.create_index("observation_trait", "observation", ["kind", "value"])


def _other_tables() -> None:
    op.create_table("judgement", _text("id", primary_key=True), *map(_text, ("a", "b", "recorded", "record")))
    op.create_index("judgement_a", "judgement", ["a"])
    op.create_index("judgement_b", "judgement", ["b"])
    op.create_table(
        "result", sa.Column("seq", sa.Integer, primary_key=True), _text("id", unique=True), _text("document")
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *map(_text, ("act", "of", "content", "previous", "hash")),
    )
    op.create_table("raw", _text("sha256", primary_key=True), sa.Column("bytes", sa.LargeBinary, nullable=False))


def _refuse_in_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f'CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END"
        )


def _refuse_in_postgresql(table: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a case is append-only'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
