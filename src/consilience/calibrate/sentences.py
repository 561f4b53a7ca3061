"""The figures of attribution in sentences, the same in the terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]


def attribution_sentences(found: Record) -> list[str]:
    """What was asked, the Brier score with its three parts, the calibration error beside that of chance."""
    if not found:
        return ["Too few dated reports to ask later ones of earlier ones."]
    brier = found["brier"]
    sentences = [
        f"{found['questions']} later reports asked in {found['rounds']} rounds: {found['known']} on known subjects, "
        f"{found['none_of_these']} on others.",
        f"Brier {brier['value']:.3f} = reliability {brier['reliability']:.3f} (less is better) - resolution "
        f"{brier['resolution']:.3f} (more is better) + uncertainty {brier['constant']:.3f} (what a constant would "
        f"have), up to what varies inside the bins ({brier['within']:+.3f}).",
        f"Calibration error over ten bins of equal mass {found['calibration_error']:.3f}; perfect probabilities would "
        f"show {found['calibration_error_by_chance']:.3f} by chance on so many questions.",
    ]
    if found["none_auroc"] is not None:
        sentences.append(f"Unknown subjects told apart from known ones: AUROC {found['none_auroc']:.2f}.")
    return sentences
