"""The tables of the first release.

The revisions before it were of development versions. A case of the last of these, 0004, has the same tables; those of
earlier ones are refused.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = None

SEQ = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables, their indexes, and triggers that refuse every change of a row."""
    for table, columns, indexes in (*_what_was_read(), *_what_was_concluded(), *_what_was_ruled(), *_what_went_out()):
        op.create_table(table, *columns)
        for name, indexed in indexes.items():
            op.create_index(name, table, indexed)
        _refuse_changes(table)


_Made = tuple[str, list[sa.Column[Any]], dict[str, list[str]]]
"""A table: its name, its columns, and the columns of its indexes by name."""


def _what_was_read() -> list[_Made]:
    return [
        (
            "import",
            [
                sa.Column("id", sa.Integer, primary_key=True),
                *_texts("sha256", "file", "format", "recorded"),
                sa.Column("observations", sa.Integer, nullable=False),
                sa.Column("refused", sa.Integer, nullable=False),
                _text("refusals"),
            ],
            {"import_sha256": ["sha256"]},
        ),
        (
            "observation",
            [
                sa.Column("seq", SEQ, primary_key=True),
                _text("id", unique=True),
                _of_import(),
                *_texts("recorded", "published", "subject", "kind", "value"),
                sa.Column("printed", sa.Boolean, nullable=False),
                _text("record"),
            ],
            {
                "observation_import": ["import_id"],
                "observation_subject": ["subject"],
                "observation_trait": ["kind", "value"],
            },
        ),
        (
            "code",
            [
                _seq(),
                _text("id", unique=True),
                _of_import(),
                *_texts("recorded", "publisher", "subject", "subject_type", "sha256"),
                _bytes(),
            ],
            {"code_import": ["import_id"]},
        ),
        ("raw", [_text("sha256", primary_key=True), _bytes()], {}),
    ]


def _what_was_concluded() -> list[_Made]:
    return [
        (
            "judgement",
            [_text("id", primary_key=True), *_texts("a", "b", "recorded", "record")],
            {"judgement_a": ["a"], "judgement_b": ["b"]},
        ),
        ("result", [_seq(), _text("id", unique=True), _text("document")], {}),
        (
            "audit",
            [
                sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
                *_texts("act", "of", "content", "previous", "hash"),
            ],
            {},
        ),
    ]


def _what_was_ruled() -> list[_Made]:
    return [
        ("ruling", [_seq(), _text("id", unique=True), *_texts("kind", "about", "recorded", "record")], {}),
        (
            "disclosure",
            [_seq(), _text("id", unique=True), *_texts("partner", "assessment", "recorded", "record")],
            {"disclosure_partner": ["partner"]},
        ),
        ("secret", [_text("id", primary_key=True), _bytes()], {}),
    ]


def _what_went_out() -> list[_Made]:
    return [
        (
            "release",
            [
                _text("partner", primary_key=True),
                sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
                *_texts("id", "object", "version", "added", "sha256", "text"),
                sa.Column("gone", sa.Boolean, nullable=False),
            ],
            {"release_id": ["id"], "release_object": ["partner", "object"]},
        ),
        ("api_key", [_seq(), _text("id", unique=True), *_texts("name", "record")], {}),
    ]


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, **options)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names]


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer, primary_key=True)


def _bytes() -> sa.Column[bytes]:
    return sa.Column("bytes", sa.LargeBinary, nullable=False)


def _of_import() -> sa.Column[int]:
    return sa.Column("import_id", sa.Integer, sa.ForeignKey("import.id"), nullable=False)


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a case is append-only'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
