"""What each group is worth: the same questions asked again without it, and how far that could be chance.

`of_attribution` leaves out the terms of an engine, the other weights as they are · `of_positions` leaves out all
observations of a group of kinds from golden cases. A cost is what is lost; its interval of 95 % draws whole subjects,
or whole cases, again, the same for both sides of the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np

from consilience.attribute import Attributor, Models
from consilience.attribute.activity import Activity
from consilience.attribute.reports import ReportsModel
from consilience.calibrate.golden import outcomes
from consilience.calibrate.measures import resamples
from consilience.calibrate.rolling import AnsweredQuestion, rolling_answers
from consilience.model.errors import UnknownName
from consilience.model.protocols import Progress
from consilience.read import GoldenCase
from consilience.vocab import Vocabulary

DRAWS = 1000
MOST = 300
"""So many questions, evenly taken, are asked again for each group."""

REPORT_PARTS = ("near", "software", "technique", "size")
INDICATOR_TERMS = ("profile", "nearest", "rarest", "discriminant", "prior")


class AttributorFactory(Protocol):
    """Makes the attributor over known activities and tools that answers with some models."""

    def __call__(self, known: Sequence[Activity], tools: Sequence[Activity], models: Models) -> Attributor:
        """The attributor."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """A figure without one group, what the group is worth (`cost`, with its interval), and among how many."""

    without: str
    value: float
    cost: float
    low: float
    high: float
    count: int


def without_each(models: Models) -> dict[str, Models]:
    """The models with the terms of one group at a time weighing nothing; groups that weigh nothing are left out."""
    found = {
        f"reports: {part}": replace(models, reports=_without(models.reports, part))
        for part in REPORT_PARTS
        if getattr(models.reports, part)
    }
    for family in INDICATOR_TERMS:
        weights = models.indicators.weights
        left = {name: weight for name, weight in weights.items() if name.split(" ")[0] != family}
        if len(left) < len(weights):
            found[f"indicators: {family}"] = replace(models, indicators=replace(models.indicators, weights=left))
    return found


def _without(model: ReportsModel, part: str) -> ReportsModel:
    return ReportsModel.from_record({**model.as_record(), part: 0.0})


def of_attribution(
    known: Sequence[Activity],
    tools: Sequence[Activity],
    prepared: AttributorFactory,
    models: Models,
    rounds: int,
    progress: Progress | None = None,
) -> list[Ablation]:
    """The mean reciprocal rank of known subjects without each group of terms; empty where nothing can be asked."""
    groups = {"(nothing)": models, **without_each(models)}
    ranks: dict[str, list[float]] = {}
    asked: list[AnsweredQuestion] = []
    for place, (name, some) in enumerate(groups.items()):
        answers = rolling_answers(known, tools, partial(prepared, models=some), rounds, most=MOST)
        asked = [each for each in answers if each.answer]
        ranks[name] = [1 / each.rank for each in asked]
        if progress:
            progress(place + 1, len(groups))
    return _costs(ranks, [each.answer for each in asked]) if asked else []


def of_positions(
    cases: Sequence[GoldenCase], vocabulary: Vocabulary, progress: Progress | None = None
) -> list[Ablation]:
    """The part of the expectations of golden cases that is met without each group of kinds."""
    group = {name: kind.group for name, kind in vocabulary.kinds.items()}
    names = _groups_shown(cases, group)
    whole = {case.id: _met(case) for case in cases}
    met = {"(nothing)": whole}
    for place, name in enumerate(names):
        met[name] = {case.id: _met_without(case, group, name, whole[case.id]) for case in cases}
        if progress:
            progress(place + 1, len(names))
    owners = [case.id for case in cases for _ in whole[case.id]]
    return _costs({name: _flat(rows.values()) for name, rows in met.items()}, owners)


def _groups_shown(cases: Iterable[GoldenCase], group: Mapping[str, str]) -> list[str]:
    """The groups of all kinds that the cases show, sorted."""
    shown = {seen.trait.kind for case in cases for seen in case.observations}
    return sorted({group[kind] for kind in shown & group.keys()})


def _met_without(case: GoldenCase, group: Mapping[str, str], name: str, whole: list[float]) -> list[float]:
    """For each expectation whether it is met without a group of kinds; `whole` where the case has none of them."""
    left = tuple(seen for seen in case.observations if group.get(seen.trait.kind) != name)
    return _met(replace(case, observations=left)) if len(left) < len(case.observations) else whole


def _met(case: GoldenCase) -> list[float]:
    """For each expectation whether it is met; a side of which nothing is left meets none."""
    wanted = sum(
        len(dict(each.axes)) + (each.level is not None) + (each.tracking is not None) for each in case.expectations
    )
    try:
        return [float(each.met) for each in outcomes(case)]
    except UnknownName:
        return [0.0] * wanted


def _flat(rows: Iterable[Sequence[float]]) -> list[float]:
    return [value for row in rows for value in row]


def _costs(values: Mapping[str, Sequence[float]], owners: Sequence[str]) -> list[Ablation]:
    """One row for each group, the first without any; those that cost most stand first."""
    drawn = resamples(owners, DRAWS)
    base = np.array(values["(nothing)"])
    rows = []
    for name, found in values.items():
        lost = base - np.array(found)
        low, high = np.percentile([lost[at].mean() for at in drawn], [2.5, 97.5])
        rows.append(Ablation(name, float(np.mean(found)), float(lost.mean()), float(low), float(high), len(owners)))
    return [rows[0], *sorted(rows[1:], key=lambda row: (-row.cost, row.without))]
