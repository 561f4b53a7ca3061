"""How long it takes until a retraction has named everybody who was told, and every assessment that rests on it.

`python benchmarks/retraction.py 2000` reads so many statements into a case on disk, shares documents and parcels with
twenty partners, and takes one statement back. Beside it stands what reading the same case once takes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from consilience.case import Case
from consilience.model.observation import Observation
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

PARTNERS = 20
SUBJECTS = 40


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gives, and the seconds it took by the clock."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def statement(place: int) -> Observation:
    name = f"Cluster {place % SUBJECTS}"
    trait = Trait("domain-name", f"host{place // 2}.example")
    source = Source(publisher="Vendor", title=f"Report {place % 97}")
    return Observation(subject=Subject("Vendor", name), trait=trait, source=source, tlp="green", published="2024-01")


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    rows = tuple(statement(place) for place in range(many))
    with tempfile.TemporaryDirectory() as folder, Case.open(folder) as case:
        case.keeper.add(Reading(file="f", format="jsonl", raw=b"", observations=rows), "2024-01-01")
        for place in range(PARTNERS):
            case.rulings.add_partner(f"Partner {place}", ["forum"])
            case.share_all(f"Partner {place}", "jsonl")
            case.share(f"Cluster {place}", f"Cluster {place + 1}", f"Partner {place}", "json")
        _, loaded = timed(lambda: list(case.keeper.observations()))
        done, taken = timed(lambda: case.rulings.retract(rows[0].id, "a sinkhole", "Ann").as_record())
        stale = [entry for entry in case.rulings.ledger() if entry["stale"]]
    print(
        f"{many:,} statements, {2 * PARTNERS} documents: retraction names {len(done['told'])} partners and "
        f"{len(done['stale'])} stale assessments ({len(stale)} entries of the ledger) in {taken:.2f} s, "
        f"{taken / loaded:.1f} x reading the case once"
    )


if __name__ == "__main__":
    main()
