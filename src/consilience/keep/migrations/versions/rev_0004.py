"""What the code of samples is made of."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nothing; the database has the table, and the triggers that refuse changes to it."""
    op.create_table(
        "code",
        sa.Column("seq", sa.Integer, primary_key=True),
        _text("id", unique=True),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("import.id"), nullable=False),
        *map(_text, ("recorded", "publisher", "subject", "subject_type", "sha256")),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.create_index("code_import", "code", ["import_id"])
    if op.get_bind().dialect.name == "sqlite":
        _refuse_in_sqlite("code")
    else:
        op.execute(
            'CREATE TRIGGER code_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON "code" '
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
