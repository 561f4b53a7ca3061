"""The workbench of an assessment: the same pair weighed again without some observations, or with forged traits."""

from __future__ import annotations

from dataclasses import dataclass

from consilience.model.relation import AxisView
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.model.subject import Subject
from consilience.relate import views
from consilience.vocab import Vocabulary
from consilience.weigh import Counts, Weighing, relevant_to, weigh


@dataclass(frozen=True, slots=True)
class Bench:
    """A pair and what bears on it; the counts of others stay those of the whole case."""

    snapshot: Snapshot
    a: Subject
    b: Subject
    counts: Counts
    vocabulary: Vocabulary

    def weighed(self, without: frozenset[str] = frozenset()) -> Weighing:
        """The weighing of the pair without these observations."""
        left = self.snapshot.without(without) if without else self.snapshot
        return weigh(left, self.a, self.b, self.counts, self.vocabulary)

    def views(self, weighing: Weighing) -> dict[str, AxisView]:
        """The axes of a weighing."""
        return views(weighing.totals, weighing.without_cheap, weighing.evidence, self.vocabulary)


def bench_for(snapshot: Snapshot, a: Subject, b: Subject, counts: Counts, vocabulary: Vocabulary) -> Bench:
    """The workbench of a pair, holding only the observations that bear on it."""
    return Bench(snapshot_of(relevant_to(snapshot, a, b), snapshot.as_of), a, b, counts, vocabulary)
