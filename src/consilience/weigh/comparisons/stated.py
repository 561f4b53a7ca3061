"""What an examiner said of both sides at once, and what an examiner looked for and did not find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from consilience.model.observation import Observation
from consilience.vocab import Kind
from consilience.vocab.sentences import kind_words, sentence
from consilience.weigh.comparisons.agreement import (
    Terms,
    capped,
    coverage,
    floors,
    negative_vector,
    vector,
)
from consilience.weigh.comparisons.deception import voided_by
from consilience.weigh.comparisons.shared import key_role
from consilience.weigh.dossier import Dossier
from consilience.weigh.facts import Fact, settled
from consilience.weigh.item import NEGATIVE, POSITIVE, Item

WITHOUT_PARTS = frozenset({"crypto-key:identical", "contention", "cohabitation"})
OTHER_ROOMS = frozenset({"build:inconsistent", "decoy", "custody"})


def stated_comparisons(dossier: Dossier) -> Iterator[Item]:
    """An examiner of both sides states this likeness, or looked for it within a stated scope and did not find it."""
    vocabulary = dossier.vocabulary
    stated: dict[str, list[Observation]] = {}
    for seen in dossier.between:
        kind = vocabulary.kinds.get(seen.trait.kind)
        if kind is not None and kind.form == "comparison" and kind.name not in OTHER_ROOMS:
            stated.setdefault(kind.name, []).append(seen)
    for name in sorted(stated):
        for fact in _facts(name, stated[name], dossier):
            yield (_present if fact.shown else _absent)(dossier, vocabulary.kinds[name], fact)


def _facts(name: str, rows: list[Observation], dossier: Dossier) -> Iterator[Fact]:
    """One fact a value; all denials of a kind that meet no statement of the same value are one look."""
    present: dict[str, list[Observation]] = {}
    absent: dict[str, list[Observation]] = {}
    for seen in rows:
        value = "" if name in WITHOUT_PARTS - {"cohabitation"} else seen.trait.value
        (present if seen.present else absent).setdefault(value, []).append(seen)
    for value in sorted(present):
        yield settled(name, value, present[value], absent.pop(value, []), dossier.origins, dossier.vocabulary)
    left = [seen for value in sorted(absent) for seen in absent[value]]
    if left:
        yield settled(name, "", [], left, dossier.origins, dossier.vocabulary)


def _present(dossier: Dossier, kind: Kind, fact: Fact) -> Item:
    vocabulary = dossier.vocabulary
    grade = dossier.origins.best_grade(fact.seen)
    public = any(each.public_since for each in fact.seen)
    void = next(filter(None, (voided_by(dossier, kind.name, each.trait.value) for each in fact.seen)), None)
    floor, supply_floor = floors(kind, dossier, grade, public, void is not None)
    share = (kind.shares or {}).get(fact.value, kind.usual_share)
    if any(each.exclusive for each in fact.seen):
        share *= vocabulary.counting["exclusive"]["share_factor"]
    weights = _weights(dossier, kind, fact, Terms(share=share, floor=floor, supply_floor=supply_floor))
    what = "; ".join(sorted({each.printed or each.trait.value for each in fact.seen}))
    return _item(
        dossier,
        kind,
        fact,
        weights,
        "comparison",
        NEGATIVE if any(kind.stated) else POSITIVE,
        "; ".join(filter(None, (sentence("evidence.stated", kind=kind_words(kind.name), what=what), void))),
    )


def _weights(dossier: Dossier, kind: Kind, fact: Fact, terms: Terms) -> tuple[float, ...]:
    """What a stated likeness weighs: as the kind states it, by the role of a key, or by the rates of the kind."""
    if any(kind.stated):
        return tuple(value / 1000 for value in kind.stated)
    if kind.by_key_role:
        role = key_role(dossier, fact.seen)
        return vector(kind, role.rates, replace(terms, cap_operator=role.cap_operator), dossier.vocabulary)
    return vector(kind, kind.rates, terms, dossier.vocabulary)


def _absent(dossier: Dossier, kind: Kind, fact: Fact) -> Item:
    vocabulary = dossier.vocabulary
    if any(kind.denied):
        weights = tuple(value / 1000 for value in kind.denied)
    else:
        rates = key_role(dossier, fact.seen).absent if kind.by_key_role else kind.absent
        weights = negative_vector(rates, coverage(fact.scope(), vocabulary), vocabulary)
    weights = capped(list(weights), kind, vocabulary, 12_000)
    scope = fact.scope() or sentence("evidence.scope_not_stated")
    return _item(
        dossier,
        kind,
        fact,
        weights,
        "negative",
        POSITIVE if any(kind.denied) else NEGATIVE,
        sentence("evidence.not_found", kind=kind_words(kind.name), scope=scope),
    )


def _item(dossier: Dossier, kind: Kind, fact: Fact, weights: tuple[float, ...], form: str, sign: str, why: str) -> Item:
    return Item(
        kind=kind.name,
        values=(fact.value,) if fact.value else tuple(sorted({each.trait.value for each in fact.seen})),
        form=form,
        sign=sign,
        group=kind.group,
        forging=kind.forging,
        vector=tuple(fact.trust * value for value in weights),
        seen=(*fact.seen, *fact.against),
        origin=dossier.origins.first(fact.seen)[0],
        grade=dossier.origins.best_grade(fact.seen),
        public=any(each.public_since for each in fact.seen),
        conflict=fact.conflict,
        why=why,
        because=kind.because,
    )
