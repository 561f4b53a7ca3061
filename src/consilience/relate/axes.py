"""From totals to positions: probabilities on each axis, and the rule that gives or withholds a position."""

from __future__ import annotations

import math
from collections.abc import Sequence

from consilience.model.evidence import Evidence
from consilience.model.relation import UNDETERMINED, AxisView
from consilience.vocab import Axis, Vocabulary
from consilience.vocab.sentences import sentence
from consilience.vocab.tables import Vector

PLACES = 6


def views(
    totals: Vector, without_cheap: Vector, evidence: Sequence[Evidence], vocabulary: Vocabulary
) -> dict[str, AxisView]:
    """The view of every axis, from the totals (millidecibans) with and without the cheap traits."""
    found: dict[str, AxisView] = {}
    for name, (start, stop) in vocabulary.ranges.items():
        axis = vocabulary.axes[name]
        probabilities = posterior(axis, totals[start:stop])
        sober = posterior(axis, without_cheap[start:stop])
        position, because = _position(axis, probabilities, sober, evidence, vocabulary)
        found[name] = AxisView(
            axis=name,
            position=position,
            probabilities=probabilities,
            prior=dict(axis.priors),
            totals=dict(zip(axis.hypotheses, totals[start:stop], strict=True)),
            because=because,
        )
    return found


def posterior(axis: Axis, totals: Sequence[int]) -> dict[str, float]:
    """The probability of each hypothesis: prior times likelihood, to six places, summing to 1."""
    largest = max(totals)
    odds = [
        axis.priors[name] * 10 ** ((total - largest) / 10_000)
        for name, total in zip(axis.hypotheses, totals, strict=True)
    ]
    whole = sum(odds)
    rounded = [round(value / whole, PLACES) for value in odds]
    top = max(range(len(rounded)), key=lambda place: rounded[place])
    rounded[top] = round(rounded[top] + 1 - sum(rounded), PLACES)
    return dict(zip(axis.hypotheses, rounded, strict=True))


def log_odds(probability: float) -> float:
    """The log-odds of a probability in decibans, finite also at the ends."""
    kept = min(1 - 1e-9, max(1e-9, probability))
    return 10 * math.log10(kept / (1 - kept))


def _position(
    axis: Axis,
    probabilities: dict[str, float],
    sober: dict[str, float],
    evidence: Sequence[Evidence],
    vocabulary: Vocabulary,
) -> tuple[str, str]:
    """The position on an axis and why, by the rules of levels.toml."""
    rules = vocabulary.rules["position"]
    leading = max(axis.hypotheses, key=lambda name: probabilities[name])
    probability = probabilities[leading]
    if leading == axis.reference:
        if axis.name == "sincerity":
            return _genuine(probability, evidence, rules)
        if probability < rules["reference_least"]:
            return UNDETERMINED, sentence("positions.low", least=rules["reference_least"])
        if not _contrary(axis, evidence, rules["contrary"]):
            return UNDETERMINED, sentence("positions.no_contrary")
        return leading, sentence("positions.contrary", probability=probability)
    if probability < rules["least"]:
        return UNDETERMINED, sentence("positions.low", least=rules["least"])
    moved = log_odds(probability) - log_odds(axis.priors[leading])
    if moved < rules["moved"]:
        return UNDETERMINED, sentence("positions.moved_little", moved=moved)
    if max(sober, key=lambda name: sober[name]) != leading or sober[leading] < rules["without_cheap"]:
        return UNDETERMINED, sentence("positions.only_cheap")
    return leading, sentence("positions.held", probability=probability, moved=moved)


def _contrary(axis: Axis, evidence: Sequence[Evidence], least: float) -> bool:
    """Whether a stated item speaks against a relation on this axis by at least so many decibans."""
    return any(
        -value >= least * 1000
        for item in evidence
        if item.form in ("negative", "contrast", "claim", "comparison", "one-sided")
        for name, value in item.weights.get(axis.name, {}).items()
        if name != axis.reference
    )


def _genuine(probability: float, evidence: Sequence[Evidence], rules: dict[str, float]) -> tuple[str, str]:
    """Sincerity must be shown by what an imitator could not have."""
    groups: set[str] = set()
    for item in evidence:
        strongest = max((value for row in item.counted.values() for value in row.values()), default=0)
        if item.group in rules["genuine_groups"] and strongest >= rules["genuine_group_weight"] * 1000:  # type: ignore[operator]
            groups.add(item.group)
    if probability >= rules["genuine_least"] and len(groups) >= rules["genuine_group_count"]:
        return "genuine", sentence("positions.genuine", probability=probability, groups=sorted(groups))
    return UNDETERMINED, sentence("positions.not_genuine")
