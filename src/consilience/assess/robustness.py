"""How much the result rests on single things: leave-one-out, removal weights, and what would flip it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from consilience.assess.reweighing import Reweighing
from consilience.model.evidence import Evidence
from consilience.model.outlook import Flip, Forgery, RemovalRow, Without
from consilience.model.relation import Relation
from consilience.vocab.sentences import sentence
from consilience.weigh import Weighing

MOST_REMOVALS = 60
FLIP_AMONG = 7
FLIP_SIZE = 3
MOST_FORGED = 12


def with_removal(reweighing: Reweighing, weighing: Weighing) -> Weighing:
    """The weighing with the removal weight of every item: what the log-odds lose without its observations.

    Of very long lists only the strongest items are weighed again; the rest show their share.
    """
    done = []
    for place, item in enumerate(weighing.evidence):
        if place < MOST_REMOVALS:
            left = reweighing.weighed(frozenset(item.observations)).totals
            lost = tuple(whole - part for whole, part in zip(weighing.totals, left, strict=True))
            done.append(replace(item, removal=reweighing.vocabulary.spread(lost)))
        else:
            done.append(replace(item, removal=item.counted))
    return replace(weighing, evidence=tuple(done))


def leave_one_origin_out(reweighing: Reweighing, relation: Relation) -> list[Without]:
    """The positions without each origin and its copies; `only_source_of_a_side` marks those that leave a side bare."""
    rows: list[Without] = []
    stated_by = reweighing.stated_by()
    for origin in sorted({origin for item in relation.evidence for origin in item.origins}):
        dropped = stated_by.get(origin, frozenset())
        if not dropped:
            continue
        bare = any(
            all(seen.id in dropped for seen in reweighing.snapshot.of(side)) for side in (relation.a, relation.b)
        )
        rows.append({**_without(reweighing, relation, origin, dropped), "only_source_of_a_side": bare})
    return rows


def leave_one_kind_out(reweighing: Reweighing, relation: Relation) -> list[Without]:
    """The positions without each kind of evidence."""
    rows: list[Without] = []
    for kind in sorted({item.kind for item in relation.evidence}):
        dropped = frozenset(seen for item in relation.evidence if item.kind == kind for seen in item.observations)
        rows.append(_without(reweighing, relation, kind, dropped))
    return rows


def _without(reweighing: Reweighing, relation: Relation, what: str, dropped: frozenset[str]) -> Without:
    """The probability of *same operator* that is left, and the axes whose position changes."""
    axes = reweighing.views(reweighing.weighed(dropped))
    changed = {name: view.position for name, view in axes.items() if view.position != relation.axes[name].position}
    return {"without": what, "same": axes["operator"].probabilities["same"], "changes": changed}


def minimal_flip(reweighing: Reweighing, relation: Relation, weighing: Weighing) -> Flip:
    """The smallest change found that moves the position of the axis the result stands on: taking away, or forging."""
    axis = relation.carried_by or "operator"
    return {
        "axis": axis,
        "position": relation.axes[axis].position,
        "remove": _removal(reweighing, relation, axis),
        "forge": _forgery(reweighing, weighing, axis),
    }


def _removal(reweighing: Reweighing, relation: Relation, axis: str) -> RemovalRow:
    """The smallest set of items (of the strongest few) without which the axis has another position."""
    strongest = sorted(
        (item for item in relation.evidence if axis in item.counted), key=lambda item: (-_on(item, axis), item.id)
    )[:FLIP_AMONG]
    for size in range(1, FLIP_SIZE + 1):
        for chosen in combinations(strongest, size):
            dropped = frozenset(seen for item in chosen for seen in item.observations)
            position = reweighing.views(reweighing.weighed(dropped))[axis].position
            if position != relation.axes[axis].position:
                return {
                    "count": size,
                    "evidence": [item.id for item in chosen],
                    "kinds": sorted({item.kind for item in chosen}),
                    "becomes": position,
                }
    return {"count": None, "tried": sentence("change.tried", size=FLIP_SIZE, count=len(strongest))}


def _on(item: Evidence, axis: str) -> int:
    return max(abs(value) for value in item.counted[axis].values())


def _forgery(reweighing: Reweighing, weighing: Weighing, axis: str) -> dict[str, Forgery]:
    """How many traits of each cost an imitator would have to plant on both sides to change the position."""
    before = reweighing.views(weighing)[axis].position
    return {
        cost: _planted(reweighing, weighing, axis, before, costs)
        for cost, costs in (
            ("cheap", ("cheap",)),
            ("medium", ("cheap", "medium")),
            ("dear", ("cheap", "medium", "dear")),
        )
    }


def _planted(reweighing: Reweighing, weighing: Weighing, axis: str, before: str, costs: Iterable[str]) -> Forgery:
    kinds = _plantable(reweighing, axis, tuple(costs))
    for count in range(1, MOST_FORGED + 1):
        chosen = [kinds[place % len(kinds)] for place in range(count)] if kinds else []
        if not chosen:
            break
        after = reweighing.views(weighing.with_forged(chosen, reweighing.vocabulary))[axis].position
        if after != before:
            return {"count": count, "kinds": sorted(set(chosen)), "becomes": after}
    return {"count": None, "tried": MOST_FORGED}


def _plantable(reweighing: Reweighing, axis: str, costs: Sequence[str]) -> list[str]:
    """Kinds of these costs that bear on an axis, one of each trait group, the heaviest first."""
    start, stop = reweighing.vocabulary.ranges[axis]
    best: dict[str, tuple[float, str]] = {}
    for kind in reweighing.vocabulary.kinds.values():
        rate = max(kind.rates[start:stop])
        if kind.form == "trait" and kind.forging in costs and rate > 0:
            best[kind.group] = max(best.get(kind.group, (0.0, "")), (rate / kind.floor, kind.name))
    return [name for _, name in sorted(best.values(), reverse=True)]
