"""Whether the nearest family is the right one at all: the rule fitted, and judged on projects it was not fitted on.

Each query is asked twice: with its family known, and with its family left out. The rule learns from the newest and the
second newest version of each project, and is judged on the newest alone. Folds are by project; the probability from
which on an answer is given comes from folds within the training projects, and never from what it is judged on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from benchmarks.samples.corpus import File

from consilience.attribute.code import Kinship, LineageRule
from consilience.attribute.code.calibrated import rule_terms
from consilience.attribute.code.kinship import FamilySimilarity

FOLDS, RIDGE = 5, 0.1
FALSE_ALARMS = 0.045
"""What the threshold is set to on the training projects; one in twenty is what may come of it on others."""

TEMPERATURES = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)


@dataclass(frozen=True)
class LeftOutQuestion:
    """A query with its likeness to all families, and to all but its own; `right` tells whether the first is its own."""

    family: str
    place: int
    newest: bool
    present: FamilySimilarity
    absent: FamilySimilarity

    @property
    def right(self) -> bool:
        return int(np.argmax(self.present.families)) == self.place


def asked(files: list[File], views: dict[str, tuple[str, ...]]) -> dict[str, list[LeftOutQuestion]]:
    """The queries by view: the newest version against all older ones, the second newest against all others."""
    found: dict[str, list[LeftOutQuestion]] = {name: [] for name in views}
    for rank in (0, 1):
        known = (
            [each for each in files if each.rank != rank and each.rank > 0]
            if rank
            else [f for f in files if f.rank > 0]
        )
        kinship, projects = Kinship([each.sample for each in known]), {each.project for each in known}
        queries = [each for each in files if each.rank == rank and each.project in projects]
        for family in sorted({each.family for each in queries}):
            without, place = kinship.without(family), kinship.families.index(family)
            for each in (each for each in queries if each.family == family):
                told, untold = kinship.cosines(each.profile), without.cosines(each.profile)
                for name, channels in views.items():
                    present = kinship.similarity(each.profile, channels, told)
                    absent = without.similarity(each.profile, channels, untold)
                    found[name].append(LeftOutQuestion(family, place, rank == 0, present, absent))
    return found


def fitted(rows: list[LeftOutQuestion]) -> LineageRule:
    """The rule of these rows, which answers from the probability on that few unknown families reach out of fold."""
    plain = _bare(rows)
    alarms = []
    for fold in range(FOLDS):
        inner = _bare([row for row in rows if fold_of(row.family, "inner") != fold])
        alarms += [inner.known(row.absent) for row in rows if fold_of(row.family, "inner") == fold]
    alarms.sort(reverse=True)
    return LineageRule(plain.weights, plain.temperature, round(alarms[int(FALSE_ALARMS * len(alarms))] + 1e-6, 6))


def judged(rows: list[LeftOutQuestion], turn: str = "") -> dict[str, float]:
    """Recall and false alarms out of fold, the mean error of the probabilities, and how sharp they are (Brier)."""
    right, alarms, told = [], [], []
    for fold in range(FOLDS):
        rule = fitted([row for row in rows if fold_of(row.family, turn) != fold])
        for row in (row for row in rows if row.newest and fold_of(row.family, turn) == fold):
            right.append(row.right and rule.known(row.present) >= rule.answered)
            alarms.append(rule.known(row.absent) >= rule.answered)
            told += [(rule.known(row.present), row.right), (rule.known(row.absent), False)]
    probabilities, truth = (
        np.array([each for each, _ in told]),
        np.array([each for _, each in told], dtype=float),
    )
    bins = np.minimum((probabilities * 10).astype(int), 9)
    error = sum(abs(probabilities[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    brier = float(((probabilities - truth) ** 2).mean())
    return {"recall": float(np.mean(right)), "alarms": float(np.mean(alarms)), "error": float(error), "brier": brier}


def fold_of(family: str, turn: str) -> int:
    return int(hashlib.sha256((turn + family).encode()).hexdigest(), 16) % FOLDS


def _bare(rows: list[LeftOutQuestion]) -> LineageRule:
    values = np.array([rule_terms(each) for row in rows for each in (row.present, row.absent)])
    truth = np.array([each for row in rows for each in (row.right, False)], dtype=float)
    weights = tuple(round(float(each), 6) for each in _logistic(values, truth))
    return LineageRule(weights, min(TEMPERATURES, key=lambda each: _surprise(rows, each)), 0.0)


def _logistic(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Weights of a logistic rule, the first of a constant; the ridge is on the others, in units of their spread."""
    mean, spread = values[:, 1:].mean(axis=0), values[:, 1:].std(axis=0)
    scaled = np.column_stack((np.ones(len(values)), (values[:, 1:] - mean) / spread))
    ridge = np.diag([1e-6] + [RIDGE] * len(mean))
    weights = np.zeros(scaled.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        bend = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + ridge
        weights = weights + np.linalg.solve(bend, scaled.T @ (truth - chance) - ridge @ weights)
    told = weights[1:] / spread
    return np.concatenate(([weights[0] - told @ mean], told))


def _surprise(rows: list[LeftOutQuestion], temperature: float) -> float:
    total = 0.0
    for row in rows:
        odds = np.exp((row.present.families - row.present.families.max()) / temperature)
        total -= float(np.log(max(odds[row.place] / odds.sum(), 1e-9)))
    return total
