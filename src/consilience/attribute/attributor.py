"""From the engines' log-odds to one answer: every known subject with a probability, and none of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.citations import Removal, citations, cited_reasons, runner_up
from consilience.attribute.engine import Engine, LogOdds
from consilience.attribute.imitation import discounted, imitation_discount, without_own_indicators
from consilience.attribute.known import QueryActivity
from consilience.attribute.open_set import PRIOR_KNOWN, OpenSetProbabilities
from consilience.model.arrays import Floats, Ints
from consilience.model.attribution import Attribution, Ranked, Reason
from consilience.model.subject import TOOL_TYPES
from consilience.model.units import DECIBANS

PLACES = 9
PARTS = 8
BROKEN_DOWN = 2
"""For so many subjects the parts of the weight are named: the first, and the one that follows it."""

_NEGLIGIBLE = 1e-6


@dataclass(frozen=True, slots=True)
class CalibratedEngine:
    """An engine and the fitted rule that turns its log-odds into probabilities."""

    engine: Engine
    rule: Callable[[LogOdds], OpenSetProbabilities]


class Attributor:
    """Ranks the known subjects of a case for an activity. `subjects` are their full names, sorted.

    `holders` says which subjects show a trait; it chooses which observations are worth citing. `commonplace` says why a
    tool is used by too many to link anybody, or nothing: such a tool is left out of every comparison.
    """

    def __init__(
        self,
        engines: Sequence[CalibratedEngine],
        holders: Mapping[tuple[str, str], frozenset[str]] | None = None,
        commonplace: Callable[[str, str], str] = lambda kind, value: "",
    ) -> None:
        self._commonplace = commonplace
        self._engines = tuple(calibrated for calibrated in engines if calibrated.engine.subjects)
        self._holders = holders or {}
        self.subjects = tuple(sorted({key for calibrated in self._engines for key in calibrated.engine.subjects}))
        place = {key: number for number, key in enumerate(self.subjects)}
        self._places = [np.array([place[key] for key in calibrated.engine.subjects]) for calibrated in self._engines]

    def attribution(self, query: Activity | QueryActivity, explained: int = 5, most_cited: int = 5) -> Attribution:
        """The ranking of every known subject for a query; the first `explained` of them with their reasons.

        Where several engines read the query, their answers are taken as independent: the odds against what was
        likely beforehand multiply. The first is less sure where what it is known to show could have been planted on a
        query that is otherwise another's (`imitation`). At most `most_cited` observations are cited, each with what its
        removal changes; only a `QueryActivity` knows its observations. The parts that sum to the weight are named for
        the first two.
        """
        activity, notes = self._compared(query.activity if isinstance(query, QueryActivity) else query)
        if not self.subjects:
            return Attribution(activity.origin, (), 1.0, ("the case knows no subject of this type yet",))
        terms = self._terms(activity)
        if not terms:
            note = "the query shows nothing that is compared; see `consilience kinds`"
            return Attribution(activity.origin, (), 1.0, (note, *notes))
        known, imitated = self._imitation_discounted(activity, self._pooled(terms))
        weight = self._weights(terms)
        order = np.lexsort((np.arange(len(known)), -weight, -known))
        removed: list[Removal] = []
        if explained and isinstance(query, QueryActivity):
            removed = self._removals(query, order[: max(explained, BROKEN_DOWN)], most_cited, terms)
        ranking = tuple(
            Ranked(
                self.subjects[place],
                round(float(known[place]), PLACES),
                float(weight[place] * DECIBANS),
                cited_reasons(removed, rank, self.subjects[place], self._holders) if rank < explained else (),
                self._parts(activity, place, terms) if rank < min(explained, BROKEN_DOWN) else (),
            )
            for rank, place in enumerate(order.tolist())
        )
        second = runner_up(ranking, removed, self._holders) if explained else None
        none = max(0.0, 1.0 - math.fsum([each.probability for each in ranking]))
        return Attribution(activity.origin, ranking, none, (*imitated, *notes), second)

    def _terms(self, activity: Activity) -> dict[int, LogOdds]:
        """What each engine that reads an activity gives, by its number."""
        engines = enumerate(calibrated.engine for calibrated in self._engines)
        return {number: engine.terms(activity) for number, engine in engines if engine.reads(activity)}

    def _removals(
        self, query: QueryActivity, subjects: Ints, most_cited: int, terms: dict[int, LogOdds]
    ) -> list[Removal]:
        """The observations worth citing for the first of some subjects, each with what it changes for all of them."""
        chosen = citations(query, self.subjects[subjects[0]], self._holders, most_cited)
        if not chosen:
            return []
        without = self._evidence([query.without(place) for place in chosen], subjects)
        changes = self._weights(terms, with_prior=False)[subjects] - without
        return [Removal(*query.observed[place], change) for place, change in zip(chosen, changes, strict=True)]

    def _imitation_discounted(self, activity: Activity, known: Floats) -> tuple[Floats, tuple[str, ...]]:
        """The probabilities, less sure of the first where its own indicators could have been planted; and a note."""
        first = int(np.argmax(known))
        rest = without_own_indicators(activity, self.subjects[first], self._holders)
        terms = self._terms(rest) if rest else {}
        if rest is None or not terms:
            return known, ()
        found = imitation_discount(activity, rest, self._pooled(terms), first, self.subjects)
        return discounted(known, first, found.part), ((found.note,) if found.note else ())

    def _compared(self, whole: Activity) -> tuple[Activity, tuple[str, ...]]:
        """An activity without the tools that link nobody, and a note on each of them."""
        reasons = {trait: self._commonplace(*trait) for trait in whole.traits if trait[0] in TOOL_TYPES}
        notes = tuple(f"{value} weighs nothing: {why}" for (_, value), why in sorted(reasons.items()) if why)
        return replace(whole, traits=tuple(each for each in whole.traits if not reasons.get(each))), notes

    def _evidence(self, wholes: Sequence[Activity], subjects: Ints) -> Floats:
        """What queries of one source weigh for some subjects, priors left out: they stay when an observation goes."""
        queries, total = [self._compared(whole)[0] for whole in wholes], np.zeros((len(wholes), len(subjects)))
        for places, calibrated in zip(self._places, self._engines, strict=True):
            read = [row for row, query in enumerate(queries) if calibrated.engine.reads(query)]
            own, columns = _shared(places, subjects)
            if read and own:
                total[np.ix_(read, columns)] += calibrated.engine.evidence([queries[row] for row in read], own)
        return total

    def _pooled(self, terms: dict[int, LogOdds]) -> Floats:
        """The probabilities of all known subjects; what they leave is none of these."""
        count = len(self.subjects)
        log_odds = np.full(count + 1, math.log(PRIOR_KNOWN / count))
        log_odds[-1] = math.log(1 - PRIOR_KNOWN)
        prior = log_odds.copy()
        for number, each in terms.items():
            found = self._engines[number].rule(each)
            known = np.maximum(found.known, np.finfo(float).tiny)
            row = np.full(count + 1, math.log(float(known.min())))
            row[self._places[number]] = np.log(known)
            row[-1] = math.log(max(found.none, np.finfo(float).tiny))
            log_odds += row - prior
        odds = np.exp(log_odds - log_odds.max())
        odds /= odds.sum()
        return np.asarray(odds[:-1])

    def _weights(self, terms: dict[int, LogOdds], with_prior: bool = True) -> Floats:
        """The log-odds of all known subjects, engines and priors summed; who an engine does not know has none."""
        total = np.zeros(len(self.subjects))
        for number, each in terms.items():
            total[self._places[number]] += each.weight + each.prior if with_prior else each.weight
        return total

    def _parts(self, query: Activity, subject: int, terms: dict[int, LogOdds]) -> tuple[Reason, ...]:
        """The strongest items of a subject's weight, the prior as one of them; they sum to the weight."""
        found: list[Reason] = []
        for number, each in terms.items():
            here = np.flatnonzero(self._places[number] == subject)
            if not len(here):
                continue
            place = int(here[0])
            engine = self._engines[number].engine
            items = engine.reasons(query, place, PARTS)
            rest = float(each.weight[place]) * DECIBANS - math.fsum(item.weight for item in items)
            found += items
            if abs(rest) > _NEGLIGIBLE:
                found.append(Reason("rest", (engine.name,), rest, "weaker items together"))
            prior = float(each.prior[place]) * DECIBANS
            if prior:
                what = "how much is known of it, whatever was asked"
                found.append(Reason("prior", (engine.name,), prior, what))
        return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.kind, reason.values)))


def _shared(places: Ints, subjects: Ints) -> tuple[list[int], list[int]]:
    """The numbers that an engine has for some subjects, and the columns of these subjects; who it does not know is out.

    `places` are the numbers of the engine's subjects among all.
    """
    own = {int(place): number for number, place in enumerate(places)}
    columns = [column for column, subject in enumerate(subjects.tolist()) if subject in own]
    return [own[int(subjects[column])] for column in columns], columns
