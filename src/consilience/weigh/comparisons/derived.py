"""What follows from facts about others: many users of a tool, named parts of a cluster."""

from __future__ import annotations

import math
from collections.abc import Iterator

from consilience.model.evidence import Rarity
from consilience.model.names import family, names
from consilience.model.observation import Observation
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import kind_words, sentence
from consilience.weigh import formula
from consilience.weigh.dossier import Dossier
from consilience.weigh.item import DERIVED, POSITIVE, Item
from consilience.weigh.origins import UNDATED


def many_users(dossier: Dossier) -> Iterator[Item]:
    """A tool of one side was compared with the other side's and serves several others, as a supplier's tool would."""
    vocabulary = dossier.vocabulary
    done: set[str] = set()
    for tool, _ in dossier.tools:
        for subject in (tool.a, tool.b):
            name = family(subject.name)
            if name in done:
                continue
            done.add(name)
            users = _users(dossier, name)
            rarity = dossier.counts.rarity(vocabulary.kinds["malware"], name, dossier.sides, vocabulary, False)
            if len(users) >= vocabulary.counting["many_users"]["least"] and not _commodity(rarity, vocabulary):
                yield _users_item(dossier, subject.name, users, tool)


def _commodity(rarity: Rarity, vocabulary: Vocabulary) -> bool:
    return formula.commodity(rarity.share, vocabulary.kinds["malware"].ramp, vocabulary.counting["ramps"]) == 0


def _users(dossier: Dossier, name: str) -> dict[str, Observation]:
    """One statement for each cluster outside the pair that uses a family."""
    found: dict[str, Observation] = {}
    for kind in ("malware", "tool"):
        for key in sorted(dossier.counts.others(kind, name, dossier.sides)):
            if key in dossier.counts.clusters and key not in found:
                first = _first_use(dossier, key, kind, name)
                if first is not None:
                    found[key] = first
    return found


def _first_use(dossier: Dossier, key: str, kind: str, name: str) -> Observation | None:
    """The first statement that a subject uses a family; None where there is none."""
    uses = (
        seen
        for seen in dossier.snapshot.of(key)
        if seen.trait.kind == kind and seen.present and family(seen.trait.value) == name
    )
    return min(uses, key=lambda seen: (seen.published or UNDATED, seen.id), default=None)


def _users_item(dossier: Dossier, tool_name: str, users: dict[str, Observation], tool: Dossier) -> Item:
    vocabulary = dossier.vocabulary
    weights = list(map(float, vocabulary.zero))
    weights[vocabulary.place["supply", "shared"]] = min(
        vocabulary.counting["many_users"]["cap"], 10 * math.log10(1 + len(users))
    )
    compared = tool.between or tuple(
        seen for key in sorted(tool.left.keys() & tool.right.keys()) for seen in tool.left[key].seen
    )
    seen = tuple(users.values())
    first = min(seen, key=lambda each: (each.published or UNDATED, each.id)).source
    return Item(
        kind="malware",
        values=(tool_name,),
        form="many-users",
        sign=DERIVED,
        group="many-users",
        forging="dear",
        vector=tuple(weights),
        seen=(*seen, *compared[:1]),
        origin=first.key,
        grade=first.reliability,
        why=sentence("evidence.many_users", tool=tool_name, count=len(users), names=sorted(users)),
        because=sentence("evidence.many_users_because"),
    )


def _parts_of_sides(dossier: Dossier) -> list[Observation]:
    """The statements that a subject outside the pair is a part of one side."""
    return [
        seen
        for seen in dossier.snapshot.observations
        if seen.trait.kind == "name:part-of"
        and seen.present
        and seen.subject.key not in dossier.sides
        and any(names(seen.object, side) for side in (dossier.a, dossier.b))
    ]


def named_parts(dossier: Dossier, found: tuple[Item, ...]) -> Iterator[Item]:
    """One side is known to have parts and shares with the other what weighs on operator, so the other may be a part."""
    # What anybody can plant does not count: the named parts would make a strong trait of a cheap one.
    vocabulary = dossier.vocabulary
    rules = vocabulary.counting["named_parts"]
    start, stop = vocabulary.ranges["operator"]
    strong = [
        item
        for item in found
        if item.sign == POSITIVE
        and item.forging != "cheap"
        and max(item.vector[start:stop], default=0.0) >= rules["operator_least"]
    ]
    parts = _parts_of_sides(dossier)
    if not strong or not parts:
        return
    weights = list(map(float, vocabulary.zero))
    for hypothesis, value in rules["weights"].items():
        weights[vocabulary.place["name", hypothesis]] = value
    best = max(strong, key=lambda item: (max(item.vector[start:stop]), item.key))
    named = sorted({seen.subject.name for seen in parts})
    yield Item(
        kind="name:part-of",
        values=tuple(named),
        form="named-parts",
        sign=DERIVED,
        group="named-parts",
        forging="dear",
        vector=tuple(weights),
        seen=(*parts, *best.seen),
        origin=best.origin,
        grade=best.grade,
        why=sentence("evidence.named_parts", names=named, kind=kind_words(best.kind)),
        because=sentence("evidence.named_parts_because"),
    )
