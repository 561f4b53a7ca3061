"""The log of what partners may fetch, and the keys they fetch it with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("release", "api_key")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nothing; the database has the tables, and the triggers that refuse changes to them."""
    op.create_table(
        "release",
        _text("partner", primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *map(_text, ("id", "object", "version", "added", "sha256", "text")),
        sa.Column("gone", sa.Boolean, nullable=False),
    )
    op.create_index("release_id", "release", ["id"])
    op.create_index("release_object", "release", ["partner", "object"])
    for table in APPEND_ONLY[1:]:
        op.create_table(
            table,
            sa.Column("seq", sa.Integer, primary_key=True),
            _text("id", unique=True),
            *map(_text, ("name", "record")),
        )
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
