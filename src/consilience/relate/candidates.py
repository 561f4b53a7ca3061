"""Pairs worth weighing: those that share a value which is not on too many subjects, or of which something is said."""

from __future__ import annotations

from itertools import combinations

from consilience.model.names import names
from consilience.model.snapshot import Snapshot
from consilience.model.subject import CLUSTER_TYPES, TOOL_TYPES
from consilience.vocab import Vocabulary
from consilience.weigh import Counts

MOST_HOLDERS = 50


def candidates(snapshot: Snapshot, counts: Counts, vocabulary: Vocabulary, subject: str = "") -> list[tuple[str, str]]:
    """The pairs of subjects of one sort (clusters with clusters, tools with tools) worth weighing, sorted.

    A value on more than `MOST_HOLDERS` subjects makes no pair: its base rate is past every ramp or its weight is
    below what any position needs, so nothing is lost that could matter; it still counts in pairs found otherwise.
    """
    sorts = {
        key: "cluster" if each.type in CLUSTER_TYPES else "tool" if each.type in TOOL_TYPES else each.type
        for key, each in snapshot.subjects.items()
    }
    found: set[tuple[str, str]] = set()
    for holders in counts.holders.values():
        if 2 <= len(holders) <= MOST_HOLDERS and (not subject or subject in holders):
            found.update(combinations(sorted(holders), 2))
    found |= spoken_of(snapshot)
    return sorted(pair for pair in found if sorts[pair[0]] == sorts[pair[1]] and (not subject or subject in pair))


def spoken_of(snapshot: Snapshot) -> set[tuple[str, str]]:
    """The pairs of which a statement is made that names both, each sorted."""
    found: set[tuple[str, str]] = set()
    by_name: dict[str, list[str]] = {}
    for key, each in snapshot.subjects.items():
        by_name.setdefault(each.name.casefold(), []).append(key)
        by_name.setdefault(key.casefold(), []).append(key)
    for seen in snapshot.observations:
        if seen.object:
            for other in by_name.get(seen.object.casefold(), []):
                if names(seen.object, snapshot.subjects[other]) and other != seen.subject.key:
                    first, second = sorted((seen.subject.key, other))
                    found.add((first, second))
    return found
