"""Under which TLP 2.0 marking a document leaves."""

from __future__ import annotations

from consilience.model.assessment import Assessment
from consilience.model.marking import UNMARKED, strictest


def marking(assessment: Assessment) -> str:
    """The strictest marking among the observations that the assessment shows, and those that it read or counted.

    An observation without a marking counts as amber+strict, one with a marking nobody knows as red, and an assessment
    without observations as unmarked: silence is never taken for permission.
    """
    shown = [seen.tlp for seen in assessment.observations.values()]
    read = assessment.provenance.get("marking")
    return strictest([*shown, *([read] if read else [])] or [UNMARKED])
