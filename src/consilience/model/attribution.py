"""Which known cluster an activity belongs to, or none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """One named item of a subject's log-odds: what was compared, what it weighs (decibans), and why."""

    kind: str
    values: tuple[str, ...]
    weight: float
    why: str

    def as_record(self) -> dict[str, Any]:
        """The reason as an object of the result document."""
        return {"kind": self.kind, "values": list(self.values), "weight": round(self.weight, 3), "why": self.why}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A known subject with its probability and its weight in decibans.

    `because` are observations of the query, each with exactly what the weight loses without it; `parts` are the named
    items that sum to the weight, of the first two of a ranking. Both are empty where nobody asked.
    """

    subject: str
    probability: float
    weight: float
    because: tuple[Reason, ...] = ()
    parts: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The second of a ranking, and the observation that sets the first apart from it most, where one was asked for."""

    subject: str
    probability: float
    behind: float
    separates: Reason | None = None

    def as_record(self) -> dict[str, Any]:
        """The runner-up as an object of the result document; `behind` in decibans of weight."""
        return {
            "subject": self.subject,
            "probability": self.probability,
            "behind": round(self.behind, 3),
            "separates": self.separates.as_record() if self.separates else None,
        }


@dataclass(frozen=True, slots=True)
class View:
    """What some of the evidence says by itself: the first subject with its probability, and that of none of them."""

    name: str
    subject: str
    probability: float
    none_of_these: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """The known subjects for one activity, likeliest first, and the probability that it is none of them.

    The probabilities of the whole ranking and `none_of_these` sum to 1. *None of these* also stands for *not enough
    to tell*: the two look alike from what an activity shows. `notes` say what was not compared, and why; `views`
    what parts of the evidence say apart, where that is told.
    """

    id: str
    ranking: tuple[Ranked, ...]
    none_of_these: float
    notes: tuple[str, ...] = ()
    runner_up: RunnerUp | None = None
    views: tuple[View, ...] = ()

    def as_record(self, top: int | None = None) -> dict[str, Any]:
        """The attribution as one result document, the ranking cut after `top`."""
        return {
            "id": self.id,
            "ranking": [
                {
                    "subject": each.subject,
                    "probability": each.probability,
                    "weight": round(each.weight, 3),
                    "because": [reason.as_record() for reason in each.because],
                    "parts": [reason.as_record() for reason in each.parts],
                }
                for each in self.ranking[:top]
            ],
            "none_of_these": self.none_of_these,
            "runner_up": self.runner_up.as_record() if self.runner_up else None,
            "notes": list(self.notes),
            **({"views": [asdict(each) for each in self.views]} if self.views else {}),
        }
