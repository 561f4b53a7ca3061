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
from consilience.attribute.engine import DECIBANS, Reason, Terms
from consilience.attribute.exact.held import Held, Key, as_observation
from consilience.attribute.exact.reading import exact_kinds, left_to_exact, left_to_others
from consilience.attribute.open_set import KNOWN_BEFOREHAND, Chances
from consilience.model.observation import Observation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
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
_HALF = "its report is found by what else it shows too, so this counts half"


@dataclass(frozen=True, slots=True)
class _Asked:
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

    def __init__(self, held: Held, kinds: frozenset[str], vocabulary: Vocabulary) -> None:
        self.subjects = held.subjects
        self._held = held
        self._kinds = kinds
        self._vocabulary = vocabulary
        self._places = {key: place for place, key in enumerate(held.subjects)}

    @classmethod
    def of(cls, known: Iterable[Activity], vocabulary: Vocabulary) -> ExactEngine:
        """The engine for the activities of known subjects."""
        kinds = exact_kinds(vocabulary)
        return cls(Held.of((each for each in known if each.subject), kinds), kinds, vocabulary)

    @property
    def holders(self) -> Mapping[Key, frozenset[str]]:
        """Which known subjects show each trait, of all kinds."""
        return self._held.counts.holders

    def reads(self, query: Activity) -> bool:
        """Whether the query shows a value of a kind that only this engine compares."""
        return bool(self.subjects) and bool(left_to_exact(query.traits, self._kinds))

    def terms(self, query: Activity) -> Terms:
        """The log-odds of every subject for a query; 0 for who shares nothing, and no prior."""
        asked, weight = self._asked(query), np.zeros(len(self.subjects))
        telling = [trait for trait in asked.traits if self._held.telling(trait, self._vocabulary)]
        wanted = sorted({subject for trait in telling for subject in self._held.counts.holders[trait]})
        for subject in wanted:
            weight[self._places[subject]] = math.fsum(each for _, each in self._items(asked, subject, telling))
        return Terms(weight / DECIBANS, np.zeros(len(self.subjects)))

    def evidence(self, queries: Sequence[Activity], subjects: Sequence[int]) -> NDArray[np.float64]:
        """The weights that `terms` gives a few subjects, for several queries: queries by these subjects."""
        found = np.zeros((len(queries), len(subjects)))
        for line, query in enumerate(queries):
            asked = self._asked(query)
            telling = [trait for trait in asked.traits if self._held.telling(trait, self._vocabulary)]
            for column, subject in enumerate(subjects):
                items = self._items(asked, self.subjects[subject], telling) if telling else []
                found[line, column] = math.fsum(weight for _, weight in items) / DECIBANS
        return found

    def because(self, query: Activity, subject: int, top: int) -> tuple[Reason, ...]:
        """The strongest items of one subject's log-odds, in decibans, each with the sources that say so."""
        asked, key = self._asked(query), self.subjects[subject]
        found = [_reason(item, weight, key) for item, weight in self._items(asked, key, asked.traits)]
        return tuple(sorted(found, key=lambda each: (-abs(each.weight), each.kind, each.values))[:top])

    def _asked(self, query: Activity) -> _Asked:
        shown = set(query.traits)
        stated = [each for each in query.seen if shown.intersection(parts(each))]
        known = {trait for each in stated for trait in parts(each)}
        bare = tuple(as_observation(query, trait) for trait in sorted(shown - known))
        others = tuple(each for each in query.seen if each.trait.kind in DECEPTION)
        return _Asked(
            seen=tuple(_dated(each, query.day) for each in (*stated, *bare, *others)),
            traits=left_to_exact(query.traits, self._kinds),
            elsewhere=frozenset(
                trait
                for trait in left_to_others(query.traits, self._vocabulary)
                if self._held.telling(trait, self._vocabulary)
            ),
            own=frozenset({query.origin, *(each.source.key for each in query.seen)}),
        )

    def _items(self, asked: _Asked, subject: str, traits: Sequence[Key]) -> list[tuple[Item, float]]:
        """What the query and a subject both show, with the counted weight of each in decibans."""
        theirs = tuple(
            dict.fromkeys(seen for trait in traits for seen in self._held.statements(subject, trait, asked.own))
        )
        if not theirs:
            return []
        wanted = frozenset(traits)
        dossier = self._dossier(asked, subject, theirs, wanted)
        found = [self._halved(item, asked, subject) for item in shared_values(dossier)]
        start, stop = self._vocabulary.ranges["operator"]
        return [
            (item, self._against_the_rest(row[start:stop]))
            for item, row in zip(found, shares(found, self._vocabulary), strict=True)
        ]

    def _dossier(self, asked: _Asked, subject: str, theirs: tuple[Observation, ...], wanted: frozenset[Key]) -> Dossier:
        origins = origins_of((*asked.seen, *theirs), self._vocabulary)
        publisher, _, name = subject.partition("/")

        def shown(rows: tuple[Observation, ...]) -> dict[Key, Fact]:
            return {key: fact for key, fact in facts(rows, origins, self._vocabulary).items() if key in wanted}

        return Dossier(
            a=Subject("", ""),
            b=Subject(publisher, name),
            left=shown(asked.seen),
            right=shown(theirs),
            rows=(asked.seen, theirs),
            between=(),
            tools=(),
            origins=origins,
            counts=self._held.counts,
            snapshot=Snapshot(()),
            vocabulary=self._vocabulary,
        )

    def _halved(self, item: Item, asked: _Asked, subject: str) -> Item:
        """An item at half its weight where every report behind it is found by another engine's values too."""
        reports = {seen.source.key for seen in item.seen if seen.subject.key == subject} - asked.own
        if not reports or not all(
            asked.elsewhere.intersection(self._held.reports.get((subject, report), ())) for report in reports
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


def exact_chances(terms: Terms) -> Chances:
    """The probabilities that follow from what is known beforehand, each known subject as likely as any, and weights."""
    count = len(terms.weight)
    if not count:
        return Chances(terms.weight, 1.0)
    odds = KNOWN_BEFOREHAND / count * np.exp(terms.weight + terms.prior)
    whole = float(odds.sum()) + 1 - KNOWN_BEFOREHAND
    return Chances(odds / whole, (1 - KNOWN_BEFOREHAND) / whole)
