"""From the engines' log-odds to one answer: every known subject with a probability, and none of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from consilience.attribute.activity import Activity
from consilience.attribute.engine import Engine, Terms
from consilience.attribute.open_set import OpenSet, chances
from consilience.model.attribution import Attribution, Ranked, Reason

Floats = NDArray[np.float64]

DECIBANS = 10 / math.log(10)
PLACES = 9
KNOWN_BEFOREHAND = 0.7
"""The part of all activities that is a known subject's; it matters only where several engines answer at once."""


@dataclass(frozen=True, slots=True)
class Rater:
    """An engine and the fitted rule that turns its log-odds into probabilities."""

    engine: Engine
    rule: OpenSet


class Attributor:
    """Ranks the known subjects of a case for an activity. `subjects` are their full names, sorted."""

    def __init__(self, raters: Sequence[Rater]) -> None:
        self._raters = tuple(rater for rater in raters if rater.engine.subjects)
        self.subjects = tuple(sorted({key for rater in self._raters for key in rater.engine.subjects}))
        place = {key: number for number, key in enumerate(self.subjects)}
        self._places = [np.array([place[key] for key in rater.engine.subjects]) for rater in self._raters]

    def attribution(self, query: Activity, explained: int = 5, reasons: int = 8) -> Attribution:
        """The ranking of every known subject for a query, the first ones with their reasons.

        Where several engines read the query, their answers are taken as independent: the odds against what was
        likely beforehand multiply. Weights are the sums of the named reasons, in decibans.
        """
        if not self.subjects:
            return Attribution(query.origin, (), 1.0, ("the case knows no subject of this type yet",))
        used = [number for number, rater in enumerate(self._raters) if rater.engine.reads(query)]
        if not used:
            note = "the query shows nothing that is compared; see `consilience kinds`"
            return Attribution(query.origin, (), 1.0, (note,))
        terms = {number: self._raters[number].engine.terms(query) for number in used}
        known = self._pooled(terms)
        weight = self._weights(terms)
        order = np.lexsort((np.arange(len(known)), -weight, -known))
        ranking = tuple(
            Ranked(
                self.subjects[place],
                round(float(known[place]), PLACES),
                float(weight[place]) * DECIBANS,
                self._reasons(query, int(place), terms, reasons) if rank < explained else (),
            )
            for rank, place in enumerate(order)
        )
        return Attribution(query.origin, ranking, max(0.0, 1.0 - math.fsum(each.probability for each in ranking)))

    def _pooled(self, terms: dict[int, Terms]) -> Floats:
        """The probabilities of all known subjects; what they leave is none of these."""
        count = len(self.subjects)
        log_odds = np.full(count + 1, math.log(KNOWN_BEFOREHAND / count))
        log_odds[-1] = math.log(1 - KNOWN_BEFOREHAND)
        prior = log_odds.copy()
        for number, each in terms.items():
            found = chances(each, self._raters[number].rule)
            known = np.maximum(found.known, np.finfo(float).tiny)
            row = np.full(count + 1, math.log(float(known.min())))
            row[self._places[number]] = np.log(known)
            row[-1] = math.log(max(found.none, np.finfo(float).tiny))
            log_odds += row - prior
        odds = np.exp(log_odds - log_odds.max())
        odds /= odds.sum()
        return np.asarray(odds[:-1])

    def _weights(self, terms: dict[int, Terms]) -> Floats:
        """The log-odds of all known subjects, engines and priors summed; who an engine does not know has none."""
        total = np.zeros(len(self.subjects))
        for number, each in terms.items():
            total[self._places[number]] += each.weight + each.prior
        return total

    def _reasons(self, query: Activity, subject: int, terms: dict[int, Terms], most: int) -> tuple[Reason, ...]:
        """The strongest items of a subject's weight, the prior as one of them; they sum to the weight."""
        found: list[Reason] = []
        for number, each in terms.items():
            here = np.flatnonzero(self._places[number] == subject)
            if not len(here):
                continue
            place = int(here[0])
            found += self._raters[number].engine.because(query, place, most)
            prior = float(each.prior[place]) * DECIBANS
            if prior:
                what = "how much is known of it, whatever was asked"
                found.append(Reason("prior", (self._raters[number].engine.name,), prior, what))
        return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.kind, reason.values)))
