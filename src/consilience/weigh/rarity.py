"""How common a value is among clusters that have nothing to do with the pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consilience.model.evidence import Rarity
from consilience.model.names import family
from consilience.model.snapshot import Snapshot
from consilience.model.subject import CLUSTER_TYPES, TOOL_TYPES
from consilience.vocab import Kind, Vocabulary
from consilience.weigh.facts import parts


@dataclass(frozen=True, slots=True)
class Corpus:
    """A named, dated reference corpus: which clusters show which values, since when they are known to.

    `holders` maps kind and value to pairs of cluster name and first day known (ordinal, 0 when not dated);
    `listed` are the values the corpus would have listed had any cluster shown them.
    """

    name: str
    clusters: Mapping[str, int] = field(default_factory=dict)
    holders: Mapping[tuple[str, str], tuple[tuple[str, int], ...]] = field(default_factory=dict)
    listed: frozenset[tuple[str, str]] = frozenset()
    closed_kinds: frozenset[str] = frozenset()

    def covers(self, kind: str, value: str) -> bool:
        """Whether the corpus can say that nobody shows a value."""
        return kind in self.closed_kinds or (kind, value) in self.listed


NO_CORPUS = Corpus("no reference corpus")


@dataclass(frozen=True, slots=True)
class Counts:
    """Who shows what, in the case and in the reference corpus, as of the date of a snapshot."""

    corpus: Corpus
    limit: int
    clusters: frozenset[str]
    tools: frozenset[str]
    holders: Mapping[tuple[str, str], frozenset[str]]
    names: Mapping[str, str]

    def others(self, kind: str, value: str, pair: tuple[str, str]) -> frozenset[str]:
        """The subjects of the case that show a value, without the pair and without its namesakes."""
        bare = {self.names.get(key, key) for key in pair}
        return frozenset(
            key
            for key in self.holders.get((kind, value), frozenset())
            if key not in pair and self.names.get(key, key) not in bare
        )

    def rarity(self, kind: Kind, value: str, pair: tuple[str, str], vocabulary: Vocabulary, exclusive: bool) -> Rarity:
        """How common a value is among the clusters that are not this pair.

        The kind's usual share stands for a stated number of clusters' worth of counting, so that a small case does
        not make everything rare; where the corpus covers the value, its count alone speaks.
        """
        among_tools = all(key in self.tools for key in pair)
        population = self.tools if among_tools else self.clusters
        others = self.others(kind.name, value, pair) & population
        bare = {self.names.get(key, key) for key in pair}
        people = (
            0 if among_tools else sum(1 for name, day in self.corpus.clusters.items() if self._counts(name, day, bare))
        )
        shown = (
            set()
            if among_tools
            else {
                name for name, day in self.corpus.holders.get((kind.name, value), ()) if self._counts(name, day, bare)
            }
        )
        shown -= {self.names[key] for key in others}
        holders, counted = len(others) + len(shown), people + len(population - set(pair))
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
        trust = max(0.5 / usual, vocabulary.counting["counted"]["trust_in_usual_share"])
        here = len(population - set(pair))
        return Rarity(
            holders=len(others),
            population=here if others else 0,
            corpus="this case",
            share=(len(others) + trust * usual) / (here + trust),
        )

    def _counts(self, name: str, day: int, bare: set[str]) -> bool:
        return name not in bare and day <= self.limit


def counts_of(snapshot: Snapshot, corpus: Corpus, limit: int, vocabulary: Vocabulary) -> Counts:
    """The counts of a snapshot beside a reference corpus; corpus entries known only after `limit` do not count."""
    holders: dict[tuple[str, str], set[str]] = {}
    for seen in snapshot.observations:
        kind = vocabulary.kinds.get(seen.trait.kind)
        if seen.present and kind is not None and kind.form == "trait":
            for part in parts(seen):
                holders.setdefault(part, set()).add(seen.subject.key)
    return Counts(
        corpus=corpus,
        limit=limit,
        clusters=frozenset(key for key, subject in snapshot.subjects.items() if subject.type in CLUSTER_TYPES),
        tools=frozenset(key for key, subject in snapshot.subjects.items() if subject.type in TOOL_TYPES),
        holders={key: frozenset(keys) for key, keys in holders.items()},
        names={key: family(subject.name) for key, subject in snapshot.subjects.items()},
    )


def corpus_from(document: Mapping[str, Any]) -> Corpus:
    """The corpus of a reference document: `{name, clusters: [[name, day]], holders: {kind: {value: [[n, day]]}}}`."""
    clusters = [(family(name), int(day)) for name, day in document["clusters"]]
    holders: dict[tuple[str, str], tuple[tuple[str, int], ...]] = {}
    for kind, values in document["holders"].items():
        for value, rows in values.items():
            holders[kind, value] = tuple((clusters[place][0], int(day)) for place, day in rows)
    return Corpus(
        name=document["name"],
        clusters=dict(clusters),
        holders=holders,
        listed=frozenset((kind, value) for kind, values in document["holders"].items() for value in values),
        closed_kinds=frozenset(document["closed_kinds"]),
    )
