"""Two clusters of several reports: the likeliest of their pairs of reports that share software speaks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from consilience.attribute.activity import Activity, activities
from consilience.attribute.pairs.comparison import LEAST_VALUES
from consilience.attribute.pairs.model import PairModel
from consilience.attribute.pairs.reports import SOFTWARE, values_of
from consilience.attribute.pairs.same_operator import ReportPairs, SameOperatorAnswer, prepare, techniques_of_tools
from consilience.model.json import JsonObject
from consilience.model.names import family
from consilience.model.protocols import Progress
from consilience.model.snapshot import Snapshot
from consilience.model.subject import CLUSTER_TYPES
from consilience.vocab import Vocabulary

SAME, NOT_SAID = "same operator", "undetermined"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SharedSoftware:
    """The likeliest pair of reports of two clusters, one of each, and how many pairs share software at all."""

    left: Activity
    right: Activity
    pairs: int
    answer: SameOperatorAnswer

    def as_record(self) -> JsonObject:
        """The answer as an object of a result document; `said` is *same operator* only where that may be said."""
        return {
            "probability": self.answer.probability,
            "said": SAME if self.answer.same else NOT_SAID,
            "reports": [_report(each) for each in (self.left, self.right)],
            "pairs": self.pairs,
            "reasons": [reason.as_record() for reason in self.answer.reasons],
        }


@dataclass(frozen=True, slots=True)
class ClusterPairs:
    """The reports of the clusters of a case, ready to be asked about pairs of clusters; see `over_clusters`.

    `reports` are those of each cluster by its full name, `representatives` the cluster that stands for all of one name.
    """

    pairs: ReportPairs
    reports: Mapping[str, tuple[Activity, ...]]
    representatives: Mapping[str, str]

    def shared_software(self, a: str, b: str) -> SharedSoftware | None:
        """What the likeliest pair of reports of two clusters says, the same for both orders; None without such a pair.

        The operator is taken as unknown: nothing of either cluster, or of another of its name, is a third party.
        """
        found = [
            SharedSoftware(
                left, right, 0, self.pairs.same_operator(self._as_representative(left), self._as_representative(right))
            )
            for left, right in self._sharing(*sorted((a, b)))
        ]
        if not found:
            return None
        best = min(found, key=lambda each: (-each.answer.probability, each.left, each.right))
        return replace(best, pairs=len(found))

    def probability(self, a: str, b: str) -> float | None:
        """The probability of one operator that `shared_software` tells, None where there is nothing to compare."""
        found = self.shared_software(a, b)
        return found.answer.probability if found else None

    def ranked(self, pairs: Sequence[Pair], progress: Progress | None = None) -> list[Pair]:
        """These pairs of clusters, the likeliest to be of one operator first, those with nothing to compare last."""
        chances = []
        for place, pair in enumerate(pairs):
            chance = self.probability(*pair)
            chances.append((-1.0 if chance is None else chance, pair))
            if progress:
                progress(place + 1, len(pairs))
        return [pair for _, pair in sorted(chances, key=lambda row: (-row[0], row[1]))]

    def _sharing(self, a: str, b: str) -> Iterator[tuple[Activity, Activity]]:
        """The pairs of reports that share software; one document about both clusters is not a pair."""
        right = [(each, _software(each)) for each in self.reports.get(b, ())]
        for left in self.reports.get(a, ()):
            families = _software(left)
            yield from ((left, each) for each, others in right if families & others and left.origin != each.origin)

    def _as_representative(self, report: Activity) -> Activity:
        return replace(report, subject=self.representatives[report.subject])


def over_clusters(snapshot: Snapshot, vocabulary: Vocabulary, model: PairModel) -> ClusterPairs:
    """The clusters of a snapshot, prepared once for every pair that is asked about.

    Only reports of at least `LEAST_VALUES` techniques or software are compared, as the model was fitted on; all
    reports count as third parties. Clusters of one name are one third party, whoever publishes it.
    """
    keys = sorted(key for key, each in snapshot.subjects.items() if each.type in CLUSTER_TYPES)
    first: dict[str, str] = {}
    representatives = {key: first.setdefault(family(snapshot.subjects[key].name), key) for key in keys}
    found = activities((seen for key in keys for seen in snapshot.of(key)), vocabulary)
    reports: dict[str, list[Activity]] = {}
    for each in found:
        if len(values_of(each)) >= LEAST_VALUES:
            reports.setdefault(each.subject, []).append(each)
    third = [replace(each, subject=representatives[each.subject]) for each in found]
    return ClusterPairs(
        pairs=prepare(third, model, techniques_of_tools(snapshot.observations)),
        reports={key: tuple(each) for key, each in reports.items()},
        representatives=representatives,
    )


def _software(report: Activity) -> frozenset[str]:
    return frozenset(name for kind, name in values_of(report) if kind == SOFTWARE)


def _report(each: Activity) -> dict[str, str]:
    published = date.fromordinal(each.day).isoformat() if each.day else ""
    return {"subject": each.subject, "source": each.origin, "published": published}
