"""Consilience: how two clusters of intrusion activity are related, at which level, and how sure we are.

import consilience

with consilience.open("winter.case") as case:
    case.read(["vendor_a.jsonl"], publisher="Vendor A")
    assessment = case.assess("Vendor A/APT-X", "Vendor B/GROUP-7", as_of="2023-12-11")
    print(assessment.relation.level, assessment.relation.axis("developer").position)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from consilience.case import Case

__all__ = ["Case", "open"]


def open(location: str) -> Case:
    """The case in a folder (made if absent) or at a database URL."""
    from consilience.case import Case

    return Case.open(location)


def __getattr__(name: str) -> Any:
    # Imported on first use: the command line answers --help without loading the engine.
    if name == "Case":
        from consilience.case import Case

        return Case
    raise AttributeError(f"module 'consilience' has no attribute {name!r}")
