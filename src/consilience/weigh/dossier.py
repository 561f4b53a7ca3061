"""Everything that bears on one pair, gathered once: what each side shows, what was said of both, whose tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consilience.model.names import family, names
from consilience.model.observation import Observation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import TOOL_TYPES, Subject
from consilience.vocab import Vocabulary
from consilience.weigh.facts import Fact, facts
from consilience.weigh.origins import Origins, origins_of
from consilience.weigh.rarity import Counts


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that bears on one pair.

    `left` and `right` are the facts of the two sides; `between` what was said of both at once (comparisons and
    claims); `tools` the dossiers of pairs of different tools, one used by each side alone, with the statements that
    say so; `sides` the two full names in sorted order.
    """

    a: Subject
    b: Subject
    left: Mapping[tuple[str, str], Fact]
    right: Mapping[tuple[str, str], Fact]
    rows: tuple[tuple[Observation, ...], tuple[Observation, ...]]
    between: tuple[Observation, ...]
    tools: tuple[tuple[Dossier, tuple[Observation, ...]], ...]
    origins: Origins
    counts: Counts
    snapshot: Snapshot
    vocabulary: Vocabulary

    @property
    def sides(self) -> tuple[str, str]:
        """The two full names."""
        return self.a.key, self.b.key

    def known_before(self, kind: str, value: str) -> int | None:
        """The first day a value was in print about anybody in this dossier, as an ordinal."""
        days = [
            day
            for side in (self.left, self.right)
            if (kind, value) in side
            for each in side[kind, value].seen
            if (day := each.known_from()) is not None
        ]
        return min(days, default=None)


def dossier_of(snapshot: Snapshot, a: Subject, b: Subject, counts: Counts, vocabulary: Vocabulary) -> Dossier:
    """The dossier of a pair; the same for both orders of its subjects."""
    a, b = sorted((a, b), key=lambda subject: subject.key)
    used = [_used(snapshot, subject) for subject in (a, b)]
    lent = [
        (snapshot.subjects[left], snapshot.subjects[right], (*used[0][left], *used[1][right]))
        for left in sorted(used[0].keys() - used[1].keys())
        for right in sorted(used[1].keys() - used[0].keys())
    ]
    relevant = {a.key, b.key, *(side.key for left, right, _ in lent for side in (left, right))}
    origins = origins_of((seen for key in sorted(relevant) for seen in snapshot.of(key)), vocabulary)
    pair = _pair(snapshot, a, b, (), origins, counts, vocabulary)
    tools = tuple(
        (tool, users)
        for left, right, users in lent
        if _compared(tool := _pair(snapshot, left, right, (), origins, counts, vocabulary))
    )
    return _pair(snapshot, a, b, tools, pair.origins, counts, vocabulary)


def _pair(
    snapshot: Snapshot,
    a: Subject,
    b: Subject,
    tools: tuple[tuple[Dossier, tuple[Observation, ...]], ...],
    origins: Origins,
    counts: Counts,
    vocabulary: Vocabulary,
) -> Dossier:
    a, b = sorted((a, b), key=lambda subject: subject.key)
    rows = (supported(snapshot.of(a.key)), supported(snapshot.of(b.key)))
    between = tuple(
        seen
        for side, other in ((rows[0], b), (rows[1], a))
        for seen in side
        if seen.object and names(seen.object, other)
    )
    return Dossier(
        a,
        b,
        facts(rows[0], origins, vocabulary),
        facts(rows[1], origins, vocabulary),
        rows,
        between,
        tools,
        origins,
        counts,
        snapshot,
        vocabulary,
    )


def supported(rows: tuple[Observation, ...]) -> tuple[Observation, ...]:
    """The statements about a subject without what a copy adds to its source.

    A digest cannot know more than the report it repeats: a showing that the report, which speaks of the same
    subject, does not have is an addition of the digest, and so it stays in what repeats the digest. Claims and
    comparisons are left to be weighed as testimony.
    """
    documents = {seen.source.key for seen in rows}
    while True:
        stated = {(seen.source.key, seen.trait) for seen in rows}
        kept = tuple(
            seen
            for seen in rows
            if seen.object
            or seen.source.derived_from not in documents
            or (seen.source.derived_from, seen.trait) in stated
        )
        if len(kept) == len(rows):
            return kept
        rows = kept


def _compared(tool: Dossier) -> bool:
    return bool(tool.between) or bool(tool.left.keys() & tool.right.keys()) or _ordered(tool)


def _ordered(tool: Dossier) -> bool:
    """Whether both tools show an ordered list, which may agree in part without being equal."""
    kinds = tool.vocabulary.kinds
    return bool({kind for kind, _ in tool.left if kinds[kind].ordered} & {kind for kind, _ in tool.right})


def _used(snapshot: Snapshot, subject: Subject) -> dict[str, tuple[Observation, ...]]:
    """The tools of the case that a subject is said to use, with the statements that say so."""
    said: dict[str, list[Observation]] = {}
    for seen in supported(snapshot.of(subject.key)):
        if seen.trait.kind in TOOL_TYPES and seen.present:
            said.setdefault(family(seen.trait.value), []).append(seen)
    return {
        key: tuple(said[family(tool.name)])
        for key, tool in snapshot.subjects.items()
        if tool.type in TOOL_TYPES and family(tool.name) in said and key != subject.key
    }


def relevant_to(snapshot: Snapshot, a: Subject, b: Subject) -> list[Observation]:
    """The observations that can bear on a pair: of both sides, of their tools, of other users, and of named parts."""
    used = [_used(snapshot, subject) for subject in (a, b)]
    tools = used[0].keys() | used[1].keys()
    families = {family(snapshot.subjects[key].name) for key in tools}
    close = {a.key, b.key, *tools}
    return [
        seen
        for seen in snapshot.observations
        if seen.subject.key in close
        or (seen.trait.kind in TOOL_TYPES and family(seen.trait.value) in families)
        or (seen.trait.kind == "name:part-of" and (names(seen.object, a) or names(seen.object, b)))
    ]
