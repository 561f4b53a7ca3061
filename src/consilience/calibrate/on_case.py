"""How right the product is on a case, and with which models: everything that `consilience calibrate` tells.

`calibration` the figures, with the models that ship or that a case was fitted with · `fit` the models of a case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from consilience.attribute import Attributor, Models, attributor_over, known_activities, tool_activities
from consilience.attribute.activity import Activity
from consilience.attribute.pairs import techniques_of_tools
from consilience.attribute.shipped import model_cards
from consilience.calibrate.ablations import of_attribution, of_positions
from consilience.calibrate.case_fit import FitData, fit_document, fitted_parts, models_of
from consilience.calibrate.diagnosticity import diagnosticity
from consilience.calibrate.golden import outcomes, read_cases
from consilience.calibrate.rates import fitted_rates
from consilience.calibrate.record import attribution_record, diagnosticity_record, positions_record, rates_record
from consilience.calibrate.rolling import ROUNDS, rolling_answers
from consilience.case import Case
from consilience.model.json import JsonObject
from consilience.model.names import resolved_names
from consilience.model.protocols import Progress
from consilience.vocab import vocabulary


def calibration(
    case: Case,
    *,
    among: str = "intrusion-set",
    rounds: int = ROUNDS,
    golden: str = "",
    ablations: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The figures of attribution on the reports of a case, of positions on golden cases, and the shipped models.

    `golden` is a folder of golden cases, whose answers are known; `ablations` asks again without one group of terms,
    or of kinds, at a time. Raises ConsilienceError when its cases are faulty.
    """
    cases = read_cases(Path(golden)) if golden else []
    done = [outcome for each in cases for outcome in outcomes(each, case.models.rules(vocabulary()))]
    snapshot = case.snapshot()
    known = known_activities(snapshot, vocabulary(), among)
    names = resolved_names(snapshot.observations)
    tools = tool_activities(snapshot, vocabulary())
    answers = rolling_answers(
        known,
        tools,
        partial(attributor_over, names=names, vocabulary=vocabulary(), models=case.models),
        rounds,
        progress,
    )
    asked_again = {}
    if ablations:
        prepared = partial(_attributor, names=names)
        asked_again = {
            "mean reciprocal rank of attribution": of_attribution(
                known, tools, prepared, case.models, rounds, progress
            ),
            "part of the expectations of golden cases": of_positions(cases, vocabulary(), progress) if cases else [],
        }
    return {
        "among": among,
        "ablations": {name: [asdict(row) for row in rows] for name, rows in asked_again.items()},
        "reports": len(known),
        "dated": sum(bool(each.day) for each in known),
        "subjects": len({each.subject for each in known}),
        "attribution": attribution_record(answers),
        "diagnosticity": diagnosticity_record(*diagnosticity(known)),
        "rates": rates_record(fitted_rates(known, vocabulary())),
        "positions": positions_record(done) if golden else {},
        "models": model_cards(),
    }


def _attributor(
    known: Sequence[Activity], tools: Sequence[Activity], models: Models, names: Mapping[str, str]
) -> Attributor:
    return attributor_over(known, tools, names, vocabulary(), models)


def fit(
    case: Case,
    *,
    among: str = "intrusion-set",
    rounds: int = ROUNDS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The model file fitted on the known answers of a case; the same case gives the same document.

    Its figures are of rolling origin: at each cut the models are fitted on what was known by then and asked of what
    came later. Beside them stand those of the shipped models on the same questions, which flatter where a shipped one
    was fitted on what the case holds.

    Raises:
        InputError: the case holds too little to fit any part; it says how much each needs.
    """
    snapshot, vocab = case.snapshot(), vocabulary()
    names = resolved_names(snapshot.observations)
    tools = tool_activities(snapshot, vocab)
    known = FitData(known_activities(snapshot, vocab, among), tools, names, techniques_of_tools(snapshot.observations))
    parts, missing = fitted_parts(known, vocab)
    figures: JsonObject = {}
    if {"reports", "indicators"} & parts.keys():

        def refitted(earlier: Sequence[Activity], described: Sequence[Activity]) -> Attributor:
            then = FitData(earlier, described, names, known.techniques)
            return attributor_over(earlier, described, names, vocab, models_of(then, vocab))

        shipped = partial(attributor_over, names=names, vocabulary=vocab)
        for name, prepared in (("fitted", refitted), ("shipped", shipped)):
            answers = rolling_answers(known.reports, tools, prepared, rounds, progress)
            figures[name] = _card_figures(attribution_record(answers))
    read = sorted({(Path(row["file"]).name, row["sha256"]) for row in case.keeper.imports()})
    about: JsonObject = {
        "command": f"consilience calibrate --among {among} --rounds {rounds} --fit FILE",
        "version": version("consilience"),
        "among": among,
        "data": [{"name": name, "sha256": sha256} for name, sha256 in read],
        "figures": figures,
    }
    return fit_document(parts, missing, known, about)


def _card_figures(found: Mapping[str, Any]) -> JsonObject:
    """The figures of attribution that stand on a model card; empty where nothing could be asked."""
    if not found:
        return {}
    ranking = {name: round(each["value"], 4) for name, each in found["ranking"].items()}
    return {
        **{name: found[name] for name in ("questions", "known", "none_of_these")},
        **ranking,
        "brier": round(found["brier"]["value"], 4),
        "brier_of_a_constant": round(found["brier"]["constant"], 4),
        "calibration_error": round(found["calibration_error"], 4),
        "calibration_error_by_chance": round(found["calibration_error_by_chance"], 4),
    }


def file_of(document: JsonObject) -> bytes:
    """A model file as it is written: UTF-8 JSON, sorted keys, a newline at the end."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False).encode() + b"\n"
