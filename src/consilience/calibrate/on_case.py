"""How right the product is on a case, and with which models: everything that `consilience calibrate` tells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from consilience.attribute import attributor_over, known_activities, tool_activities
from consilience.attribute.shipped import model_cards
from consilience.calibrate.diagnosticity import diagnosticity
from consilience.calibrate.golden import outcomes, read_cases
from consilience.calibrate.record import attribution_record, diagnosticity_record, positions_record
from consilience.calibrate.rolling import ROUNDS, judged
from consilience.case import Case
from consilience.model.names import resolved_names
from consilience.vocab import vocabulary


def calibration(
    case: Case,
    *,
    among: str = "intrusion-set",
    rounds: int = ROUNDS,
    golden: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """The figures of attribution on the reports of a case, of positions on golden cases, and the shipped models.

    `golden` is a folder of golden cases, whose answers are known. Raises ConsilienceError when its cases are faulty.
    """
    done = [outcome for each in read_cases(Path(golden)) for outcome in outcomes(each)] if golden else []
    snapshot = case.snapshot()
    known = known_activities(snapshot, vocabulary(), among)
    names = resolved_names(snapshot.observations)
    answers = judged(
        known,
        tool_activities(snapshot, vocabulary()),
        partial(attributor_over, names=names, vocabulary=vocabulary()),
        rounds,
        progress,
    )
    return {
        "among": among,
        "reports": len(known),
        "dated": sum(bool(each.day) for each in known),
        "subjects": len({each.subject for each in known}),
        "attribution": attribution_record(answers),
        "diagnosticity": diagnosticity_record(*diagnosticity(known)),
        "positions": positions_record(done) if golden else {},
        "models": model_cards(),
    }
