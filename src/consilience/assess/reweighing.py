"""What an assessment needs: the same pair weighed again without some observations, or with forged traits."""

from __future__ import annotations

from dataclasses import dataclass

from consilience.model.relation import AxisView
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.model.subject import Subject
from consilience.relate import views
from consilience.vocab import Vocabulary
from consilience.weigh import Counts, Weighing, dossier_of, relevant_to, voice, weigh


@dataclass(frozen=True, slots=True)
class Reweighing:
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

    def stated_by(self) -> dict[str, frozenset[str]]:
        """The ids of what each origin states: in the document itself, and in those that repeat it, declared or not."""
        origins = dossier_of(self.snapshot, self.a, self.b, self.counts, self.vocabulary).origins.of
        found: dict[str, set[str]] = {}
        for seen in self.snapshot.observations:
            source = seen.source
            for name in {source.key, source.derived_from, origins.get(voice(source), "")} - {""}:
                found.setdefault(name, set()).add(seen.id)
        return {name: frozenset(ids) for name, ids in found.items()}

    def views(self, weighing: Weighing) -> dict[str, AxisView]:
        """The axes of a weighing."""
        return views(weighing.totals, weighing.without_cheap, weighing.evidence, self.vocabulary)


def reweighing_of(snapshot: Snapshot, a: Subject, b: Subject, counts: Counts, vocabulary: Vocabulary) -> Reweighing:
    """The pair ready to be weighed again, holding only the observations that bear on it."""
    return Reweighing(snapshot_of(relevant_to(snapshot, a, b), snapshot.as_of), a, b, counts, vocabulary)
