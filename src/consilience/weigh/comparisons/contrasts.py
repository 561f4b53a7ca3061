"""Where a source contrasts the two sides."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.model.observation import Observation
from consilience.weigh.comparisons.agreement import common_origin, worst_grade
from consilience.weigh.dossier import Dossier
from consilience.weigh.item import CONTRAST, Item


def stated_contrasts(dossier: Dossier) -> Iterator[Item]:
    """A source sets the two sides apart in this respect, which counts only because the source itself contrasts them."""
    vocabulary = dossier.vocabulary
    sides = [_contrasted(rows) for rows in dossier.rows]
    for name in sorted(sides[0].keys() & sides[1].keys()):
        kind = vocabulary.kinds.get(name)
        sources = [{seen.source.key for seen in side[name]} for side in sides]
        # A contrast with somebody else, drawn elsewhere, says nothing about this pair.
        left, right = ([seen for seen in side[name] if seen.source.key in sources[0] & sources[1]] for side in sides)
        values = [{seen.trait.value for seen in rows} for rows in (left, right)]
        if kind is None or not left or not values[0].isdisjoint(values[1]):
            continue
        shown = [", ".join(sorted({seen.printed or seen.trait.value for seen in rows})) for rows in (left, right)]
        yield Item(
            kind=name,
            values=tuple(sorted(values[0] | values[1])),
            form="contrast",
            sign=CONTRAST,
            group=kind.group,
            forging=kind.forging,
            vector=tuple(value / 1000 for value in kind.contrast),
            seen=(*left, *right),
            origin=common_origin(dossier, left, right),
            grade=worst_grade(dossier, left, right),
            why=f"contrasted in {name}: {dossier.a.name} {shown[0]}; {dossier.b.name} {shown[1]}",
            because=kind.because,
        )


def _contrasted(rows: tuple[Observation, ...]) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for seen in rows:
        if seen.role == "contrast" and seen.present:
            found.setdefault(seen.trait.kind, []).append(seen)
    return found
