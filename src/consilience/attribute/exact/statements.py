"""Who shows what, by which statements: the known side of every comparison for equality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consilience.attribute.activity import Activity
from consilience.model.names import family
from consilience.model.observation import Observation
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.model.when import iso
from consilience.vocab import Vocabulary
from consilience.weigh import formula
from consilience.weigh.facts import parts
from consilience.weigh.rarity import Corpus, Counts, counted_share

Key = tuple[str, str]
Statement = Observation | Activity
"""A statement, or an activity without statements, of which only source and date are known."""


@dataclass(frozen=True, slots=True)
class KnownStatements:
    """What the known subjects show.

    `rows` are the statements behind each trait of the kinds that are compared, with their subject; `reports` the
    traits of each subject and source, and `counts` who shows what, of all kinds.
    """

    subjects: tuple[str, ...]
    rows: Mapping[Key, Sequence[tuple[str, Statement]]]
    reports: Mapping[tuple[str, str], tuple[Key, ...]]
    counts: Counts

    @classmethod
    def of(cls, known: Iterable[Activity], kinds: frozenset[str]) -> KnownStatements:
        """What these activities show, with the statements behind some kinds."""
        holders: dict[Key, frozenset[str]] = {}
        rows: dict[Key, list[tuple[str, Statement]]] = {}
        reports: dict[tuple[str, str], tuple[Key, ...]] = {}
        own_holder: dict[str, frozenset[str]] = {}
        for activity in known:
            where = (activity.subject, activity.origin)
            reports[where] = reports.get(where, ()) + activity.traits
            # Nearly every value is of one subject, so the set of that subject alone is made once.
            own = own_holder.setdefault(activity.subject, frozenset({activity.subject}))
            for trait in activity.traits:
                there = holders.setdefault(trait, own)
                if there is not own and activity.subject not in there:
                    holders[trait] = there | own
            for trait, statement in _stated(activity, kinds):
                rows.setdefault(trait, []).append((activity.subject, statement))
        subjects = tuple(sorted({subject for subject, _ in reports}))
        counts = Counts(
            corpus=Corpus(""),
            limit=0,
            clusters=frozenset(subjects),
            tools=frozenset(),
            holders=holders,
            names={key: family(key.partition("/")[2]) for key in subjects},
        )
        return cls(subjects, rows, reports, counts)

    def statements(self, subject: str, trait: Key, without: frozenset[str]) -> tuple[Observation, ...]:
        """The statements that a subject shows a trait, without those of some sources."""
        return tuple(
            as_observation(statement, trait)
            for holder, statement in self.rows.get(trait, ())
            if holder == subject and origin_of(statement) not in without
        )

    def discriminates(self, trait: Key, vocabulary: Vocabulary) -> bool:
        """Whether a trait can weigh for anybody: somebody shows it, and not so many that it tells nobody apart."""
        kind, holders = vocabulary.kinds[trait[0]], self.counts.holders.get(trait)
        if not holders:
            return False
        others = len(holders) - max(Counter(self.counts.names[key] for key in holders).values())
        share = counted_share(others, len(self.subjects) - 1, kind.usual_share, vocabulary)
        return formula.commodity(share, kind.ramp, vocabulary.counting["ramps"]) > 0


def _stated(activity: Activity, kinds: frozenset[str]) -> Iterator[tuple[Key, Statement]]:
    if not activity.seen:
        yield from ((trait, activity) for trait in activity.traits if trait[0] in kinds)
    for seen in activity.seen:
        yield from ((trait, seen) for trait in parts(seen) if trait[0] in kinds)


def origin_of(statement: Statement) -> str:
    """The key of the source of a statement."""
    return statement.origin if isinstance(statement, Activity) else statement.source.key


def as_observation(statement: Statement, trait: Key) -> Observation:
    """A statement about a trait; of an activity without statements, one by its source on its day."""
    if isinstance(statement, Observation):
        return statement
    publisher, _, name = statement.subject.partition("/")
    return Observation(
        subject=Subject(publisher, name),
        trait=Trait(*trait),
        source=Source(publisher=publisher or statement.origin, id=statement.origin),
        published=iso(statement.day) if statement.day else "",
    )
