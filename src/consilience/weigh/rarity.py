"""How common a value is among clusters that have nothing to do with the pair."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consilience.model.evidence import THIS_CASE, Rarity
from consilience.model.names import family
from consilience.model.snapshot import Snapshot
from consilience.model.subject import CLUSTER_TYPES, TOOL_TYPES
from consilience.vocab import Kind, Vocabulary
from consilience.weigh.facts import parts


@dataclass(frozen=True, slots=True)
class Corpus:
    """A named, dated reference corpus: which clusters show which values, since when they are known to.

    `clusters` maps a cluster to its first day known (ordinal, 0 when not dated), `meant` a name to the clusters that
    go by it; `holders` maps kind and value to pairs of cluster and first day. `listed` are the values the corpus
    would have listed had any cluster shown them.
    """

    name: str
    clusters: Mapping[str, int] = field(default_factory=dict)
    meant: Mapping[str, frozenset[str]] = field(default_factory=dict)
    holders: Mapping[tuple[str, str], tuple[tuple[str, int], ...]] = field(default_factory=dict)
    listed: frozenset[tuple[str, str]] = frozenset()
    closed_kinds: frozenset[str] = frozenset()

    def covers(self, kind: str, value: str) -> bool:
        """Whether the corpus can say that nobody shows a value."""
        return kind in self.closed_kinds or (kind, value) in self.listed

    def clusters_named(self, names: Iterable[str]) -> frozenset[str]:
        """The clusters that go by any of these names: they are the same as those named, and not third parties."""
        return frozenset(cluster for name in names for cluster in self.meant.get(name, ()))

    def shown(self, kind: str, value: str, limit: int) -> frozenset[str]:
        """The clusters known to show a value by a day."""
        return frozenset(name for name, day in self.holders.get((kind, value), ()) if day <= limit)


@dataclass(frozen=True, slots=True)
class Counts:
    """Who shows what, in the case and in the reference corpus, as of the date of a snapshot.

    `outside` are the clusters of the corpus, known by then, that no cluster of the case stands for. `believed` are
    fewer holders for the values that one document alone gives to many, so that nobody makes a value common by himself.
    """

    corpus: Corpus
    limit: int
    clusters: frozenset[str]
    tools: frozenset[str]
    holders: Mapping[tuple[str, str], frozenset[str]]
    names: Mapping[str, str]
    outside: frozenset[str] = frozenset()
    believed: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def counting(self, kind: str, value: str) -> frozenset[str]:
        """The subjects of the case that count as showing a value."""
        return self.believed.get((kind, value)) or self.holders.get((kind, value), frozenset())

    def others(self, kind: str, value: str, pair: tuple[str, str]) -> frozenset[str]:
        """The subjects of the case that show a value, without the pair and without its namesakes."""
        bare = {self.names.get(key, key) for key in pair}
        return frozenset(
            key for key in self.counting(kind, value) if key not in pair and self.names.get(key, key) not in bare
        )

    def rarity(self, kind: Kind, value: str, pair: tuple[str, str], vocabulary: Vocabulary, exclusive: bool) -> Rarity:
        """How common a value is among the clusters that are not this pair.

        The kind's usual share stands for a stated number of clusters' worth of counting, so that a small case does
        not make everything rare; where the corpus covers the value, its count alone speaks.
        """
        among_tools = all(key in self.tools for key in pair)
        population = self.tools if among_tools else self.clusters
        others = self.others(kind.name, value, pair) & population
        people, shown = (0, 0) if among_tools else self._in_corpus(kind, value, pair, others)
        here = len(population) - sum(key in population for key in set(pair))
        holders, counted = len(others) + shown, people + here
        if people and self.corpus.covers(kind.name, value):
            return Rarity(
                holders=holders,
                population=counted,
                corpus=self.corpus.name,
                share=min(1.0, (holders + 0.5) / max(1, counted)),
            )
        usual = kind.usual_share
        if exclusive and not holders:
            usual *= vocabulary.counting["exclusive"]["share_factor"]
        return Rarity(
            holders=len(others),
            population=here if others else 0,
            corpus=THIS_CASE,
            share=counted_share(len(others), here, usual, vocabulary),
        )

    def _in_corpus(self, kind: Kind, value: str, pair: tuple[str, str], others: Iterable[str]) -> tuple[int, int]:
        """How many clusters only the corpus knows, and how many of them show a value; the pair left out of both.

        Who shows it under the name of one of the `others`, which the case counts, is left out of the second.
        """
        pair_here = self.corpus.clusters_named(self.names.get(key, key) for key in pair)
        shown = self.corpus.shown(kind.name, value, self.limit) - pair_here
        shown -= self.corpus.clusters_named(self.names[key] for key in others)
        return len(self.outside - pair_here), len(shown)


def counted_share(others: int, population: int, usual: float, vocabulary: Vocabulary) -> float:
    """The base rate of a value that so many of a case's other clusters show, drawn towards the kind's usual share."""
    trust = max(0.5 / usual, vocabulary.counting["counted"]["trust_in_usual_share"])
    return float((others + trust * usual) / (population + trust))


def counts_of(snapshot: Snapshot, corpus: Corpus, limit: int, vocabulary: Vocabulary) -> Counts:
    """The counts of a snapshot beside a reference corpus; corpus entries known only after `limit` do not count."""
    holders = _holders(snapshot, vocabulary)
    names = {key: family(subject.name) for key, subject in snapshot.subjects.items()}
    clusters = frozenset(key for key, subject in snapshot.subjects.items() if subject.type in CLUSTER_TYPES)
    known = frozenset(name for name, day in corpus.clusters.items() if day <= limit)
    return Counts(
        corpus=corpus,
        limit=limit,
        clusters=clusters,
        tools=frozenset(key for key, subject in snapshot.subjects.items() if subject.type in TOOL_TYPES),
        holders={key: frozenset(keys) for key, keys in holders.items()},
        believed=_believed(snapshot, holders, vocabulary.counting["counted"]["one_document"]),
        names=names,
        outside=known - corpus.clusters_named(names[key] for key in clusters),
    )


def _holders(snapshot: Snapshot, vocabulary: Vocabulary) -> dict[tuple[str, str], set[str]]:
    """The subjects that show each value."""
    holders: dict[tuple[str, str], set[str]] = {}
    for seen in snapshot.observations:
        kind = vocabulary.kinds.get(seen.trait.kind)
        if seen.present and kind is not None and kind.form == "trait":
            for part in parts(seen):
                holders.setdefault(part, set()).add(seen.subject.key)
    return holders


def _believed(
    snapshot: Snapshot, holders: Mapping[tuple[str, str], Collection[str]], most: int
) -> dict[tuple[str, str], frozenset[str]]:
    """The holders of the values of which one document alone knows more than `most`: no more of these than that."""
    many = {trait for trait, keys in holders.items() if len(keys) > most}
    said: dict[tuple[str, str], dict[str, set[str]]] = {}
    for seen in snapshot.observations if many else ():
        if seen.present:
            for trait in many.intersection(parts(seen)):
                documents = said.setdefault(trait, {}).setdefault(seen.subject.key, set())
                documents.add(seen.source.derived_from or seen.source.key)
    found = {}
    for trait, by_holder in said.items():
        if left := _beyond(most, by_holder):
            found[trait] = frozenset(holders[trait]) - left
    return found


def _beyond(most: int, by_holder: Mapping[str, Collection[str]]) -> set[str]:
    """The holders of a value whom one document alone knows, beyond the first `most` of each document."""
    by_document: dict[str, list[str]] = {}
    for key in sorted(by_holder):
        if len(by_holder[key]) == 1:
            by_document.setdefault(min(by_holder[key]), []).append(key)
    return {key for keys in by_document.values() for key in keys[most:]}


def _meant(clusters: Iterable[Sequence[Any]]) -> dict[str, frozenset[str]]:
    """The clusters that each name stands for, their own names and the others that are stated."""
    meant: dict[str, set[str]] = {}
    for row in clusters:
        for name in (row[0], *(row[2] if len(row) > 2 else ())):
            meant.setdefault(family(name), set()).add(row[0])
    return {name: frozenset(found) for name, found in meant.items()}


def corpus_from(document: Mapping[str, Any]) -> Corpus:
    """The corpus of a reference document.

    `{name, clusters: [[name, day, [other names]]], holders: {kind: {value: [[place of the cluster, day]]}},
    closed_kinds: [kind]}`, days as ordinals. Clusters may state no other names.
    """
    clusters = [(str(row[0]), int(row[1])) for row in document["clusters"]]
    holders: dict[tuple[str, str], tuple[tuple[str, int], ...]] = {}
    for kind, values in document["holders"].items():
        for value, rows in values.items():
            holders[kind, value] = tuple((clusters[place][0], int(day)) for place, day in rows)
    return Corpus(
        name=document["name"],
        clusters=dict(clusters),
        meant=_meant(document["clusters"]),
        holders=holders,
        listed=frozenset((kind, value) for kind, values in document["holders"].items() for value in values),
        closed_kinds=frozenset(document["closed_kinds"]),
    )
