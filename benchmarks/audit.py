"""How long it takes to verify a long audit chain, in memory and with all it tells of in a case on disk.

`python benchmarks/audit.py 100000` makes a chain of so many entries (the default). Beside both stands a plain
baseline of the same run: one SHA-256 of canonical JSON for each entry.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert

from consilience.keep import schema
from consilience.keep.auditing import _content
from consilience.keep.chain import BEGINNING, broken, entry_after
from consilience.keep.opening import writing
from consilience.keep.store import SqlKeeper
from consilience.model.audit import AuditEntry
from consilience.model.digest import digest

MANY = 100_000


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gives, and the seconds of CPU it took."""
    began = time.process_time()
    return work(), time.process_time() - began


def chain_of(many: int) -> list[AuditEntry]:
    entries = [BEGINNING]
    for place in range(many):
        entries.append(entry_after(entries[-1], "result", f"as-{place}", f"{place:064x}"))
    return entries[1:]


def filled(keeper: SqlKeeper, many: int) -> None:
    """A case with so many results and their entries, written at once."""
    with writing(keeper._case) as connection:
        rows = [{"id": f"as-{place}", "document": f'{{"id":"as-{place}"}}'} for place in range(many)]
        connection.execute(insert(schema.results), rows)
        entries = [BEGINNING]
        for row in rows:
            entries.append(entry_after(entries[-1], "result", row["id"], _content(connection, "result", row["id"])))
        connection.execute(insert(schema.audit), [asdict(entry) for entry in entries[1:]])


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    entries = chain_of(many)
    _, plain = timed(lambda: [digest([each.seq, each.act, each.of, each.content, each.previous]) for each in entries])
    found, alone = timed(lambda: list(broken(entries)))
    assert not found
    print(f"the chain alone, {many:,} entries: {alone:.2f} s of CPU, {alone / plain:.1f} x hashing them")
    with tempfile.TemporaryDirectory() as folder:
        keeper = SqlKeeper(folder)
        filled(keeper, many)
        faults, whole = timed(keeper.verify)
        assert not faults
        print(f"a case on disk with {many:,} results: {whole:.2f} s of CPU, {whole / plain:.1f} x hashing them")
        keeper.close()


if __name__ == "__main__":
    main()
