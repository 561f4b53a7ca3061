"""Ordered lists compare as orders."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.model.evidence import Rarity
from consilience.vocab import Kind
from consilience.vocab.sentences import kind_words, sentence
from consilience.weigh import formula
from consilience.weigh.comparisons.agreement import Terms, common_origin, floors, vector, worst_grade
from consilience.weigh.comparisons.deception import voided_by
from consilience.weigh.comparisons.shared import is_public
from consilience.weigh.dossier import Dossier
from consilience.weigh.facts import Fact
from consilience.weigh.item import POSITIVE, Item

KINDS_BY_ORDER = frozenset({"c2:protocol-order"})
WHOLE = 2 / 3


def same_order(dossier: Dossier) -> Iterator[Item]:
    """Both sides do the same things in the same order, of which half is convention and the rest tells."""
    kinds = dossier.vocabulary.kinds
    for name in sorted({kind for kind, _ in dossier.left if kinds[kind].ordered}):
        pairs = _common_orders(dossier, name)
        if pairs:
            left, right, common = max(pairs, key=lambda pair: len(pair[2]))
            yield _item(dossier, kinds[name], left, right, common)


def _common_orders(dossier: Dossier, name: str) -> list[tuple[Fact, Fact, tuple[str, ...]]]:
    """The facts of a kind that go through common things in one order, with these things."""
    least = dossier.vocabulary.counting["order"]["least"]
    return [
        (left, right, common)
        for key, left in sorted(dossier.left.items())
        for other, right in sorted(dossier.right.items())
        if key[0] == other[0] == name and left.shown and right.shown
        if (common := _common(key[1], other[1], least))
    ]


def _common(left: str, right: str, least: int) -> tuple[str, ...]:
    """The longest list both go through in order, where it is long enough to be most of the longer list."""
    first, second = left.split(","), right.split(",")
    table: list[list[tuple[str, ...]]] = [[()] * (len(second) + 1)]
    for one in first:
        row: list[tuple[str, ...]] = [()]
        for place, other in enumerate(second):
            row.append((*table[-1][place], one) if one == other else max(table[-1][place + 1], row[-1], key=len))
        table.append(row)
    best = table[-1][-1]
    return best if len(best) >= max(least, WHOLE * max(len(first), len(second))) else ()


def _item(dossier: Dossier, kind: Kind, left: Fact, right: Fact, common: tuple[str, ...]) -> Item:
    vocabulary = dossier.vocabulary
    grade = worst_grade(dossier, left.seen, right.seen)
    public = is_public(dossier, left, right)
    void = voided_by(dossier, kind.name, left.value)
    floor, supply_floor = floors(kind, dossier, grade, public, void is not None)
    if kind.name in KINDS_BY_ORDER:
        share = formula.order_share(len(common), vocabulary.counting["order"]["convention"])
        rarity = Rarity(holders=0, population=0, corpus="possible orders", share=share)
        ramp = 1.0
    else:
        rarity = dossier.counts.rarity(kind, left.value, dossier.sides, vocabulary, False)
        ramp = formula.commodity(rarity.share, kind.ramp, vocabulary.counting["ramps"])
    terms = Terms(share=rarity.share, floor=floor, supply_floor=supply_floor, ramp=ramp)
    trust = min(left.trust, right.trust)
    return Item(
        kind=kind.name,
        values=tuple(sorted({left.value, right.value})),
        form="order",
        sign=POSITIVE,
        group=kind.group,
        forging=kind.forging,
        vector=tuple(trust * value for value in vector(kind, kind.rates, terms, vocabulary)),
        seen=(*left.seen, *right.seen),
        origin=common_origin(dossier, left.seen, right.seen),
        grade=grade,
        rarity=rarity,
        public=public,
        conflict="; ".join(filter(None, (left.conflict, right.conflict))),
        notes=(void,) if void else (),
        doubts=(void,) if void else (),
        why=sentence(
            "evidence.order",
            kind=kind_words(kind.name),
            count=len(common),
            steps=", ".join(common),
            share=rarity.share,
        ),
        because=kind.because,
    )
