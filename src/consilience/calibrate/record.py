"""The figures of a calibration as one document."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from consilience.calibrate import measures
from consilience.calibrate.diagnosticity import Diagnostic
from consilience.calibrate.golden import Outcome
from consilience.calibrate.rates import Rate
from consilience.calibrate.rolling import AnsweredQuestion
from consilience.model.arrays import Flags, Floats

COVERAGES = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
CLAIMS = (0.5, 0.7, 0.9)
Record = dict[str, Any]


def attribution_record(answers: Sequence[AnsweredQuestion]) -> Record:
    """How right attribution was: rankings of known subjects, probabilities of the first, and none of these.

    Empty where nothing could be asked. Intervals are of 95 %, from drawing whole subjects again.
    """
    if not answers:
        return {}
    known = [each for each in answers if each.answer]
    best = np.array([each.best for each in answers])
    right = np.array([float(each.hit) for each in answers])
    is_known = np.array([bool(each.answer) for each in answers])
    value, reliability, resolution, constant = measures.brier(best, right)
    return {
        "questions": len(answers),
        "known": len(known),
        "none_of_these": len(answers) - len(known),
        "rounds": len({each.round for each in answers}),
        "ranking": _ranking(known),
        "brier": {
            "value": value,
            "reliability": reliability,
            "resolution": resolution,
            "constant": constant,
            "within": value - (reliability - resolution + constant),
        },
        "calibration_error": measures.calibration_error(best, right),
        "calibration_error_by_chance": measures.error_by_chance(best),
        "reliability": [_bin(each) for each in measures.bins(best, right)],
        "risk_coverage": _risk_coverage(best, right),
        "claims": [_claim(bound, best, right, is_known) for bound in CLAIMS],
        "none_auroc": _none_auroc(answers, is_known),
    }


def _risk_coverage(best: Floats, right: Floats) -> list[Record]:
    """How right the most probable part of all answers is, for parts from few to all."""
    rows = measures.risk_coverage(best, right, COVERAGES)
    return [{"part": part, "least": least, "right": held} for part, least, held in rows]


def _none_auroc(answers: Sequence[AnsweredQuestion], is_known: Flags) -> float | None:
    """How well "none of these" tells unknown subjects from known ones; None where nothing is to be told apart."""
    none = -np.array([each.none for each in answers])
    pooled, _ = measures.separation(none, is_known, [each.round for each in answers])
    return None if math.isnan(pooled) else pooled


def _ranking(known: Sequence[AnsweredQuestion]) -> Record:
    if not known:
        return {}
    ranks = np.array([float(each.rank) for each in known])
    drawn = measures.resamples([each.answer for each in known], 500)
    value = measures.ranking(ranks)
    low, high = measures.interval([measures.ranking(ranks[at]) for at in drawn])
    names = ("top_1", "top_5", "mean_reciprocal_rank")
    return {
        name: {"value": float(a), "low": float(b), "high": float(c)}
        for name, a, b, c in zip(names, value, low, high, strict=True)
    }


def _bin(each: measures.Bin) -> Record:
    return {"count": each.count, "said": each.said, "right": each.right}


def _claim(bound: float, best: Floats, right: Floats, is_known: Flags) -> Record:
    said = best >= bound
    return {
        "least": bound,
        "claims": int(said.sum()),
        "right": float(right[said].mean()) if said.any() else None,
        "known_answered": float(said[is_known].mean()) if is_known.any() else None,
        "unknown_abstained": float(1 - said[~is_known].mean()) if (~is_known).any() else None,
    }


def diagnosticity_record(rows: Sequence[Diagnostic], left_out: int) -> Record:
    """The table of what sharing a trait says, infinite ratios as null."""
    return {
        "rows": [
            {
                "kind": row.kind,
                "least": row.least,
                "most": row.most,
                "same": row.same,
                "different": row.different,
                "ratio": None if math.isinf(row.ratio) else row.ratio,
                "same_given_shared": row.given,
            }
            for row in rows
        ],
        "left_out": left_out,
    }


def rates_record(rows: Sequence[Rate]) -> Record:
    """The rates of *same operator* by kind: as they ship, as the reports show them, and as a fit would have them."""
    return {
        row.kind: {"subjects": row.subjects, "shipped": row.shipped, "observed": row.observed, "rate": row.rate}
        for row in rows
    }


def positions_record(done: Sequence[Outcome]) -> Record:
    """How many expectations of golden cases are met, by what was expected, and which are missed."""
    by: dict[str, list[bool]] = {}
    for outcome in done:
        by.setdefault(outcome.what, []).append(outcome.met)
    return {
        "expectations": len(done),
        "met": sum(outcome.met for outcome in done),
        "by": {what: {"met": sum(rows), "of": len(rows)} for what, rows in sorted(by.items())},
        "missed": [
            {"case": each.case, "as_of": each.as_of, "what": each.what, "wanted": each.wanted, "found": each.found}
            for each in done
            if not each.met
        ],
    }
