"""Rolling origins: what was known on one day, and what was asked after it, with guards against leaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from consilience.attribute.activity import Activity
from consilience.attribute.reports.traits import report_traits
from consilience.model.errors import ConsilienceError

LEAST_TRAITS = 3


class Leak(ConsilienceError):
    """What was to be judged is known to what judges it; says which, and how the round is to be built."""


@dataclass(frozen=True, slots=True)
class RoundQuestion:
    """A query and its answer: the full name of a known subject, or empty for none of these."""

    query: Activity
    answer: str


@dataclass(frozen=True, slots=True)
class Round:
    """One rolling origin: activities of subjects and tools known on a day, and questions asked of them.

    Raises:
        Leak: a known activity is dated after the day; a question's source is in the profile of its answer; or a
            question's answer is a subject that is not known, or its query names its subject.
    """

    name: str
    day: int
    known: tuple[Activity, ...]
    tools: tuple[Activity, ...]
    questions: tuple[RoundQuestion, ...]

    def __post_init__(self) -> None:
        for each in (*self.known, *self.tools):
            if each.day > self.day:
                raise self._leak(f"{each.origin!r} on {each.subject} is dated {date.fromordinal(each.day)}")
        cited = {(each.subject, each.origin) for each in self.known}
        subjects = {each.subject for each in self.known}
        for asked in self.questions:
            if asked.query.subject:
                raise self._leak(f"the query {asked.query.origin!r} names its subject")
            if (asked.answer, asked.query.origin) in cited:
                raise self._leak(f"{asked.query.origin!r} is in the profile of {asked.answer}")
            if asked.answer and asked.answer not in subjects:
                raise self._leak(f"{asked.answer} is not known")

    def _leak(self, what: str) -> Leak:
        return Leak(what, f"round {self.name}", "a round holds only what was known on its day, and asks of the rest")


def without_judged(rounds: Iterable[Round], judged_on: Round) -> list[Round]:
    """The rounds less the questions that share their source with a question that is to be judged."""
    judged = {asked.query.origin for asked in judged_on.questions}
    return [
        replace(one, questions=tuple(asked for asked in one.questions if asked.query.origin not in judged))
        for one in rounds
    ]


def check_apart(fitted_on: Iterable[Round], judged_on: Round) -> None:
    """Check that a model fitted on some rounds may be judged on another.

    Raises:
        Leak: a fitting round is of a later day than what is judged knows, or asks a question that is judged.
    """
    judged = {asked.query.origin for asked in judged_on.questions}
    for each in fitted_on:
        if each.day > judged_on.day:
            raise Leak(f"round {each.name} is of a later day", f"judging {judged_on.name}", "fit on earlier rounds")
        for asked in each.questions:
            if asked.query.origin in judged:
                what = f"{asked.query.origin!r} is both fitted on and judged"
                raise Leak(what, f"judging {judged_on.name}", "fit on questions that are not judged")


def rounds_inside(
    known: Sequence[Activity], tools: Sequence[Activity], years: Iterable[int], least: int = LEAST_TRAITS
) -> list[Round]:
    """One round for each year: what dated reports said before it, and the reports of that year as questions.

    Undated reports take no part, since nobody can say whether they were known. A report on a subject that nobody had
    reported on before is a question whose answer is none of these. Years without both sides give no round.
    """
    rounds = []
    for year in years:
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        earlier = _dated_before(first, known)
        asked = [each for each in known if first <= each.day <= last and len(report_traits(each, {})) >= least]
        questions = _questions(asked, earlier)
        if earlier and questions:
            rounds.append(Round(f"dated {year}", first - 1, earlier, _dated_before(first, tools), questions))
    return rounds


def _dated_before(day: int, reports: Iterable[Activity]) -> tuple[Activity, ...]:
    """The dated reports of before a day."""
    return tuple(each for each in reports if 0 < each.day < day)


def _questions(asked: Iterable[Activity], earlier: Iterable[Activity]) -> tuple[RoundQuestion, ...]:
    """The questions that reports ask, those left out whose source had reported on the same subject earlier."""
    cited = {(each.subject, each.origin) for each in earlier}
    subjects = {subject for subject, _ in cited}
    return tuple(
        RoundQuestion(replace(each, subject=""), each.subject if each.subject in subjects else "")
        for each in asked
        if (each.subject, each.origin) not in cited
    )
