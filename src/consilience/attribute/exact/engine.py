"""The engine for equal values: the weight of an item is what a pair of clusters would get for sharing it.

The query and a known subject are weighed as a pair on the axis *operator*: by the formula of agreement, how many of
the other known subjects show the value, what it costs to forge, the role of a key, the grades, dates and publication
of both sides, what is void. Items of one group count in full, half, a quarter; cheap ones share a budget, and all
that one origin says stays under its cap, the query being one origin. An item's weight is *same* against the rest,
*coordinated* and *separate* in their proportions beforehand.

Fair to size, because an item weighs the same for who shows ten values and who shows ten thousand, and what is not
shared weighs nothing. Beside the other engines the weights multiply in as likelihood ratios: the answer of this
engine to nothing at all is what was known beforehand, which changes no answer. What keeps the product from claiming
too much: no kind and no value is read by two engines; what a subject's report shows beside something that another
engine finds in the same report counts half, as traits made by one act do; every weight is bounded by its floor (the
chance of copying, coincidence, error), and a query's weights together by the cap of one origin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from consilience.attribute.activity import Activity
from consilience.attribute.engine import LogOdds, Reason
from consilience.attribute.exact.reading import exact_kinds, left_to_exact, left_to_others
from consilience.attribute.exact.statements import Key, KnownStatements, as_observation
from consilience.attribute.open_set import PRIOR_KNOWN, OpenSetProbabilities
from consilience.model.observation import Observation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.model.units import DECIBANS
from consilience.model.when import iso
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import rarity_words
from consilience.weigh.comparisons.deception import KINDS as DECEPTION
from consilience.weigh.comparisons.shared import shared_values
from consilience.weigh.dependence import shares
from consilience.weigh.dossier import Dossier
from consilience.weigh.facts import Fact, facts, parts
from consilience.weigh.item import Item
from consilience.weigh.origins import origins_of

_CITED = 3
_HALF = "its report is also found by what else it shows, so this counts half"


@dataclass(frozen=True, slots=True)
class _ExactQuery:
    """A query in the terms of this engine.

    `seen` are its statements, dated as it is where they are not; `traits` what is compared, `elsewhere` what another
    engine compares and few show, `own` the sources that the query itself comes from.
    """

    seen: tuple[Observation, ...]
    traits: tuple[Key, ...]
    elsewhere: frozenset[Key]
    own: frozenset[str]


class ExactEngine:
    """Ranks known subjects by the values they have in common with a query, of all kinds no other engine reads.

    A query whose own source is in the case is compared without what that source says of anybody.
    """

    name = "exact"

    def __init__(self, known: KnownStatements, kinds: frozenset[str], vocabulary: Vocabulary) -> None:
        self.subjects = known.subjects
        self._known = known
        self._kinds = kinds
        self._vocabulary = vocabulary
        self._places = {key: place for place, key in enumerate(known.subjects)}

    @classmethod
    def of(cls, known: Iterable[Activity], vocabulary: Vocabulary) -> ExactEngine:
        """The engine for the activities of known subjects."""
        kinds = exact_kinds(vocabulary)
        return cls(KnownStatements.of((each for each in known if each.subject), kinds), kinds, vocabulary)

    @property
    def holders(self) -> Mapping[Key, frozenset[str]]:
        """Which known subjects show each trait, of all kinds."""
        return self._known.counts.holders

    def reads(self, query: Activity) -> bool:
        """Whether the query shows a value of a kind that only this engine compares."""
        return bool(self.subjects) and bool(left_to_exact(query.traits, self._kinds))

    def terms(self, query: Activity) -> LogOdds:
        """The log-odds of every subject for a query; 0 for who shares nothing, and no prior."""
        prepared, weight = self._prepared(query), np.zeros(len(self.subjects))
        discriminating = self._discriminating(prepared.traits)
        wanted = sorted({subject for trait in discriminating for subject in self._known.counts.holders[trait]})
        for subject in wanted:
            weight[self._places[subject]] = math.fsum(
                each for _, each in self._items(prepared, subject, discriminating)
            )
        return LogOdds(weight / DECIBANS, np.zeros(len(self.subjects)))

    def evidence(self, queries: Sequence[Activity], subjects: Sequence[int]) -> NDArray[np.float64]:
        """The weights that `terms` gives a few subjects, for several queries: queries by these subjects."""
        found = np.zeros((len(queries), len(subjects)))
        for line, query in enumerate(queries):
            prepared = self._prepared(query)
            discriminating = self._discriminating(prepared.traits)
            for column, subject in enumerate(subjects):
                items = self._items(prepared, self.subjects[subject], discriminating) if discriminating else []
                found[line, column] = math.fsum(weight for _, weight in items) / DECIBANS
        return found

    def reasons(self, query: Activity, subject: int, top: int) -> tuple[Reason, ...]:
        """The strongest items of one subject's log-odds, in decibans, each with the sources that say so."""
        prepared, key = self._prepared(query), self.subjects[subject]
        found = [_reason(item, weight, key) for item, weight in self._items(prepared, key, prepared.traits)]
        return tuple(sorted(found, key=lambda each: (-abs(each.weight), each.kind, each.values))[:top])

    def _discriminating(self, traits: Sequence[Key]) -> list[Key]:
        """The traits that somebody shows, and not so many that they tell nobody apart."""
        return [trait for trait in traits if self._known.discriminates(trait, self._vocabulary)]

    def _prepared(self, query: Activity) -> _ExactQuery:
        shown = set(query.traits)
        stated = [each for each in query.seen if shown.intersection(parts(each))]
        known = {trait for each in stated for trait in parts(each)}
        without_statement = [as_observation(query, trait) for trait in sorted(shown - known)]
        deception = [each for each in query.seen if each.trait.kind in DECEPTION]
        return _ExactQuery(
            seen=tuple(_dated(each, query.day) for each in (*stated, *without_statement, *deception)),
            traits=left_to_exact(query.traits, self._kinds),
            elsewhere=frozenset(self._discriminating(left_to_others(query.traits, self._vocabulary))),
            own=frozenset({query.origin, *(each.source.key for each in query.seen)}),
        )

    def _items(self, prepared: _ExactQuery, subject: str, traits: Sequence[Key]) -> list[tuple[Item, float]]:
        """What the query and a subject both show, with the counted weight of each in decibans."""
        theirs = tuple(
            dict.fromkeys(seen for trait in traits for seen in self._known.statements(subject, trait, prepared.own))
        )
        if not theirs:
            return []
        wanted = frozenset(traits)
        dossier = self._dossier(prepared, subject, theirs, wanted)
        found = [self._halved_where_found_elsewhere(item, prepared, subject) for item in shared_values(dossier)]
        start, stop = self._vocabulary.ranges["operator"]
        return [
            (item, self._against_the_rest(row[start:stop]))
            for item, row in zip(found, shares(found, self._vocabulary), strict=True)
        ]

    def _dossier(
        self, prepared: _ExactQuery, subject: str, theirs: tuple[Observation, ...], wanted: frozenset[Key]
    ) -> Dossier:
        origins = origins_of((*prepared.seen, *theirs), self._vocabulary)
        publisher, _, name = subject.partition("/")

        def shown(rows: tuple[Observation, ...]) -> dict[Key, Fact]:
            return {key: fact for key, fact in facts(rows, origins, self._vocabulary).items() if key in wanted}

        return Dossier(
            a=Subject("", ""),
            b=Subject(publisher, name),
            left=shown(prepared.seen),
            right=shown(theirs),
            rows=(prepared.seen, theirs),
            between=(),
            tools=(),
            origins=origins,
            counts=self._known.counts,
            snapshot=Snapshot(()),
            vocabulary=self._vocabulary,
        )

    def _halved_where_found_elsewhere(self, item: Item, prepared: _ExactQuery, subject: str) -> Item:
        """An item at half its weight where every report behind it is found by another engine's values too."""
        reports = {seen.source.key for seen in item.seen if seen.subject.key == subject} - prepared.own
        if not reports or not all(
            prepared.elsewhere.intersection(self._known.reports.get((subject, report), ())) for report in reports
        ):
            return item
        part = self._vocabulary.counting["groups"]["decay"]
        return replace(item, vector=tuple(part * value for value in item.vector), notes=(*item.notes, _HALF))

    def _against_the_rest(self, weights: Sequence[float]) -> float:
        """*Same operator* against the other hypotheses in their proportions beforehand, in decibans."""
        priors = self._vocabulary.axes["operator"].priors
        by_name = dict(zip(self._vocabulary.axes["operator"].hypotheses, weights, strict=True))
        same = by_name.pop("same")
        rest = math.fsum(priors[name] * 10 ** (value / 10) for name, value in by_name.items())
        return same - 10 * math.log10(rest / math.fsum(priors[name] for name in by_name))


def _dated(seen: Observation, day: int) -> Observation:
    """A statement of a query, shown on the query's day where it does not say when."""
    return replace(seen, first_seen=iso(day), id="") if day and seen.showing() is None else seen


def _reason(item: Item, weight: float, subject: str) -> Reason:
    sources = list(dict.fromkeys(seen.source.key for seen in item.seen if seen.subject.key == subject))
    more = f" and {len(sources) - _CITED} more" if len(sources) > _CITED else ""
    why = f"{subject} shows it ({', '.join(sources[:_CITED])}{more})"
    rarity = [rarity_words(item.rarity)] if item.rarity else []
    return Reason(item.kind, item.values, weight, "; ".join((why, *rarity, *item.notes)))


def exact_probabilities(terms: LogOdds) -> OpenSetProbabilities:
    """The probabilities that follow from what is known beforehand, each known subject as likely as any, and weights."""
    count = len(terms.weight)
    if not count:
        return OpenSetProbabilities(terms.weight, 1.0)
    odds = PRIOR_KNOWN / count * np.exp(terms.weight + terms.prior)
    whole = float(odds.sum()) + 1 - PRIOR_KNOWN
    return OpenSetProbabilities(odds / whole, (1 - PRIOR_KNOWN) / whole)
