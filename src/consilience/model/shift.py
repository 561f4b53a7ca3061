"""What an import would do to an assessment that the case keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A probability of a kept assessment before an import and after it; `as_of` is empty for all that is known."""

    assessment: str
    a: str
    b: str
    as_of: str
    axis: str
    hypothesis: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision of a person to read a file although it moves assessments that the case keeps."""

    because: str
    by: str
