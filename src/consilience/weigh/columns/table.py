"""What every subject of a snapshot shows, as columns of integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from consilience.model.arrays import Flags, Ints
from consilience.model.observation import Observation
from consilience.model.snapshot import Snapshot
from consilience.model.when import Span, span
from consilience.vocab import Vocabulary
from consilience.weigh.comparisons.deception import KINDS as DECEPTION
from consilience.weigh.comparisons.shared import linked_to_nobody
from consilience.weigh.dossier import supported
from consilience.weigh.facts import NOT_FACTS, parts
from consilience.weigh.origins import GRADES, Origins, origins_of, voice

UNDATED = np.iinfo(np.int64).max
NO_ROLE, ROLES_DIFFER = -1, -2


@dataclass(frozen=True, slots=True)
class FactTable:
    """One row per subject and shown value, sorted by subject and then by trait.

    `subjects` and `traits` (kind and value, sorted) give integers their meaning. `start` is the first day shown,
    `printed` the first day in print, `copyable` the first stated day of publication, each `UNDATED` when not
    stated; `spans` the dated showings. `plain_only` are subjects of which something is said that columns do not
    hold (contradictions, deception, sources whose grade depends on other sources): weigh their pairs one by one.
    """

    subjects: tuple[str, ...]
    traits: tuple[tuple[str, str], ...]
    plain_only: Flags
    subject: Ints
    trait: Ints
    grade: Ints
    start: Ints
    printed: Ints
    copyable: Ints
    role: Ints
    exclusive: Flags
    nothing: Flags
    indirect: Flags
    spans: tuple[tuple[Span, ...], ...]
    wholes: tuple[frozenset[tuple[str, str]], ...]

    @property
    def offsets(self) -> Ints:
        """The first row of each subject, and the number of rows at the end."""
        return np.searchsorted(self.subject, np.arange(len(self.subjects) + 1))


def fact_table(snapshot: Snapshot, vocabulary: Vocabulary) -> FactTable:
    """The facts of every subject of a snapshot."""
    origins = origins_of(snapshot.observations, vocabulary)
    unsteady = _unsteady(snapshot, origins)
    subjects = tuple(snapshot.subjects)
    shown = [_shown(snapshot.of(key), vocabulary) for key in subjects]
    traits = tuple(sorted({trait for facts, _ in shown for trait in facts}))
    place = {trait: index for index, trait in enumerate(traits)}
    roles = {name: index for index, name in enumerate(vocabulary.key_roles)}
    rows: list[tuple[int, ...]] = []
    spans: list[tuple[Span, ...]] = []
    wholes: list[frozenset[tuple[str, str]]] = []
    for owner, (facts, _) in enumerate(shown):
        for key in sorted(facts):
            seen = facts[key]
            whole = frozenset((each.trait.kind, each.trait.value) for each in seen)
            when = tuple(each for one in seen if (each := one.showing()) is not None)
            rows.append((owner, place[key], *_row(key, seen, when, whole, origins, roles, vocabulary)))
            spans.append(when)
            wholes.append(whole)
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 10).T
    odd = [
        conflicted or any(voice(seen.source) in unsteady for seen in snapshot.of(name))
        for name, (_, conflicted) in zip(subjects, shown, strict=True)
    ]
    number, trait, grade, start, printed, copyable, role, exclusive, nothing, indirect = columns
    return FactTable(
        subjects=subjects,
        traits=traits,
        plain_only=np.array(odd, dtype=bool),
        subject=number,
        trait=trait,
        grade=grade,
        start=start,
        printed=printed,
        copyable=copyable,
        role=role,
        exclusive=exclusive.astype(bool),
        nothing=nothing.astype(bool),
        indirect=indirect.astype(bool),
        spans=tuple(spans),
        wholes=tuple(wholes),
    )


def _row(
    trait: tuple[str, str],
    seen: Sequence[Observation],
    when: tuple[Span, ...],
    whole: frozenset[tuple[str, str]],
    origins: Origins,
    roles: Mapping[str, int],
    vocabulary: Vocabulary,
) -> tuple[int, ...]:
    stated = {each.key_role for each in seen if each.key_role and each.key_role != "unknown"}
    return (
        GRADES.index(origins.best_grade(seen)),
        min((each.first for each in when), default=UNDATED),
        min((day for each in seen if (day := each.known_from()) is not None), default=UNDATED),
        min((span(each.public_since).first for each in seen if each.public_since), default=UNDATED),
        NO_ROLE if not stated else roles[stated.pop()] if len(stated) == 1 else ROLES_DIFFER,
        any(each.exclusive for each in seen),
        bool(linked_to_nobody(*trait, tuple(each.role for each in seen), vocabulary)),
        trait not in whole,
    )


def _shown(
    rows: tuple[Observation, ...], vocabulary: Vocabulary
) -> tuple[dict[tuple[str, str], list[Observation]], bool]:
    """The statements for each value a subject shows, and whether anything about it is beyond columns."""
    shown: dict[tuple[str, str], list[Observation]] = {}
    missed = odd = False
    for seen in supported(rows):
        kind = vocabulary.kinds.get(seen.trait.kind)
        odd = odd or seen.trait.kind in DECEPTION
        if kind is None or kind.form != "trait" or kind.name in NOT_FACTS:
            continue
        odd = odd or kind.ordered or seen.role == "contrast"
        missed = missed or not seen.present
        if seen.present and not kind.ordered:
            for part in parts(seen):
                shown.setdefault(part, []).append(seen)
    return shown, odd or missed


def _unsteady(snapshot: Snapshot, origins: Origins) -> frozenset[str]:
    """The sources whose grade may differ with the company they are in: one origin, several grades."""
    grades: dict[str, set[str]] = {}
    voices: dict[str, set[str]] = {}
    for seen in snapshot.observations:
        origin = origins.origin(seen)
        grades.setdefault(origin, set()).add(seen.source.reliability)
        voices.setdefault(origin, set()).add(voice(seen.source))
    return frozenset(name for origin, found in grades.items() if len(found) > 1 for name in voices[origin])
