"""Evidence in, relation out: positions on the axes, a level; and the pairs worth a look.

`axes` probabilities and positions · `level` the ladder · `candidates` pairs that share something rare ·
`sweep` the heaviest of them.
"""

from __future__ import annotations

from consilience.model.relation import Relation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.relate.axes import log_odds, posterior, views
from consilience.relate.candidates import candidates
from consilience.relate.level import level_of
from consilience.relate.sweep import heaviest, weight_of
from consilience.vocab import Vocabulary
from consilience.weigh import Counts, Weighing, weigh


def relate(snapshot: Snapshot, a: Subject, b: Subject, counts: Counts, vocabulary: Vocabulary) -> Relation:
    """The relation of two subjects as of the date of a snapshot."""
    return relation_of(snapshot, a, b, weigh(snapshot, a, b, counts, vocabulary), vocabulary)


def relation_of(snapshot: Snapshot, a: Subject, b: Subject, weighing: Weighing, vocabulary: Vocabulary) -> Relation:
    """The relation that a weighing of two subjects amounts to."""
    axes = views(weighing.totals, weighing.without_cheap, weighing.evidence, vocabulary)
    level, carried_by, because = level_of(axes, weighing.evidence, weighing.without_cheap, vocabulary)
    return Relation(
        a=a.key,
        b=b.key,
        as_of=snapshot.as_of or snapshot.latest(),
        axes=axes,
        level=level,
        level_because=because,
        carried_by=carried_by,
        evidence=weighing.evidence,
    )


__all__ = ["candidates", "heaviest", "level_of", "log_odds", "posterior", "relate", "relation_of", "views", "weight_of"]
