"""Fits the engine for indicators: each half-year is asked of the case as it stood before, never with what came later.

`folds` the half-years · `fit_weights` one weight per term · `fit_indicators` weights and open set together. The open
set is calibrated with weights that were fitted on other times, unknown actors included: whether a subject is known on
each half-year, whether the first is right on each year, because a case is asked until it is refreshed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consilience.attribute.activity import Activity
from consilience.attribute.engine import LogOdds
from consilience.attribute.indicators.engine import NAMES, PreparedCase, weighed
from consilience.attribute.indicators.features import FeatureCounts, QueryFeatures, ReportFeatures, feature_counts
from consilience.attribute.indicators.model import IndicatorModel
from consilience.attribute.indicators.open_set import TwoStageOpenSet
from consilience.calibrate.logit import conditional_logit, logistic_curve
from consilience.model.arrays import Flags, Floats, Ints
from consilience.vocab import Vocabulary

HALF_YEAR = 183
YEAR = 2 * HALF_YEAR
LEAST_REPORTS = 200
LEAST_TRAITS = 3
SKIPPED = 2
"""The open set is not calibrated on the first half-years, when few actors were known."""

LEAST_PRESENCE = 0.02
"""A term that is 0 for nearly all queries gets no weight: what it would learn is those few answers by heart."""

RARITY = 0.5
"""A query counts as (queries of its subject)^-RARITY, so that the biggest actors do not decide alone."""

KNOWN_BY = (
    *("share", "margin", "stands out", "evidence", "nearest", "discriminant", "hosts", "reports of best"),
    *("cover host:4-gram", "recognised"),
)
FIRST_BY = ("share", "margin", "nearest of best", "rarest of best", "discriminant", "reports of best", "hosts")
RIDGE_KNOWN = 10.0
RIDGE_FIRST = 1.0
"""What draws the slopes of the two curves to 0: unknown actors are so few that theirs need more."""

Answers = Sequence[tuple[LogOdds, bool, bool]]
"""For each query its log-odds, whether its subject was known, and whether it came first."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One half-year asked of the case before it: `right` is the place of each query's subject, -1 when not known;
    `recognition` how well the subjects of that case had been recognised."""

    day: int
    rows: QueryFeatures
    found: NDArray[np.float32]
    right: Ints
    recognition: Floats


def folds(reports: Sequence[FeatureCounts], horizon: int = HALF_YEAR) -> list[Fold]:
    """The half-years up to the last report, each asked of the reports up to its beginning.

    A query whose source is already in the case is left out, as are those of fewer than LEAST_TRAITS traits.
    """
    dated = sorted((each for each in reports if each.activity.day), key=attrgetter("activity"))
    days = np.array(sorted(each.activity.day for each in dated))
    if len(days) <= LEAST_REPORTS:
        return []
    found = []
    for start in reversed(range(int(days[-1]) - HALF_YEAR, int(days[LEAST_REPORTS]), -HALF_YEAR)):
        before = [each for each in reports if each.activity.day <= start]
        later = [each for each in dated if start < each.activity.day <= start + horizon]
        if asked := _queries(later, before):
            found.append(_fold(start, before, asked))
    return found


def _queries(later: Sequence[FeatureCounts], before: Sequence[FeatureCounts]) -> list[FeatureCounts]:
    """Later reports that can be asked about: with enough traits, and of a source that was not yet in the case."""
    origins = {each.activity.origin for each in before}
    return [each for each in later if each.activity.origin not in origins and len(each.activity.traits) >= LEAST_TRAITS]


def _fold(day: int, before: Sequence[FeatureCounts], asked: Sequence[FeatureCounts]) -> Fold:
    prepared = PreparedCase.of(ReportFeatures.of(before))
    place = {subject: number for number, subject in enumerate(prepared.case.subjects)}
    rows = prepared.rows(asked)
    right = np.array([place.get(each.activity.subject, -1) for each in asked], dtype=np.int64)
    return Fold(day, rows, prepared.terms(rows).astype(np.float32), right, prepared.discriminant.recognition)


def fit_weights(some: Sequence[Fold], ridge: float = 1.0, rarity: float = RARITY) -> dict[str, float]:
    """The weight of each term under which the known subjects of these half-years come first; 0 is left out."""
    chosen = [(fold, fold.right >= 0) for fold in some if (fold.right >= 0).any()]
    counts = _query_weights([_subjects(fold, known) for fold, known in chosen], rarity)
    terms: list[Any] = [fold.found[known] for fold, known in chosen]
    terms = _without_rare(terms)
    weights = conditional_logit(terms, [fold.right[known] for fold, known in chosen], counts, ridge)
    return {name: float(f"{weight:.6g}") for name, weight in zip(NAMES, weights, strict=True) if weight > 1e-6}


def _without_rare(terms: list[Any]) -> list[Any]:
    """The terms, those that are 0 for nearly all queries made 0 for all."""
    present = sum(each.any(axis=1).sum(axis=0) for each in terms) >= LEAST_PRESENCE * sum(len(each) for each in terms)
    return [each * present for each in terms]


def _subjects(fold: Fold, known: Flags) -> list[str]:
    """The subjects of the queries of a half-year whose subject was known."""
    return [each.activity.subject for each, is_known in zip(fold.rows.queries, known, strict=True) if is_known]


def _query_weights(subjects: Sequence[Sequence[str]], rarity: float) -> list[Floats]:
    """What each query counts, the less the more its subject is asked about; `subjects` are those of each half-year."""
    counted = Counter(chain.from_iterable(subjects))
    return [np.array([counted[subject] ** -rarity for subject in each]) for each in subjects]


def fit_indicators(activities: Iterable[Activity], vocabulary: Vocabulary) -> IndicatorModel:
    """The model for the activities of known subjects; nothing of them is used beyond its own date.

    Raises:
        ValueError: there are too few dated reports for two half-years of answers.
    """
    reports = [each for each in (feature_counts(activity, vocabulary) for activity in activities) if each.counts]
    return fit_over(folds(reports), folds(reports, YEAR))


def fit_over(some: Sequence[Fold], years: Sequence[Fold]) -> IndicatorModel:
    """The model for half-years, and for years from the same days, that were asked before."""
    elsewhere = weights_elsewhere(some)
    known, first = answers_elsewhere(some, elsewhere), answers_elsewhere(years, elsewhere)
    if not any(is_known and is_first for _, is_known, is_first in first):
        raise ValueError("too few dated reports to fit on: two half-years of known subjects are the least")
    return IndicatorModel(fit_weights(some), fit_open_set(known, first))


def weights_elsewhere(some: Sequence[Fold]) -> dict[int, dict[str, float]]:
    """For the first day of each half-year the weights fitted on those half-years that hold no query of its year."""
    days = [fold.day for fold in some[SKIPPED:]]
    return {day: fit_weights([each for each in some if not day <= each.day < day + YEAR]) for day in days}


def answers_elsewhere(asked: Sequence[Fold], elsewhere: Mapping[int, Mapping[str, float]]) -> Answers:
    """The answers to half-years or to years, each with weights that were fitted on none of its queries."""
    return [each for fold in asked if fold.day in elsewhere for each in answered(fold, elsewhere[fold.day])]


def answered(fold: Fold, weights: Mapping[str, float]) -> Answers:
    """For each query of a half-year its log-odds, whether its subject was known, and whether it came first."""
    found: Floats = fold.found.astype(np.float64)
    judged = weighed(found, fold.rows, weights, fold.recognition)
    return [
        (terms, bool(right >= 0), int((terms.weight + terms.prior).argmax()) == right)
        for terms, right in zip(judged, fold.right.tolist(), strict=True)
    ]


def fit_open_set(
    known: Answers, first: Answers, known_by: Sequence[str] = KNOWN_BY, first_by: Sequence[str] = FIRST_BY
) -> TwoStageOpenSet:
    """The two curves of the open set, each from its own answers to queries of known and of unknown subjects."""
    tried = [(terms, is_first) for terms, is_known, is_first in first if is_known]
    return TwoStageOpenSet(
        known=logistic_curve([t.features for t, *_ in known], [k for _, k, _ in known], known_by, RIDGE_KNOWN),
        first=logistic_curve([t.features for t, _ in tried], [f for _, f in tried], first_by, RIDGE_FIRST),
    )
