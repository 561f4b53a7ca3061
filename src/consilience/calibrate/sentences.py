"""The figures of attribution in sentences, the same in the terminal and on a page."""

from __future__ import annotations

from consilience.model.json import Record
from consilience.vocab.sentences import sentence


def attribution_sentences(found: Record) -> list[str]:
    """What was asked, the Brier score with its three parts, the calibration error beside that of chance."""
    if not found:
        return [sentence("calibration.too_few")]
    brier = found["brier"]
    lines = [
        sentence(
            "calibration.asked",
            count=found["questions"],
            rounds=found["rounds"],
            known=found["known"],
            others=found["none_of_these"],
        ),
        sentence(
            "calibration.brier",
            figure=brier["value"],
            reliability=brier["reliability"],
            resolution=brier["resolution"],
            uncertainty=brier["constant"],
            within=brier["within"],
        ),
        sentence(
            "calibration.error",
            figure=found["calibration_error"],
            chance=found["calibration_error_by_chance"],
        ),
    ]
    if found["none_auroc"] is not None:
        lines.append(sentence("calibration.auroc", figure=found["none_auroc"]))
    return lines
