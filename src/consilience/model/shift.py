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

    def __str__(self) -> str:
        return (
            f"{self.axis} {self.hypothesis} of {self.a} and {self.b}, as of {self.as_of or 'now'}, would move from "
            f"{self.before:.2f} to {self.after:.2f} (kept in {self.assessment})"
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word that a file is kept although it moves assessments that the case keeps."""

    because: str
    by: str
