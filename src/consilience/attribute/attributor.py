"""From the engines' log-odds to one answer: every known subject with a probability, and none of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.citations import Removed, because, cited, runner_up
from consilience.attribute.engine import Engine, Terms
from consilience.attribute.imitation import apart, doubt, doubted
from consilience.attribute.known import Asked
from consilience.attribute.open_set import KNOWN_BEFOREHAND, Chances
from consilience.model.arrays import Floats, Ints
from consilience.model.attribution import Attribution, Ranked, Reason
from consilience.model.subject import TOOL_TYPES
from consilience.model.units import DECIBANS

PLACES = 9
PARTS = 8
TAKEN_APART = 2
"""Of so many subjects the parts are named: of the first, and of the one that follows it."""

NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Rater:
    """An engine and the fitted rule that turns its log-odds into probabilities."""

    engine: Engine
    rule: Callable[[Terms], Chances]


class Attributor:
    """Ranks the known subjects of a case for an activity. `subjects` are their full names, sorted.

    `holders` says which subjects show a trait; it chooses which observations are worth citing. `nothing` says why a
    tool links nobody, or nothing: what it names is left out of every comparison.
    """

    def __init__(
        self,
        raters: Sequence[Rater],
        holders: Mapping[tuple[str, str], frozenset[str]] | None = None,
        nothing: Callable[[str, str], str] = lambda kind, value: "",
    ) -> None:
        self._nothing = nothing
        self._raters = tuple(rater for rater in raters if rater.engine.subjects)
        self._holders = holders or {}
        self.subjects = tuple(sorted({key for rater in self._raters for key in rater.engine.subjects}))
        place = {key: number for number, key in enumerate(self.subjects)}
        self._places = [np.array([place[key] for key in rater.engine.subjects]) for rater in self._raters]

    def attribution(self, query: Activity | Asked, explained: int = 5, most_cited: int = 5) -> Attribution:
        """The ranking of every known subject for a query; the first `explained` of them with their reasons.

        Where several engines read the query, their answers are taken as independent: the odds against what was
        likely beforehand multiply. The first is less sure where what it is known to show could have been planted on a
        query that is otherwise another's (`repeated`). At most `most_cited` observations are cited, each with what its
        removal changes; only an `Asked` knows its observations. The parts that sum to the weight are named for the
        first two.
        """
        whole = query.activity if isinstance(query, Asked) else query
        activity, notes = self._telling(whole)
        if not self.subjects:
            return Attribution(activity.origin, (), 1.0, ("the case knows no subject of this type yet",))
        used = [number for number, rater in enumerate(self._raters) if rater.engine.reads(activity)]
        if not used:
            note = "the query shows nothing that is compared; see `consilience kinds`"
            return Attribution(activity.origin, (), 1.0, (note, *notes))
        terms = {number: self._raters[number].engine.terms(activity) for number in used}
        known, said = self._doubted(activity, self._pooled(terms))
        notes, weight = (*said, *notes), self._weights(terms)
        order = np.lexsort((np.arange(len(known)), -weight, -known))
        removed: list[Removed] = []
        if explained and most_cited and isinstance(query, Asked):
            chosen = cited(query, self.subjects[order[0]], self._holders, most_cited)
            asked_about = order[: max(explained, TAKEN_APART)]
            left = self._evidence([query.without(place) for place in chosen], asked_about)
            changes = self._weights(terms, with_prior=False)[asked_about] - left
            removed = [Removed(*query.pieces[place], change) for place, change in zip(chosen, changes, strict=True)]
        rows = zip(order.tolist(), known[order].tolist(), (weight[order] * DECIBANS).tolist(), strict=True)
        ranking = tuple(
            Ranked(
                self.subjects[place],
                round(probability, PLACES),
                decibans,
                because(removed, rank, self.subjects[place], self._holders) if rank < explained else (),
                self._parts(activity, place, terms) if rank < min(explained, TAKEN_APART) else (),
            )
            for rank, (place, probability, decibans) in enumerate(rows)
        )
        second = runner_up(ranking, removed, self._holders) if explained else None
        none = max(0.0, 1.0 - math.fsum([each.probability for each in ranking]))
        return Attribution(activity.origin, ranking, none, notes, second)

    def _doubted(self, activity: Activity, known: Floats) -> tuple[Floats, tuple[str, ...]]:
        """The probabilities, less sure of the first where its own indicators could have been planted; and a note."""
        first = int(np.argmax(known))
        rest = apart(activity, self.subjects[first], self._holders)
        used = [number for number, rater in enumerate(self._raters) if rest and rater.engine.reads(rest)]
        if rest is None or not used:
            return known, ()
        alone = self._pooled({number: self._raters[number].engine.terms(rest) for number in used})
        found = doubt(activity, rest, alone, first, self.subjects)
        return doubted(known, first, found.part), ((found.note,) if found.note else ())

    def _telling(self, whole: Activity) -> tuple[Activity, tuple[str, ...]]:
        """An activity without the tools that link nobody, and a note on each of them."""
        reasons = {trait: self._nothing(*trait) for trait in whole.traits if trait[0] in TOOL_TYPES}
        notes = tuple(f"{value} weighs nothing: {why}" for (_, value), why in sorted(reasons.items()) if why)
        return replace(whole, traits=tuple(each for each in whole.traits if not reasons.get(each))), notes

    def _evidence(self, wholes: Sequence[Activity], subjects: Ints) -> Floats:
        """What queries of one source weigh for some subjects, priors left out: they stay when an observation goes."""
        queries, total = [self._telling(whole)[0] for whole in wholes], np.zeros((len(wholes), len(subjects)))
        for places, rater in zip(self._places, self._raters, strict=True):
            read = [line for line, query in enumerate(queries) if rater.engine.reads(query)]
            found = [(column, np.flatnonzero(places == subject)) for column, subject in enumerate(subjects)]
            here = {column: int(place[0]) for column, place in found if len(place)}
            if read and here:
                weights = rater.engine.evidence([queries[line] for line in read], list(here.values()))
                total[np.ix_(read, list(here))] += weights
        return total

    def _pooled(self, terms: dict[int, Terms]) -> Floats:
        """The probabilities of all known subjects; what they leave is none of these."""
        count = len(self.subjects)
        log_odds = np.full(count + 1, math.log(KNOWN_BEFOREHAND / count))
        log_odds[-1] = math.log(1 - KNOWN_BEFOREHAND)
        prior = log_odds.copy()
        for number, each in terms.items():
            found = self._raters[number].rule(each)
            known = np.maximum(found.known, np.finfo(float).tiny)
            row = np.full(count + 1, math.log(float(known.min())))
            row[self._places[number]] = np.log(known)
            row[-1] = math.log(max(found.none, np.finfo(float).tiny))
            log_odds += row - prior
        odds = np.exp(log_odds - log_odds.max())
        odds /= odds.sum()
        return np.asarray(odds[:-1])

    def _weights(self, terms: dict[int, Terms], with_prior: bool = True) -> Floats:
        """The log-odds of all known subjects, engines and priors summed; who an engine does not know has none."""
        total = np.zeros(len(self.subjects))
        for number, each in terms.items():
            total[self._places[number]] += each.weight + each.prior if with_prior else each.weight
        return total

    def _parts(self, query: Activity, subject: int, terms: dict[int, Terms]) -> tuple[Reason, ...]:
        """The strongest items of a subject's weight, the prior as one of them; they sum to the weight."""
        found: list[Reason] = []
        for number, each in terms.items():
            here = np.flatnonzero(self._places[number] == subject)
            if not len(here):
                continue
            place = int(here[0])
            engine = self._raters[number].engine
            items = engine.because(query, place, PARTS)
            rest = float(each.weight[place]) * DECIBANS - math.fsum(item.weight for item in items)
            found += items
            if abs(rest) > NOTHING:
                found.append(Reason("rest", (engine.name,), rest, "weaker items together"))
            prior = float(each.prior[place]) * DECIBANS
            if prior:
                what = "how much is known of it, whatever was asked"
                found.append(Reason("prior", (engine.name,), prior, what))
        return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.kind, reason.values)))
