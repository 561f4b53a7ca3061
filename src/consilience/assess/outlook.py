"""What stands behind the leader and what would decide: runner-up, weakest edge, what to collect, the ACH matrix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from consilience.model.evidence import Evidence
from consilience.model.hypothesis import Hypothesis
from consilience.model.outlook import Edge, LookFor, MatrixRow, SecondHypothesis, WeakestEdge
from consilience.model.relation import AxisView, Relation
from consilience.vocab import Axis, Kind, Vocabulary
from consilience.vocab.sentences import account, sentence

COLLECT = 5
CARRIES_PART = 0.25


def runner_up(relation: Relation) -> SecondHypothesis:
    """The second hypothesis of the axis the result stands on, and the item that separates the two most."""
    view = relation.axes[relation.carried_by or "operator"]
    first, second = sorted(view.probabilities, key=lambda name: -view.probabilities[name])[:2]
    apart = max(
        relation.evidence, key=lambda item: abs(item.on(view.axis, first) - item.on(view.axis, second)), default=None
    )
    row: SecondHypothesis = {
        "axis": view.axis,
        "hypothesis": second,
        "account": account(view.axis, second),
        "probability": view.probabilities[second],
        "behind": first,
    }
    if apart is not None:
        row["separated_by"] = apart.id
        row["why"] = apart.why
    return row


def weakest_edge(relation: Relation) -> WeakestEdge:
    """Of what carries each axis, the item most open to doubt; the axis the result stands on comes first.

    An item carries an axis when it gives at least a quarter of what the leading hypothesis has; doubt is a gap in
    time, a missing date, an earlier publication, a contradiction, or a sign of deception.
    """
    by_axis = {name: edge for name, view in relation.axes.items() if (edge := _edge(view, relation.evidence))}
    order = [relation.carried_by, "infrastructure", "operator", *by_axis]
    first = next((name for name in order if name in by_axis), None)
    whole: WeakestEdge = {**by_axis[first], "by_axis": by_axis} if first else {"by_axis": {}}  # type: ignore[typeddict-item]
    return whole


def _edge(view: AxisView, evidence: Sequence[Evidence]) -> Edge | None:
    leading = max(view.totals, key=lambda name: view.totals[name])
    whole = view.totals[leading]
    carrying = [item for item in evidence if item.on(view.axis, leading) > 0]
    if whole <= 0 or not carrying:
        return None
    heavy = [item for item in carrying if item.on(view.axis, leading) >= CARRIES_PART * whole] or carrying
    doubted = [item for item in heavy if _doubt(item)] or heavy
    weakest = max(doubted, key=lambda item: (item.on(view.axis, leading), item.id))
    return {
        "axis": view.axis,
        "evidence": weakest.id,
        "kind": weakest.kind,
        "values": list(weakest.values),
        "why": weakest.why,
        "doubt": _doubt(weakest) or sentence("change.only_support"),
        "removal": weakest.removal.get(view.axis, {}).get(leading, 0) / 1000,
        "hypothesis": leading,
    }


def _doubt(item: Evidence) -> str:
    return "; ".join(filter(None, (*item.doubts, item.conflict)))


def would_decide(relation: Relation, vocabulary: Vocabulary) -> list[LookFor]:
    """What to look for next, by the expected gain of information (bits) on the axes that matter most."""
    shown = {item.kind for item in relation.evidence if item.form == "shared"}
    rows: list[LookFor] = []
    for name in ("operator", "developer", "infrastructure"):
        axis = vocabulary.axes[name]
        gains = [
            (_gain(relation.axes[name], axis, kind, vocabulary), kind.name)
            for kind in vocabulary.kinds.values()
            if kind.form == "trait" and kind.forging == "dear" and kind.name not in shown
        ]
        for gain, kind_name in sorted(gains, key=lambda row: (-row[0], row[1]))[:2]:
            if gain > 0:
                rows.append({"axis": name, "look_for": kind_name, "gain_bits": round(gain, 4)})
    return sorted(rows, key=lambda row: (-row["gain_bits"], row["look_for"]))[:COLLECT]


def _gain(view: AxisView, axis: Axis, kind: Kind, vocabulary: Vocabulary) -> float:
    """Mutual information between the hypotheses of an axis and whether a comparison in this kind agrees."""
    chance = 1 - (1 - kind.usual_share) * (1 - kind.floor)
    agree = {}
    for name in axis.hypotheses:
        rate = kind.rates[vocabulary.place[axis.name, name]]
        agree[name] = rate + (1 - rate) * chance
    overall = sum(view.probabilities[name] * agree[name] for name in agree)
    if max(agree.values()) == min(agree.values()):
        return 0.0
    return sum(
        view.probabilities[name] * part * math.log2(part / whole)
        for name in agree
        for part, whole in ((agree[name], overall), (1 - agree[name], 1 - overall))
        if view.probabilities[name] > 0 and part > 0
    )


def matrix(relation: Relation) -> tuple[MatrixRow, ...]:
    """The rows of the ACH matrix, the most diagnostic first: how consistent each item is with each hypothesis."""
    rows: list[MatrixRow] = []
    for item in relation.evidence:
        cells = {axis: {name: _cell(value, row) for name, value in row.items()} for axis, row in item.weights.items()}
        spread = max((max(row.values()) - min(row.values()) for row in item.counted.values()), default=0)
        if cells:
            rows.append({"evidence": item.id, "why": item.why, "cells": cells, "diagnosticity": spread / 1000})
    return tuple(sorted(rows, key=lambda row: (-row["diagnosticity"], row["evidence"])))


def _cell(value: int, row: Mapping[str, int]) -> str:
    """Consistency of an item with one hypothesis, relative to the hypothesis it speaks for most."""
    behind = value - max(row.values())
    if behind == 0:
        return "CC" if max(row.values()) - min(row.values()) >= 6000 else "C"
    return "N" if behind > -3000 else "I" if behind > -10000 else "II"


def hypotheses(relation: Relation, vocabulary: Vocabulary) -> Iterator[Hypothesis]:
    """The rival accounts of every axis, with probability, word, and the rank by least weighted inconsistency."""
    factors = vocabulary.counting["grades"]["factors"]
    scale = vocabulary.scales["icd203"]
    for name, view in relation.axes.items():
        axis = vocabulary.axes[name]
        against = {}
        for rival in axis.hypotheses:
            against[rival] = sum(
                factors[item.grade] * (max(item.counted[name].values()) - item.on(name, rival)) / 1000
                for item in relation.evidence
                if name in item.counted
            )
        ranked = sorted(axis.hypotheses, key=lambda rival: (against[rival], axis.hypotheses.index(rival)))
        for rival in axis.hypotheses:
            yield Hypothesis(
                axis=name,
                name=rival,
                account=account(name, rival),
                probability=view.probabilities[rival],
                word=scale.word(view.probabilities[rival])[0],
                inconsistency=round(against[rival], 3),
                rank=ranked.index(rival) + 1,
            )
