"""Golden cases run through the engine: one outcome for each expectation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from consilience.case import relation_in
from consilience.model.errors import ConsilienceError
from consilience.model.relation import Relation
from consilience.model.snapshot import snapshot_of
from consilience.read import GoldenCase, golden_case
from consilience.vocab import Vocabulary


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation beside what the engine says: `what` is an axis, `level` or `tracking`."""

    case: str
    as_of: str
    what: str
    wanted: str
    found: str
    met: bool
    relation: Relation


def read_cases(folder: Path) -> list[GoldenCase]:
    """The golden cases of a folder, in the order of their names.

    Raises:
        ConsilienceError: naming every fault of every case at once.
    """
    cases = [golden_case(path.read_bytes(), path.name) for path in sorted(folder.glob("*.yml"))]
    faults = [str(fault) for case in cases for fault in case.faults]
    if faults:
        raise ConsilienceError("\n".join(faults), str(folder), "mend the cases")
    return cases


def outcomes(case: GoldenCase, rules: Vocabulary | None = None) -> Iterator[Outcome]:
    """The outcome of every expectation of a case, at each of its dates, under the shipped vocabulary or another."""
    for expected in case.expectations:
        snapshot = snapshot_of(case.observations, expected.as_of)
        relation, tracking = relation_in(snapshot, *case.pair, rules)
        found = {axis: view.position for axis, view in relation.axes.items()}
        wanted = dict(expected.axes)
        for name, want, have in (
            *((axis, wanted[axis], found[axis]) for axis in wanted),
            ("level", expected.level, relation.level),
            ("tracking", expected.tracking, tracking),
        ):
            if want is not None:
                yield Outcome(case.id, expected.as_of, name, str(want), have, want.holds(have), relation)
