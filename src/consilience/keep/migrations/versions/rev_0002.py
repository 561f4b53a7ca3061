"""Rulings on who may be told what, the ledger of what was told, and the secret that pseudonyms are made with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("ruling", "disclosure", "secret")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nothing; the database has the tables, and the triggers that refuse changes to them."""
    op.create_table(
        "ruling",
        sa.Column("seq", sa.Integer, primary_key=True),
        _text("id", unique=True),
        *map(_text, ("kind", "about", "recorded", "record")),
    )
    op.create_table(
        "disclosure",
        sa.Column("seq", sa.Integer, primary_key=True),
        _text("id", unique=True),
        *map(_text, ("partner", "assessment", "recorded", "record")),
    )
    op.create_index("disclosure_partner", "disclosure", ["partner"])
    op.create_table("secret", _text("id", primary_key=True), sa.Column("bytes", sa.LargeBinary, nullable=False))
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            _refuse_in_sqlite(table)
        else:
            op.execute(
                f'CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def _text(name: str, *rest: Any, **options: Any) -> sa.Column[str]:
    return sa.Column(name, TEXT, *rest, nullable=False, **options)


def _refuse_in_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f'CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END"
        )
