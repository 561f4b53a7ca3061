"""The heaviest pairs of a case: ranked by columns, then weighed one by one until no other can be heavier."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from consilience.model.names import family
from consilience.model.relation import Relation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import TOOL_TYPES
from consilience.relate.candidates import candidates, spoken_of
from consilience.vocab import Vocabulary
from consilience.weigh import Counts
from consilience.weigh.columns import fact_table, shared_rows, totals
from consilience.weigh.comparisons.lent import NOT_LENT

SLACK = 0.001
"""Decibans per slot by which rounding each item can lift a plain total over the sum of columns."""


def heaviest(
    snapshot: Snapshot,
    counts: Counts,
    vocabulary: Vocabulary,
    weighed: Callable[[str, str], Relation],
    subject: str = "",
    top: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> list[tuple[float, Relation]]:
    """The `top` pairs with the heaviest evidence (decibans, over all axes but the name), heaviest first.

    The columns bound from above what a pair can weigh that only shares values; pairs of which more is said, or whose
    tools were compared, have no bound. All of these are weighed one by one, then the others in the order of their
    bounds until the next bound is below the last of the list: the same list as weighing all, at a fraction of it.
    """
    pairs = candidates(snapshot, counts, vocabulary, subject)
    bound = _bounds(snapshot, pairs, counts, vocabulary)
    best: list[tuple[float, tuple[str, str]]] = []
    found: dict[tuple[str, str], tuple[float, Relation]] = {}
    for place, number in enumerate(np.argsort(-bound, kind="stable")):
        if len(best) >= top and bound[number] < best[0][0]:
            break
        pair = pairs[number]
        relation = weighed(*pair)
        weight = weight_of(relation)
        found[pair] = weight, relation
        heapq.heappush(best, (weight, pair))
        if len(best) > top:
            heapq.heappop(best)
        if progress:
            progress(place + 1, len(pairs))
    if progress:
        progress(len(pairs), len(pairs))
    return sorted(found.values(), key=lambda row: (-row[0], row[1].a, row[1].b))[:top]


def weight_of(relation: Relation) -> float:
    """The decibans of the evidence on a pair, over all axes but the name."""
    return sum(max(view.totals.values()) for name, view in relation.axes.items() if name != "name") / 1000


def _bounds(
    snapshot: Snapshot, pairs: Sequence[tuple[str, str]], counts: Counts, vocabulary: Vocabulary
) -> NDArray[np.float64]:
    """The most decibans each pair can weigh, infinite where columns cannot tell."""
    table = fact_table(snapshot, vocabulary)
    place = {key: number for number, key in enumerate(table.subjects)}
    ends = np.array([(place[a], place[b]) for a, b in pairs], dtype=np.int64).reshape(len(pairs), 2)
    rows = shared_rows(table, ends, counts, vocabulary)
    sums = totals(rows, table, len(pairs), vocabulary)
    bound = np.zeros(len(pairs))
    for axis, (start, stop) in vocabulary.ranges.items():
        if axis != "name":
            bound += np.maximum(sums[:, start:stop].max(axis=1), 0.0)
    bound += SLACK * len(vocabulary.ranges) * np.bincount(rows.pair, minlength=len(pairs))
    users = {key for key in table.subjects if _tools_of(snapshot, key)}
    unbounded = spoken_of(snapshot) | _lending(snapshot, counts, vocabulary)
    for number, (a, b) in enumerate(pairs):
        if (a, b) in unbounded or table.plain_only[ends[number]].any():
            bound[number] = np.inf
        elif a in users and b in users:
            bound[number] += 2 * vocabulary.counting["many_users"]["cap"] + vocabulary.counting["toolset"]["cap"]
    return bound


def _lending(snapshot: Snapshot, counts: Counts, vocabulary: Vocabulary) -> set[tuple[str, str]]:
    """The pairs whose tools share what tools lend to their users, or of whose tools something is said."""
    users: dict[str, list[str]] = {}
    tools = {key: family(each.name) for key, each in snapshot.subjects.items() if each.type in TOOL_TYPES}
    for key in snapshot.subjects:
        for name in _tools_of(snapshot, key):
            users.setdefault(name, []).append(key)
    linked = {pair for pair in spoken_of(snapshot) if pair[0] in tools and pair[1] in tools}
    ordered = [kind.name for kind in vocabulary.kinds.values() if kind.ordered]
    for (kind, _), holders in counts.holders.items():
        if kind not in ordered and vocabulary.kinds[kind].group not in NOT_LENT:
            held = sorted(holders & tools.keys())
            linked.update((left, right) for place, left in enumerate(held) for right in held[place + 1 :])
    for kind in ordered:
        held = sorted(
            {key for (name, _), keys in counts.holders.items() if name == kind for key in keys} & tools.keys()
        )
        linked.update((left, right) for place, left in enumerate(held) for right in held[place + 1 :])
    return {
        (min(one, other), max(one, other))
        for left, right in linked
        for one in users.get(tools[left], ())
        for other in users.get(tools[right], ())
        if one != other
    }


def _tools_of(snapshot: Snapshot, key: str) -> set[str]:
    """The families a subject is said to use."""
    return {family(seen.trait.value) for seen in snapshot.of(key) if seen.trait.kind in TOOL_TYPES and seen.present}
