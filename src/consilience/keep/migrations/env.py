"""What Alembic runs to upgrade a case: the revisions, inside the transaction that the opener has begun."""

from __future__ import annotations

from alembic import context


def upgrade() -> None:
    """Bring a case to the newest tables, in the transaction of the caller."""
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


# Alembic gives the module `context` its attributes while it runs this file; at any other import they are not there.
if hasattr(context, "config"):
    upgrade()
