"""From a dossier to evidence: whole millidecibans, stable ids, sums that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consilience.model.digest import digest
from consilience.model.evidence import Evidence
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence
from consilience.vocab.tables import Vector
from consilience.weigh.comparisons import items
from consilience.weigh.comparisons.agreement import Terms, vector
from consilience.weigh.dependence import shares
from consilience.weigh.dossier import dossier_of
from consilience.weigh.item import POSITIVE, Item
from consilience.weigh.rarity import Counts


@dataclass(frozen=True, slots=True)
class Weighing:
    """All evidence of a pair, and its totals with and without the cheap traits (vectors of millidecibans)."""

    evidence: tuple[Evidence, ...]
    totals: Vector
    without_cheap: Vector
    items: tuple[Item, ...]

    def with_forged(self, kinds: Sequence[str], vocabulary: Vocabulary) -> Weighing:
        """The weighing had an imitator planted one more rare, fresh, shared value of each of these kinds."""
        planted = tuple(forged(name, place, vocabulary) for place, name in enumerate(kinds))
        return _weighing((*self.items, *planted), vocabulary)

    def were_private(self, item: Item, vocabulary: Vocabulary) -> Vector:
        """What one published item would weigh alone, had its value never been in print."""
        kind = vocabulary.kinds[item.kind]
        share = item.rarity.share if item.rarity else kind.usual_share
        return _whole(
            vector(kind, kind.rates, Terms(share=share, floor=kind.floor, supply_floor=kind.floor), vocabulary)
        )


def weigh(snapshot: Snapshot, a: Subject, b: Subject, counts: Counts, vocabulary: Vocabulary) -> Weighing:
    """The evidence of a pair, strongest first; the same for both orders of its subjects."""
    dossier = dossier_of(snapshot, a, b, counts, vocabulary)
    return _weighing(items(dossier), vocabulary)


def forged(name: str, place: int, vocabulary: Vocabulary) -> Item:
    """A planted agreement in one kind: as rare and as fresh as a real one could be."""
    kind = vocabulary.kinds[name]
    terms = Terms(share=kind.usual_share * 0.25, floor=kind.floor, supply_floor=kind.floor)
    return Item(
        kind=name,
        values=(f"forged {place}",),
        form="forged",
        sign=POSITIVE,
        group=kind.group,
        forging=kind.forging,
        vector=vector(kind, kind.rates, terms, vocabulary),
        seen=(),
        origin=f"imitator {place}",
        why=sentence("evidence.planted"),
        because=kind.because,
    )


def _weighing(found: tuple[Item, ...], vocabulary: Vocabulary) -> Weighing:
    counted = [_whole(row) for row in shares(found, vocabulary)]
    dear = [place for place, item in enumerate(found) if item.forging != "cheap"]
    left = [_whole(row) for row in shares([found[place] for place in dear], vocabulary)]
    evidence = [
        _evidence(item, row, vocabulary) for item, row in zip(found, counted, strict=True) if item.form != "forged"
    ]
    evidence.sort(key=lambda item: (-_strength(item), item.kind, item.values, item.id))
    return Weighing(tuple(evidence), _sum(counted, vocabulary), _sum(left, vocabulary), found)


def _whole(row: Sequence[float]) -> Vector:
    return tuple(round(value * 1000) for value in row)


def _sum(rows: Sequence[Vector], vocabulary: Vocabulary) -> Vector:
    return tuple(map(sum, zip(vocabulary.zero, *rows, strict=True)))


def _strength(item: Evidence) -> int:
    return max((abs(value) for row in item.counted.values() for value in row.values()), default=0)


def _evidence(item: Item, counted: Vector, vocabulary: Vocabulary) -> Evidence:
    observations = tuple(sorted({seen.id for seen in item.seen}))
    return Evidence(
        id="ev-" + digest([*item.key, item.group, sorted(observations)])[:16],
        kind=item.kind,
        values=item.values,
        form=item.form,
        group=item.group,
        forging=item.forging,
        grade=item.grade,
        origins=tuple(sorted(set(item.origin.split(" + ")))),
        weights=vocabulary.spread(_whole(item.vector)),
        counted=vocabulary.spread(counted),
        observations=observations,
        why=item.why,
        because=item.because,
        rarity=item.rarity,
        public=item.public,
        conflict=item.conflict,
        notes=item.notes,
        doubts=item.doubts,
    )
