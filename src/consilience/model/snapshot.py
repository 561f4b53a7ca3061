"""Everything a case knew at a date: the value that the reasoning works on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from consilience.model.digest import digest
from consilience.model.observation import Observation
from consilience.model.subject import Subject
from consilience.model.when import span


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The observations of a case as of a date, in the order of their ids, with the subjects they name.

    Build it with `snapshot_of`. `as_of` is an ISO date, or empty when everything counts. `digest` is the same for
    the same observations in any order.
    """

    observations: tuple[Observation, ...]
    as_of: str = ""
    by_subject: dict[str, tuple[Observation, ...]] = field(default_factory=dict, compare=False, repr=False)
    subjects: dict[str, Subject] = field(default_factory=dict, compare=False, repr=False)
    digest: str = field(default="", compare=False)

    def of(self, key: str) -> tuple[Observation, ...]:
        """The observations made of one subject, in the order of their ids."""
        return self.by_subject.get(key, ())

    def without(self, ids: frozenset[str]) -> Snapshot:
        """The same snapshot with some observations taken away."""
        return snapshot_of((seen for seen in self.observations if seen.id not in ids), self.as_of)

    def latest(self) -> str:
        """The last publication date among the observations, or empty when none is dated."""
        return max((seen.published for seen in self.observations if seen.published), default="")


def snapshot_of(observations: Iterable[Observation], as_of: str = "") -> Snapshot:
    """The snapshot of these observations that were public by `as_of` (all of them when it is empty).

    An observation without a publication date counts as known, unless it was first seen after `as_of`: dropping
    every undated line would lose good input, and a first showing in the future cannot have been known.
    """
    limit = span(as_of).last if as_of else None
    kept = {seen.id: seen for seen in observations if limit is None or _is_known_by(limit, seen)}
    ordered = tuple(kept[key] for key in sorted(kept))
    by_subject: dict[str, list[Observation]] = {}
    for seen in ordered:
        by_subject.setdefault(seen.subject.key, []).append(seen)
    return Snapshot(
        observations=ordered,
        as_of=as_of,
        by_subject={key: tuple(rows) for key, rows in by_subject.items()},
        subjects={key: _subject_of(rows) for key, rows in sorted(by_subject.items())},
        digest=digest([[seen.id for seen in ordered], as_of]),
    )


def _is_known_by(limit: int, seen: Observation) -> bool:
    """Whether an observation can have been known by a day: not published, or first seen, after it."""
    known = seen.known_from()
    if known is None and seen.first_seen:
        known = span(seen.first_seen).first
    return known is None or known <= limit


def _subject_of(rows: Sequence[Observation]) -> Subject:
    """The subject of some observations, of the type that most of them state."""
    counts = Counter(seen.subject.type for seen in rows)
    last = rows[-1].subject
    return Subject(last.publisher, last.name, min(counts, key=lambda kind: (-counts[kind], kind)))
