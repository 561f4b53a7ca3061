"""Where a source contrasts the two sides."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.model.observation import Observation
from consilience.vocab.sentences import kind_words, sentence
from consilience.weigh.comparisons.agreement import common_origin, worst_grade
from consilience.weigh.dossier import Dossier
from consilience.weigh.item import CONTRAST, Item
from consilience.weigh.origins import GRADES, UNDATED


def stated_contrasts(dossier: Dossier) -> Iterator[Item]:
    """A source sets the two sides apart in this respect, which counts only because the source itself contrasts them."""
    vocabulary = dossier.vocabulary
    sides = [_contrasted(rows) for rows in dossier.rows]
    for name in sorted(sides[0].keys() & sides[1].keys()):
        kind = vocabulary.kinds.get(name)
        drawn = _drawn_by(dossier, sides[0][name], sides[1][name])
        left, right = ([seen for seen in side[name] if seen.source.key in drawn] for side in sides)
        values = _values(left), _values(right)
        if kind is None or not left or not values[0].isdisjoint(values[1]):
            continue

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
            why=sentence(
                "evidence.contrasted",
                kind=kind_words(name),
                a=dossier.a.name,
                a_values=_printed(left),
                b=dossier.b.name,
                b_values=_printed(right),
            ),
            because=kind.because,
        )


def _values(rows: list[Observation]) -> set[str]:
    """The values of some statements."""
    return {seen.trait.value for seen in rows}


def _printed(rows: list[Observation]) -> str:
    """The values of some statements, as they were printed."""
    return ", ".join(sorted({seen.printed or seen.trait.value for seen in rows}))


def _drawn_by(dossier: Dossier, left: list[Observation], right: list[Observation]) -> frozenset[str]:
    """The documents that set the two against each other, and were the first to say so of at least one side.

    Two documents that each contrast one side with somebody else draw none, nor does who compiles them later.
    """
    both = {seen.source.key for seen in left} & {seen.source.key for seen in right}
    first: dict[tuple[str, str], tuple[str, int, str]] = {}
    for seen in (*left, *right):
        grade = GRADES.index(dossier.origins.grade(seen))
        said = (seen.published or UNDATED, grade, seen.source.key)
        key = (seen.subject.key, seen.trait.value)
        first[key] = min(first.get(key, said), said)
    return frozenset(both & {document for *_, document in first.values()})


def _contrasted(rows: tuple[Observation, ...]) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for seen in rows:
        if seen.role == "contrast" and seen.present:
            found.setdefault(seen.trait.kind, []).append(seen)
    return found
