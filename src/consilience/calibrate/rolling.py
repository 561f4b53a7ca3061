"""How right attribution would have been on a case: later reports asked of what was known before them.

At each of several days the case is cut: what was reported by then is known, and each report of the time after it, up to
the next cut, is a question. Its answer is the subject it is on where that subject was known by then, and none of these
where it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from consilience.attribute import Attributor
from consilience.attribute.activity import Activity
from consilience.model.protocols import Progress

LEAST_TRAITS = 3
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """One question and what was answered: `rank` and `probability` of the right subject, 0 where none is right.

    `best` is the probability of the first of the ranking, `hit` whether it was right.
    """

    round: str
    answer: str
    rank: int
    probability: float
    best: float
    hit: bool
    none: float


def cuts(known: Sequence[Activity], rounds: int = ROUNDS) -> list[int]:
    """The days at which a case is cut: after half of its dated reports, then in equal steps of reports; ascending."""
    days = sorted(each.day for each in known if each.day)
    if not days:
        return []
    places = np.linspace(len(days) / 2, len(days), rounds + 1)[:-1]
    return sorted({days[min(len(days) - 1, int(place))] for place in places if days[0] < days[-1]})


def rolling_answers(
    known: Sequence[Activity],
    tools: Sequence[Activity],
    prepared: Callable[[Sequence[Activity], Sequence[Activity]], Attributor],
    rounds: int = ROUNDS,
    progress: Progress | None = None,
    most: int = 0,
) -> list[AnsweredQuestion]:
    """Every question of every cut, answered from what was known by the cut and from nothing later.

    `prepared` makes the attributor of these known activities and tools. Undated reports take no part, since nobody
    can say whether they were known; a report whose document was known by then on the same subject is not a question.
    With `most`, so many questions at most are asked, evenly taken from each cut.
    """
    days = cuts(known, rounds)
    answers: list[AnsweredQuestion] = []
    if not days:
        return answers
    ends = [*days[1:], max((each.day for each in known), default=0)]
    for place, (day, end) in enumerate(zip(days, ends, strict=True)):
        earlier = _known_by(day, known)
        attributor = prepared(earlier, _known_by(day, tools))
        asked = _queries([each for each in known if day < each.day <= end], earlier)
        if most:
            step = max(1, -(-len(asked) * len(days) // most))
            asked = asked[::step]
        answers += (_answer(attributor, each, f"known by {date.fromordinal(day)}") for each in asked)
        if progress:
            progress(place + 1, len(days))
    return answers


def _known_by(day: int, reports: Iterable[Activity]) -> list[Activity]:
    """The dated reports up to a day."""
    return [each for each in reports if 0 < each.day <= day]


def _queries(reports: Iterable[Activity], earlier: Iterable[Activity]) -> list[Activity]:
    """The reports that can be asked about: with enough traits, their document not known earlier on the same subject."""
    cited = {(each.subject, each.origin) for each in earlier}
    return [each for each in reports if len(each.traits) >= LEAST_TRAITS and (each.subject, each.origin) not in cited]


def _answer(attributor: Attributor, asked: Activity, name: str) -> AnsweredQuestion:
    found = attributor.attribution(replace(asked, subject=""), explained=0)
    places = {each.subject: number for number, each in enumerate(found.ranking, 1)}
    known = asked.subject in attributor.subjects
    rank = places.get(asked.subject, len(attributor.subjects)) if known else 0
    first = found.ranking[0] if found.ranking else None
    return AnsweredQuestion(
        round=name,
        answer=asked.subject if known else "",
        rank=rank,
        probability=found.ranking[rank - 1].probability if known and found.ranking else 0.0,
        best=first.probability if first else 0.0,
        hit=first is not None and first.subject == asked.subject,
        none=found.none_of_these,
    )
