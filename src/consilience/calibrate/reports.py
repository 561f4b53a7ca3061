"""Fits the engine for reports: the weights of its parts on ranking, then the rule for none of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.engine import LogOdds
from consilience.attribute.open_set import SoftmaxOpenSet, candidates
from consilience.attribute.reports import PARTS, ReportsEngine, ReportsModel, prepare
from consilience.calibrate.logit import Choice, fitted_weights
from consilience.calibrate.rounds import Round
from consilience.model.arrays import Floats

RIDGE = 10.0
OPEN_RIDGE = 2.0
FEATURES = ("margin", "all", "before")
"""What the rule for none of these looks at; chosen on rounds up to ATT&CK 11.3."""

ASKED_AGAIN = 0.2
"""How much a question counts that is asked again with its answer taken out, so that none of these is right."""


@dataclass(frozen=True, slots=True)
class _PreparedQuestion:
    """A question with the parts of its log-odds; `right` is the place of the answer, -1 for none of these."""

    engine: ReportsEngine
    query: Activity
    parts: Floats
    right: int


def fit_reports(
    rounds: Sequence[Round],
    names: Mapping[str, str] | None = None,
    shape: ReportsModel | None = None,
    features: Sequence[str] = FEATURES,
) -> ReportsModel:
    """The model fitted on these rounds: questions with a known answer fit the weights, all fit the open set.

    `shape` gives what is not fitted. Deterministic.
    """
    start = shape or ReportsModel()
    asked = [each for one in rounds for each in _prepared(one, start, names or {})]
    choices = [Choice(each.parts, each.right) for each in asked if each.right >= 0]
    weights = fitted_weights(choices, RIDGE, [True] * len(PARTS))
    near, software, technique, size = (float(weight) for weight in weights)
    model = replace(start, near=near, software=software, technique=technique, size=size)
    judged = [(each.engine.refitted(model).weighted(each.query, each.parts), each.right) for each in asked]
    return replace(model, open_set=fit_open_set(judged, features))


def fit_open_set(
    judged: Sequence[tuple[LogOdds, int]], features: Sequence[str], ridge: float = OPEN_RIDGE
) -> SoftmaxOpenSet:
    """The rule for none of these under which the right answers are likeliest.

    `judged` holds the terms of each question and the place of its answer, -1 for none of these. Each question with
    an answer is asked once more as if its answer were not known, which shows what the same query looks like then.
    The scale is drawn towards 1 and the coefficients towards 0.
    """
    choices = []
    for terms, right in judged:
        rows = candidates(terms, features)
        choices.append(Choice(rows, right if right >= 0 else len(rows) - 1))
        if right >= 0 and len(terms.weight) > 1:
            weight, prior = np.delete(terms.weight, right), np.delete(terms.prior, right)
            rows = candidates(LogOdds(weight, prior, terms.features), features)
            choices.append(Choice(rows, len(rows) - 1, ASKED_AGAIN))
    bounded = [True] + [False] * (1 + len(features))
    numbers = fitted_weights(choices, ridge, bounded, [1.0] + [0.0] * (1 + len(features)))
    scale, intercept, *slopes = (float(number) for number in numbers)
    return SoftmaxOpenSet(scale, intercept, dict(zip(features, slopes, strict=True)))


def _prepared(one: Round, shape: ReportsModel, names: Mapping[str, str]) -> list[_PreparedQuestion]:
    engine = prepare(one.known, one.tools, shape, names)
    place = {subject: number for number, subject in enumerate(engine.subjects)}
    found = []
    for asked in one.questions:
        if not asked.answer or asked.answer in place:
            right = place[asked.answer] if asked.answer else -1
            found.append(_PreparedQuestion(engine, asked.query, engine.parts(asked.query), right))
    return found
