"""Several families that hardly anybody else has."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.model.observation import Observation
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence
from consilience.weigh.comparisons.agreement import common_origin, worst_grade
from consilience.weigh.dossier import Dossier
from consilience.weigh.facts import Fact
from consilience.weigh.item import DERIVED, POSITIVE, Item


def exclusive_toolset(dossier: Dossier, found: tuple[Item, ...]) -> Iterator[Item]:
    """Both show families that hardly anybody of many known clusters has, several of them or one beside other links."""
    vocabulary = dossier.vocabulary
    rules = vocabulary.counting["toolset"]
    kept = _kept_families(dossier)
    if not kept or (len(kept) == 1 and not _beside(found, vocabulary, rules["beside_least"])):
        return
    sides = [[side[key] for key in kept] for side in (dossier.left, dossier.right)]
    seen = [_statements(facts) for facts in sides]
    trust = min(fact.trust for facts in sides for fact in facts)
    names = tuple(value for _, value in kept)
    yield Item(
        kind="malware",
        values=names,
        form="toolset",
        sign=DERIVED,
        group="family",
        forging="dear",
        vector=_vector(vocabulary, len(kept), trust),
        seen=(*seen[0], *seen[1]),
        origin=common_origin(dossier, *seen),
        grade=worst_grade(dossier, *seen),
        why=sentence("evidence.toolset", names=names, most=rules["most_holders"], population=_population(dossier)),
        because=sentence("evidence.toolset_because"),
    )


def _statements(facts: list[Fact]) -> tuple[Observation, ...]:
    """The statements of some facts."""
    return tuple(each for fact in facts for each in fact.seen)


def _vector(vocabulary: Vocabulary, count: int, trust: float) -> tuple[float, ...]:
    """What so many families weigh together, up to the most that a toolset may weigh."""
    rules = vocabulary.counting["toolset"]
    factor = trust * min(float(count), rules["cap"] / max(rules["each"].values()))
    weights = list(map(float, vocabulary.zero))
    for hypothesis, value in rules["each"].items():
        weights[vocabulary.place["operator", hypothesis]] = factor * value
    return tuple(weights)


def _kept_families(dossier: Dossier) -> list[tuple[str, str]]:
    """The shared families that hardly anybody else has, as kind and value, sorted."""
    return [key for key in sorted(dossier.left.keys() & dossier.right.keys()) if _is_kept(dossier, key)]


def _is_kept(dossier: Dossier, key: tuple[str, str]) -> bool:
    """Whether a shared family is malware that hardly any of the many clusters of the case has."""
    rules = dossier.vocabulary.counting["toolset"]
    sides: tuple[Fact, Fact] = (dossier.left[key], dossier.right[key])
    if key[0] != "malware" or not all(fact.shown for fact in sides) or _population(dossier) < rules["population"]:
        return False
    if any(each.role in dossier.vocabulary.ignored["roles"] for fact in sides for each in fact.seen):
        return False
    others = {
        holder for kind in ("malware", "tool") for holder in dossier.counts.others(kind, key[1], dossier.sides)
    } & dossier.counts.clusters
    return len(others) <= int(rules["most_holders"])


def _population(dossier: Dossier) -> int:
    return len(dossier.counts.clusters - set(dossier.sides))


def _beside(found: tuple[Item, ...], vocabulary: Vocabulary, least: float) -> bool:
    """Whether something other than software weighs for one operator."""
    place = vocabulary.place["operator", "same"]
    return any(
        item.sign == POSITIVE and item.group != "family" and item.forging != "cheap" and item.vector[place] >= least
        for item in found
    )
