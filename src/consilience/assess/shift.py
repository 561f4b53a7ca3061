"""What more observations would move: the probabilities of pairs whose assessment is kept.

A source that is wrong, or hostile, shows by how much it moves. Each import is compared with the assessment as it was
kept, so that many small steps add up to one large one, and with what the case would say without the import, so that
only an import that moves something itself is held for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consilience.model.names import names
from consilience.model.observation import Observation
from consilience.model.shift import Shift
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.model.subject import TOOL_TYPES, Subject
from consilience.relate import relate
from consilience.vocab import Vocabulary
from consilience.weigh import Counts, parts

MOST = 0.20
"""How far an import may move a probability of a kept assessment before a person has to look at it."""

TOUCHED = 0.01
"""Less than this does not count as moved by the import itself."""

Probabilities = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAssessment:
    """What is needed of a kept assessment; `shared` are the kinds and values that its evidence counts."""

    id: str
    a: str
    b: str
    as_of: str
    parameters: str
    probabilities: Probabilities
    shared: frozenset[tuple[str, str]]

    def concerned(self, seen: Observation) -> bool:
        """Whether an observation can bear on this pair: it names a side, a tool, or a value that both sides share.

        Statements about tools always count, because the assessment does not hold which tools the sides use. That more
        clusters make everything rarer is left out: it never makes two of one.
        """
        if seen.subject.key in (self.a, self.b) or seen.subject.type in TOOL_TYPES or seen.trait.kind in TOOL_TYPES:
            return True
        if seen.object and any(names(seen.object, side) for side in self.sides()):
            return True
        return any(part in self.shared for part in parts(seen))

    def sides(self) -> tuple[Subject, Subject]:
        """The two subjects."""
        return Subject(*self.a.split("/", 1)), Subject(*self.b.split("/", 1))


def stored_from(document: Mapping[str, Any]) -> StoredAssessment:
    """What is needed of the document of an assessment."""
    return StoredAssessment(
        id=document["id"],
        a=document["a"],
        b=document["b"],
        as_of=document["as_of"],
        parameters=document["provenance"]["parameters"],
        probabilities={name: view["probabilities"] for name, view in document["axes"].items()},
        shared=frozenset((item["kind"], value) for item in document["evidence"] for value in item["values"]),
    )


@dataclass(slots=True)
class Watch:
    """Kept assessments and what the case knows, against which imports are held one after another.

    `known` gives the observations of the case, and is asked only once an import concerns a kept assessment.
    """

    kept: Sequence[StoredAssessment]
    known: Callable[[], Iterable[Observation]]
    counts: Callable[[Snapshot], Counts]
    vocabulary: Vocabulary
    _held: list[Observation] | None = None

    def shifts(self, more: Sequence[Observation]) -> tuple[Shift, ...]:
        """Where more observations move a probability of a kept assessment by more than `MOST`.

        Each pair is asked as of the date of its assessment and as of now; each axis gives one row.
        """
        concerned = [each for each in self.kept if any(each.concerned(seen) for seen in more)]
        if not concerned:
            return ()
        if self._held is None:
            self._held = list(self.known())
        found: dict[tuple[str, str, str, str, float, float], Shift] = {}
        for as_of in sorted({"", *(each.as_of for each in concerned)}, reverse=True):
            asked = [each for each in concerned if as_of in ("", each.as_of)]
            for row in self._as_of(as_of, asked, more):
                # What holds of the date of the assessment and of now is told once.
                found.setdefault((row.a, row.b, row.axis, row.hypothesis, row.before, row.after), row)
        return tuple(found.values())

    def took(self, more: Iterable[Observation]) -> None:
        """Add observations that the case has from now on."""
        if self._held is not None:
            self._held.extend(more)

    def _as_of(self, as_of: str, asked: Sequence[StoredAssessment], more: Sequence[Observation]) -> Iterator[Shift]:
        known = self._held or []
        before, after = (snapshot_of(rows, as_of) for rows in (known, [*known, *more]))
        if before.digest == after.digest:
            return
        common = self.counts(before), self.counts(after)
        for each in asked:
            ours, theirs = (
                _asked(each, snapshot, counts, self.vocabulary)
                for snapshot, counts in zip((before, after), common, strict=True)
            )
            stored = bool(as_of) and each.parameters == self.vocabulary.digest
            yield from _moved(each, as_of, each.probabilities if stored else ours, ours, theirs)


def _asked(each: StoredAssessment, snapshot: Snapshot, counts: Counts, vocabulary: Vocabulary) -> Probabilities:
    a, b = (snapshot.subjects.get(side.key, side) for side in each.sides())
    return {name: view.probabilities for name, view in relate(snapshot, a, b, counts, vocabulary).axes.items()}


def _moved(
    each: StoredAssessment, as_of: str, reference: Probabilities, before: Probabilities, after: Probabilities
) -> Iterator[Shift]:
    """The axes moved too far from the reference, by what this import does itself."""
    for axis, row in after.items():
        name = max(row, key=lambda rival: abs(row[rival] - reference[axis][rival]))
        itself = max(abs(row[rival] - before[axis][rival]) for rival in row)
        if abs(row[name] - reference[axis][name]) > MOST and itself > TOUCHED:
            yield Shift(
                assessment=each.id,
                a=each.a,
                b=each.b,
                as_of=as_of,
                axis=axis,
                hypothesis=name,
                before=reference[axis][name],
                after=row[name],
            )


def newest(documents: Iterable[Mapping[str, Any]]) -> list[StoredAssessment]:
    """Of the documents of assessments, newest first, the newest on each pair and date."""
    found: dict[tuple[str, str, str], StoredAssessment] = {}
    for document in documents:
        each = stored_from(document)
        found.setdefault((each.a, each.b, each.as_of), each)
    return list(found.values())


__all__ = ["MOST", "StoredAssessment", "Watch", "newest", "stored_from"]
