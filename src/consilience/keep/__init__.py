"""The case: what was read, what was judged and what was concluded, append-only.

`store` a case in SQLite or PostgreSQL · `memory` the same in memory · `schema` its tables, `migrations` how they came
about, `opening` making, upgrading and refusing a database · `blobs` the bytes that were read · `chain` the audit chain
over every write · `records` values as stored text · `timestamps` when something was recorded · `secret` what makes the
pseudonyms of sources · `channels` the release log and keys.

Opening a case loads the database libraries; importing this room does not, so that a program which opens no case
starts at once.
"""

from __future__ import annotations

from consilience.keep.chain import cut_off
from consilience.keep.memory import MemoryKeeper
from consilience.model.protocols import Keeper

__all__ = ["MemoryKeeper", "cut_off", "open_case"]


def open_case(location: str) -> Keeper:
    """The case in this folder, made if absent, or in the database at this `postgresql+psycopg://` address.

    Raises:
        CaseError: the place cannot be used, the case was made by a newer version, or it is damaged.
    """
    from consilience.keep.store import SqlKeeper

    return SqlKeeper(location)
