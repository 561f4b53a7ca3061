"""The judgement: rival hypotheses with probabilities and words, robustness, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consilience.model.digest import digest
from consilience.model.evidence import Evidence, Weights
from consilience.model.hypothesis import Hypothesis
from consilience.model.observation import Observation
from consilience.model.outlook import Conflict, LookFor, MatrixRow, Robustness, SecondHypothesis, WeakestEdge, Withheld
from consilience.model.relation import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """Analytic confidence (low, moderate, high) and which limits hold it there; never a likelihood."""

    level: str
    limited_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of an assessment and the ids of the evidence or axes its words and numbers come from."""

    text: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything concluded about a pair as of a date, pinned to a snapshot, a version and a vocabulary.

    `robustness`, `runner_up`, `weakest_edge`, `would_decide`, `withheld`, `conflicts` and `matrix` hold plain JSON
    values (`model/outlook.py`). `observations` are those the evidence rests on, so that every number can be walked
    to its sentence without the case.
    """

    relation: Relation
    tracking: str
    tracking_because: str
    hypotheses: tuple[Hypothesis, ...]
    words: Mapping[str, str]
    confidence: Confidence
    matrix: tuple[MatrixRow, ...]
    robustness: Robustness
    runner_up: SecondHypothesis
    weakest_edge: WeakestEdge
    would_decide: tuple[LookFor, ...]
    sentences: tuple[Sentence, ...]
    withheld: tuple[Withheld, ...]
    conflicts: tuple[Conflict, ...]
    provenance: Mapping[str, Any]
    observations: Mapping[str, Observation]

    @property
    def id(self) -> str:
        """The id of this assessment: the same for the same pair, snapshot, code and parameters."""
        return "as-" + digest([self.relation.a, self.relation.b, self.relation.as_of, dict(self.provenance)])[:20]

    def as_record(self) -> dict[str, Any]:
        """The assessment as a JSON document (docs/reference/assessment.md); weights in decibans with three places."""
        relation = self.relation
        return {
            "id": self.id,
            "a": relation.a,
            "b": relation.b,
            "as_of": relation.as_of,
            "level": relation.level,
            "level_because": relation.level_because,
            "carried_by": relation.carried_by,
            "tracking": self.tracking,
            "tracking_because": self.tracking_because,
            "axes": {
                name: {
                    "position": view.position,
                    "probabilities": dict(view.probabilities),
                    "prior": dict(view.prior),
                    "weights": {hypothesis: value / 1000 for hypothesis, value in view.totals.items()},
                    "words": self.words[name],
                    "because": view.because,
                }
                for name, view in relation.axes.items()
            },
            "hypotheses": [
                {
                    "axis": rival.axis,
                    "name": rival.name,
                    "account": rival.account,
                    "probability": rival.probability,
                    "word": rival.word,
                    "inconsistency": rival.inconsistency,
                    "rank": rival.rank,
                }
                for rival in self.hypotheses
            ],
            "confidence": {"level": self.confidence.level, "limited_by": list(self.confidence.limited_by)},
            "evidence": [evidence_record(item) for item in relation.evidence],
            "matrix": [dict(row) for row in self.matrix],
            "robustness": dict(self.robustness),
            "runner_up": dict(self.runner_up),
            "weakest_edge": dict(self.weakest_edge),
            "would_decide": [dict(row) for row in self.would_decide],
            "sentences": [{"text": line.text, "rests_on": list(line.rests_on)} for line in self.sentences],
            "withheld": [dict(row) for row in self.withheld],
            "conflicts": [dict(row) for row in self.conflicts],
            "provenance": dict(self.provenance),
            "observations": {key: seen.as_record() for key, seen in sorted(self.observations.items())},
        }


def evidence_record(item: Evidence) -> dict[str, Any]:
    """An evidence item as JSON: `weights`, `counted` and `removal` in decibans per axis and hypothesis."""
    rarity = item.rarity
    return {
        "id": item.id,
        "kind": item.kind,
        "values": list(item.values),
        "form": item.form,
        "group": item.group,
        "forging": item.forging,
        "grade": item.grade,
        "origin": list(item.origins),
        "weights": _decibans(item.weights),
        "counted": _decibans(item.counted),
        "removal": _decibans(item.removal),
        "rarity": None
        if rarity is None
        else {
            "holders": rarity.holders,
            "population": rarity.population,
            "corpus": rarity.corpus,
            "share": round(rarity.share, 6),
        },
        "public": item.public,
        "conflict": item.conflict,
        "notes": list(item.notes),
        "why": item.why,
        "because": item.because,
        "observations": list(item.observations),
    }


def _decibans(weights: Weights) -> dict[str, dict[str, float]]:
    return {axis: {name: value / 1000 for name, value in row.items()} for axis, row in weights.items()}
