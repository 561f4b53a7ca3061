"""Under which TLP 2.0 marking a document leaves."""

from __future__ import annotations

from consilience.model.assessment import Assessment

COLOURS = ("clear", "green", "amber", "amber+strict", "red")
"""From the widest circle of readers to the narrowest."""

UNMARKED = "amber+strict"
UNKNOWN = "red"


def marking(assessment: Assessment) -> str:
    """The strictest marking among the observations the assessment rests on.

    An observation without a marking counts as amber+strict, one with a marking nobody knows as red, and an assessment
    without observations as unmarked: silence is never taken for permission.
    """
    found = {seen.tlp.strip().lower() or UNMARKED for seen in assessment.observations.values()} or {UNMARKED}
    return max((colour if colour in COLOURS else UNKNOWN for colour in found), key=COLOURS.index)
