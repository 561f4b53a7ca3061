"""Plain ways to say how alike two reports are, and the product's own operator axis, each one number per pair."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
from attack_reports import Release

from consilience.attribute.activity import Activity
from consilience.attribute.pairs.reports import SOFTWARE, TECHNIQUE, values_of
from consilience.calibrate.pairs import SharingPairs, folds_of
from consilience.case import counted
from consilience.model.relation import Relation
from consilience.model.snapshot import snapshot_of
from consilience.model.subject import Subject
from consilience.relate import relate
from consilience.vocab import vocabulary

BINS = ((3, "in at most 3 reports"), (10, "in 4 to 10"), (10**9, "in more than 10"))


class Overlap:
    """What two reports have in common, weighed by how few reports have it; the pair itself is counted, as usual."""

    def __init__(self, activities: tuple[Activity, ...], pairs: SharingPairs) -> None:
        self.values = {each: values_of(each) for each in activities}
        self.count = Counter(value for values in self.values.values() for value in values)
        self.size = len(self.values)
        self.pairs = pairs

    def surprise(self, value: tuple[str, str]) -> float:
        return math.log((self.size + 1) / self.count[value])

    def each(self, measure) -> np.ndarray:
        sides = zip(self.pairs.left, self.pairs.right, strict=True)
        return np.array([measure(self.values[a], self.values[b]) for a, b in sides])

    def tfidf(self) -> np.ndarray:
        return self.each(self.cosine)

    def techniques(self) -> np.ndarray:
        def only(values):
            return {value for value in values if value[0] == TECHNIQUE}

        return self.each(lambda a, b: self.cosine(only(a), only(b)))

    def cosine(self, a, b) -> float:
        size = math.prod(sum(self.surprise(value) ** 2 for value in side) for side in (a, b))
        return sum(self.surprise(value) ** 2 for value in a & b) / math.sqrt(size) if size else 0.0

    def jaccard(self) -> np.ndarray:
        return self.each(lambda a, b: len(a & b) / len(a | b))

    def software(self) -> np.ndarray:
        return self.each(lambda a, b: sum(self.surprise(value) for value in a & b if value[0] == SOFTWARE))

    def plain_ratios(self) -> np.ndarray:
        """The sum of the log-likelihood ratios of everything shared, by kind and number of reports, held out."""
        names = [(kind, place) for kind in (SOFTWARE, TECHNIQUE) for place in range(len(BINS))]
        counts = np.array([self._shared(a, b, names) for a, b in zip(self.pairs.left, self.pairs.right, strict=True)])
        fold = folds_of([each.subject for side in (self.pairs.left, self.pairs.right) for each in side])
        sides = [np.array([fold[each.subject] for each in side]) for side in (self.pairs.left, self.pairs.right)]
        out = np.zeros(len(counts))
        for low, high in sorted({tuple(sorted(pair)) for pair in zip(*map(np.ndarray.tolist, sides), strict=True)}):
            seen = ~np.isin(sides[0], (low, high)) & ~np.isin(sides[1], (low, high))
            asked = (np.minimum(*sides) == low) & (np.maximum(*sides) == high)
            rates = [counts[seen & (self.pairs.same == same)].mean(axis=0) + 1e-3 for same in (True, False)]
            out[asked] = counts[asked] @ np.log(rates[0] / rates[1])
        return out

    def _shared(self, a, b, names) -> list[int]:
        found = Counter((value[0], bin_of(self.count[value])) for value in self.values[a] & self.values[b])
        return [found[name] for name in names]


def bin_of(count: int) -> int:
    return next(place for place, (most, _) in enumerate(BINS) if count <= most)


class OperatorAxis:
    """What the product's rules say of two reports, every report a cluster of its own.

    `by_group` counts who shows a value by groups, the pair's own left out as namesakes, as in a case where clusters
    are gathered; otherwise every other report counts as a cluster.
    """

    def __init__(self, data: Release, pairs: SharingPairs, by_group: bool) -> None:
        wanted = {(each.subject, each.origin): each for each in data.activities}
        self.subjects = {
            each: Subject("Reports", f"{each.subject.replace('/', ' ')}, {each.origin}") for each in wanted.values()
        }
        rows = [seen for seen in data.observations if seen.trait.kind in ("attack-pattern", "malware", "tool")]
        self.snapshot = snapshot_of(
            replace(seen, subject=self.subjects[wanted[seen.subject.key, seen.source.key]], id="") for seen in rows
        )
        if by_group:
            gathered = counted(snapshot_of(rows))
            own = {unit.key: gathered.names[each.subject] for each, unit in self.subjects.items()}
            self.counts = replace(gathered, names={**gathered.names, **own})
        else:
            self.counts = counted(self.snapshot)
        self.pairs = pairs

    def relation(self, place: int) -> Relation:
        a, b = (self.subjects[side[place]] for side in (self.pairs.left, self.pairs.right))
        return relate(self.snapshot, a, b, self.counts, vocabulary())

    def same(self) -> tuple[np.ndarray, np.ndarray]:
        """For every pair: decibans for *same* over *separate*, and the probability of *same*."""
        views = [self.relation(place).axes["operator"] for place in range(len(self.pairs.same))]
        totals = [(view.totals["same"] - view.totals["separate"]) / 1000 for view in views]
        return np.array(totals), np.array([view.probabilities["same"] for view in views])
