"""Attacks on cases with known answers: what somebody who plants, repeats or mislabels can move.

A `Verdict` is one question (a case, a date, perhaps without one of its sources) that can be asked again with more
observations. `forged` `copies` `mislabelled` `mistaken` `sybils` make those observations;
`worst` chooses what to plant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from consilience.case import counted, known_subjects
from consilience.model.errors import UnknownName
from consilience.model.names import find
from consilience.model.observation import Observation
from consilience.model.relation import Relation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.model.when import span
from consilience.read import GoldenCase
from consilience.relate import relate, relation_of
from consilience.vocab import Vocabulary, vocabulary
from consilience.weigh import weigh
from consilience.weigh.dossier import supported
from consilience.weigh.origins import GRADES, origins_of

MISLABELLED = 1000
WIDTH = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question with its observations: `without` names the source that was left out, or is empty."""

    case: str
    as_of: str
    without: str
    observations: tuple[Observation, ...]
    a: Subject
    b: Subject

    def asked(self, more: Iterable[Observation] = (), rules: Vocabulary | None = None) -> Relation:
        """The relation of the pair, with more observations where some are given."""
        snapshot = snapshot_of((*self.observations, *more), self.as_of)
        return relate(snapshot, self.a, self.b, counted(snapshot), rules or vocabulary())

    def dropping(self, source: str) -> Verdict:
        """The same question without one source, named by its key."""
        left = tuple(seen for seen in self.observations if seen.source.key != source)
        return replace(self, without=source, observations=left)

    def day_after(self) -> Verdict:
        """The same question asked a day later, when others had time to repeat what was said."""
        return replace(self, as_of=date.fromordinal(span(self.as_of).last + 1).isoformat())

    def sources(self) -> list[str]:
        """The keys of the sources that were known by the date, sorted."""
        return sorted({seen.source.key for seen in snapshot_of(self.observations, self.as_of).observations})


def verdicts(cases: Iterable[GoldenCase]) -> Iterator[Verdict]:
    """The questions of these cases, one for each date they are asked at."""
    for case in cases:
        for expected in case.expectations:
            known = known_subjects(snapshot_of(case.observations, expected.as_of))
            a, b = (find(name, known) for name in case.pair)
            yield Verdict(case.id, expected.as_of, "", case.observations, a, b)


def leave_one_source_out(asked: Iterable[Verdict]) -> Iterator[Verdict]:
    """Each question again without each of its sources, where both sides are still spoken of."""
    for verdict in asked:
        for source in verdict.sources():
            left = verdict.dropping(source)
            known = known_subjects(snapshot_of(left.observations, left.as_of))
            try:
                for side in (left.a, left.b):
                    find(side.key, known)
            except UnknownName:
                continue
            yield left


def largest_move(before: Relation, after: Relation, axis: str = "") -> float:
    """The largest change of a probability, on one axis or on any."""
    return max(
        abs(after.axes[name].probabilities[rival] - value)
        for name, view in before.axes.items()
        if not axis or name == axis
        for rival, value in view.probabilities.items()
    )


def flipped(before: Relation, after: Relation) -> frozenset[str]:
    """The axes whose position is another."""
    return frozenset(name for name, view in before.axes.items() if view.position != after.axes[name].position)


def stated_by(publisher: str, reliability: str, subject: Subject, kind: str, value: str, **more: Any) -> Observation:
    """A statement about a subject, by a publisher, in a report of its own on that subject."""
    source = Source(publisher=publisher, title=f"on {subject.key}", reliability=reliability)
    return Observation(subject=subject, trait=Trait(kind, value), source=source, **more)


def cheap_kinds(rules: Vocabulary) -> tuple[str, ...]:
    """The kinds anybody can plant, in the order of their names."""
    return tuple(sorted(kind.name for kind in rules.kinds.values() if kind.form == "trait" and kind.forging == "cheap"))


def forged(verdict: Verdict, kinds: Sequence[str]) -> tuple[Observation, ...]:
    """A planted value of each of these kinds on both sides, as strong as it can be made to look.

    It was seen nowhere else, well graded reporters saw it, its day fits, and a key is said to be the operator's own.
    """
    return tuple(
        stated_by("Reporter", "A", side, kind, f"planted {place}", exclusive=True, key_role="per-operator")
        for place, kind in enumerate(kinds)
        for side in (verdict.a, verdict.b)
    )


def worst(
    verdict: Verdict,
    most: int,
    kinds: Sequence[str],
    harm: Callable[[Relation, Relation], Any],
    rules: Vocabulary | None = None,
) -> Iterator[tuple[str, ...]]:
    """The kinds to plant for one planted trait, for two, and so on: each step adds the kind that does most harm.

    The search plants evidence, which is quick; `forged` makes the observations of what it found. After the first step
    only the `WIDTH` most harmful kinds are tried again, because all cheap traits share a budget.
    """
    rules = rules or vocabulary()
    snapshot = snapshot_of(verdict.observations, verdict.as_of)
    weighing = weigh(snapshot, verdict.a, verdict.b, counted(snapshot), rules)

    def planted(chosen: Sequence[str]) -> Relation:
        return relation_of(snapshot, verdict.a, verdict.b, weighing.with_forged(chosen, rules), rules)

    before, found, left = planted(()), tuple[str, ...](), kinds
    for step in range(most):
        ranked = sorted(left, key=lambda kind: (harm(before, planted((*found, kind))), kind), reverse=True)
        found = (*found, ranked[0])
        if step == 0:
            left = ranked[:WIDTH]
        yield found


def mistaken(verdict: Verdict, part: float) -> tuple[Observation, ...]:
    """This part of what the busiest source says the first side shows, said by the same source of the other side."""
    shown: dict[str, list[Observation]] = {}
    for seen in snapshot_of(verdict.observations, verdict.as_of).of(verdict.a.key):
        if seen.present and not seen.object:
            shown.setdefault(seen.source.key, []).append(seen)
    busiest = max(shown.values(), key=lambda rows: (len(rows), rows[0].source.key), default=[])
    return tuple(replace(seen, subject=verdict.b, id="") for seen in busiest[: math.ceil(part * len(busiest))])


def copies(verdict: Verdict, feeds: int, way: str, reliability: str = "") -> tuple[Observation, ...]:
    """All that counts of what was said, facts and claims, republished by so many feeds on the day that is asked about.

    `way` is *declared* (the feed names its source), *verbatim* (it prints the same words) or *paraphrased*. With a
    reliability a feed is one document that repeats all sources, graded like this or like the worst of them; without
    one it is an article on each source, graded as that source counts.
    """
    snapshot = snapshot_of(verdict.observations, verdict.as_of)
    said = [seen for key in snapshot.subjects for seen in supported(snapshot.of(key))]
    origins = origins_of(said, vocabulary())
    whole = max([reliability or "A", *map(origins.grade, said)], key=GRADES.index)
    return tuple(
        replace(
            seen,
            source=Source(
                publisher=f"Feed {feed}",
                title="all of it" if reliability else f"on {seen.source.key}",
                reliability=whole if reliability else origins.grade(seen),
                derived_from=seen.source.key if way == "declared" else "",
            ),
            note=seen.note if way == "verbatim" else f"wording {feed} of it",
            where="digest",
            published=verdict.as_of,
            id="",
        )
        for seen in said
        for feed in range(feeds)
    )


def mislabelled(verdict: Verdict, reliability: str, most: int = MISLABELLED) -> tuple[Observation, ...]:
    """One source that gives the other side what the first side shows: so many samples with their traits."""
    shown = [
        seen
        for seen in snapshot_of(verdict.observations, verdict.as_of).of(verdict.a.key)
        if seen.present and not seen.object
    ]
    samples = most - len(shown)
    return (
        *(
            replace(seen, subject=verdict.b, source=_poisoner(reliability), published=verdict.as_of, id="")
            for seen in shown[:most]
        ),
        *(
            Observation(
                subject=verdict.b,
                trait=Trait("file:sha256", f"{place:064x}"),
                source=_poisoner(reliability),
                published=verdict.as_of,
            )
            for place in range(samples)
        ),
    )


def sybils(verdict: Verdict, reliability: str, most: int = MISLABELLED) -> tuple[Observation, ...]:
    """One source that gives what both sides share to so many other actors, so that it looks common."""
    snapshot = snapshot_of(verdict.observations, verdict.as_of)
    sides = [
        {(seen.trait.kind, seen.trait.value): seen for seen in snapshot.of(key) if seen.present and not seen.object}
        for key in (verdict.a.key, verdict.b.key)
    ]
    shared = [sides[0][trait] for trait in sorted(sides[0].keys() & sides[1].keys())]
    return tuple(
        replace(
            shared[place % len(shared)],
            subject=Subject("Poisoner", f"actor {place}"),
            source=_poisoner(reliability),
            published=verdict.as_of,
            exclusive=False,
            id="",
        )
        for place in range(most if shared else 0)
    )


def _poisoner(reliability: str) -> Source:
    return Source(publisher="Poisoner", title="Samples", reliability=reliability)
