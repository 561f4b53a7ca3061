"""A pair of subjects in a snapshot: its counts, its relation, its assessment. Nothing here is kept."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version

from consilience.assess import assess, judged
from consilience.attribute import Models, shipped_models
from consilience.attribute.pairs import ClusterPairs, over_clusters
from consilience.model.assessment import Assessment
from consilience.model.errors import InputError
from consilience.model.names import find
from consilience.model.relation import Relation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.model.when import span
from consilience.vocab import Vocabulary, vocabulary
from consilience.vocab.reference import reference_document
from consilience.weigh import Corpus, Counts, corpus_from, counts_of

FOREVER = 10**9


@lru_cache(maxsize=1)
def reference_corpus() -> Corpus:
    """The reference corpus that stands beside what a case counts for itself."""
    return corpus_from(reference_document())


def counted(snapshot: Snapshot) -> Counts:
    """The counts that weighing needs, as of the date of a snapshot."""
    limit = span(snapshot.as_of).last if snapshot.as_of else FOREVER
    return counts_of(snapshot, reference_corpus(), limit, vocabulary())


def known_subjects(snapshot: Snapshot) -> list[Subject]:
    """The subjects a name can mean: those observed, and those other statements name in full."""
    known = dict(snapshot.subjects)
    for seen in snapshot.observations:
        publisher, slash, name = seen.object.partition("/")
        if slash and publisher and name and seen.object not in known:
            known[seen.object] = Subject(publisher, name)
    return list(known.values())


def over_reports(snapshot: Snapshot, models: Models | None = None) -> ClusterPairs:
    """The reports of the clusters in a snapshot, ready to be asked who shares software with whom."""
    return over_clusters(snapshot, vocabulary(), (models or shipped_models()).pairs)


def relation_in(snapshot: Snapshot, a: str, b: str, rules: Vocabulary | None = None) -> tuple[Relation, str]:
    """The relation and the tracking decision of a pair in a snapshot, without keeping anything.

    `rules` stands in for the vocabulary that the package ships, to see what a rule costs.
    """
    known = known_subjects(snapshot)
    return judged(snapshot, find(a, known), find(b, known), counted(snapshot), rules or vocabulary())


def assessment_in(snapshot: Snapshot, a: str, b: str, rules: Vocabulary | None = None) -> Assessment:
    """The assessment of a pair in a snapshot, without keeping anything; `rules` as in `relation_in`."""
    left, right = pair_in(snapshot, a, b)
    software = {"name": "consilience", "version": version("consilience")}
    return assess(snapshot, left, right, counted(snapshot), rules or vocabulary(), software)


def pair_in(snapshot: Snapshot, a: str, b: str) -> tuple[Subject, Subject]:
    """The two different subjects of these names. Raises UnknownName, AmbiguousName or InputError."""
    known = known_subjects(snapshot)
    left, right = find(a, known), find(b, known)
    if left.key == right.key:
        raise InputError(f"{left.key} is both sides", "assess", "name two different subjects")
    return left, right
