"""What publishers claim about the pair: testimony, one voice per origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from consilience.model.observation import Observation
from consilience.model.printable import escaped
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import kind_words, sentence
from consilience.weigh.dossier import Dossier
from consilience.weigh.item import CLAIM, Item
from consilience.weigh.origins import GRADES, UNDATED, voice


def testimony(dossier: Dossier) -> Iterator[Item]:
    """A publisher claims this: an opinion at that source's grade and stated confidence, one voice per origin."""
    vocabulary = dossier.vocabulary
    claimed: dict[str, list[Observation]] = {}
    for seen in dossier.between:
        if vocabulary.is_claim(seen.trait.kind):
            claimed.setdefault(seen.trait.kind, []).append(seen)
    for name in sorted(claimed):
        voices = sorted(
            (_voice(dossier, name, rows) for rows in _voices(dossier, claimed[name])),
            key=lambda item: (-max(map(abs, item.vector)), item.origin),
        )
        decay = vocabulary.counting["claims"]["origin_decay"]
        for place, item in enumerate(voices):
            part = decay**place
            yield item if part == 1 else _fainter(item, part)


def _fainter(item: Item, part: float) -> Item:
    note = sentence("notes.same_voice", part=part)
    return replace(item, vector=tuple(part * value for value in item.vector), notes=(*item.notes, note))


def _voices(dossier: Dossier, rows: Sequence[Observation]) -> list[list[Observation]]:
    """The statements of a claim by voice: the first speaker, and each later origin that brings facts of its own.

    A document that states nothing else about the pair, or only what others stated before it, repeats what was claimed
    before, however it words it; it joins the voice of its origin, or the first, and can raise its grade but not its
    number.
    """
    own = _with_own_facts(dossier)

    def order(seen: Observation) -> tuple[bool, bool, str, int, str]:
        repeats = voice(seen.source) not in own
        grade = GRADES.index(dossier.origins.grade(seen))
        return bool(seen.source.derived_from), repeats, seen.published or UNDATED, grade, seen.id

    voices: dict[str, list[Observation]] = {}
    for seen in sorted(rows, key=order):
        origin = dossier.origins.origin(seen)
        if origin not in voices and voices and voice(seen.source) not in own:
            origin = next(iter(voices))
        voices.setdefault(origin, []).append(seen)
    return list(voices.values())


def _with_own_facts(dossier: Dossier) -> frozenset[str]:
    """The documents that state a fact about the pair which no earlier one states; of one day, the better graded."""
    first: dict[tuple[str, str, str], tuple[str, int, str]] = {}
    for rows in dossier.rows:
        for seen in rows:
            if dossier.vocabulary.is_claim(seen.trait.kind) or seen.trait.kind not in dossier.vocabulary.kinds:
                continue
            fact = (seen.subject.key, seen.trait.kind, seen.trait.value)
            said = (seen.published or UNDATED, GRADES.index(dossier.origins.grade(seen)), voice(seen.source))
            first[fact] = min(first.get(fact, said), said)
    return frozenset(document for _, _, document in first.values())


def _voice(dossier: Dossier, name: str, rows: Sequence[Observation]) -> Item:
    vocabulary = dossier.vocabulary
    claim = vocabulary.claims[name]
    rules: Mapping[str, Any] = vocabulary.counting
    factors: Mapping[str, float] = rules["grades"]["factors"]

    def strength(seen: Observation) -> float:
        grade = factors[dossier.origins.grade(seen)]
        return (
            grade
            * stated_confidence(seen.confidence, vocabulary)
            * (1 if seen.present else rules["claims"]["denied_factor"])
        )

    best = max(rows, key=lambda seen: abs(strength(seen)))
    part = strength(best)
    grade = dossier.origins.grade(best)
    publishers = sorted({seen.source.publisher for seen in rows})
    return Item(
        kind=name,
        values=tuple(sorted({seen.trait.value for seen in rows})),
        form="claim",
        sign=CLAIM,
        group="claim",
        forging="medium",
        vector=tuple(part * value / 1000 for value in claim.weights),
        seen=tuple(rows),
        origin=dossier.origins.origin(rows[0]),
        grade=grade,
        hearsay=factors[grade] < rules["grades"]["hearsay_factor_below"],
        why=_why(name, best, grade, publishers),
        because=claim.because,
    )


def _why(name: str, best: Observation, grade: str, publishers: Sequence[str]) -> str:
    """Who claims what, in which words, and who repeats it."""
    said = {"publisher": best.source.publisher, "grade": grade, "kind": kind_words(name)}
    if best.confidence:
        how = "evidence.claimed_in_words" if best.present else "evidence.denied_in_words"
        text = sentence(how, words=escaped(best.confidence), **said)
    else:
        text = sentence("evidence.claimed" if best.present else "evidence.denied", **said)
    others = [each for each in publishers if each != best.source.publisher]
    return "; ".join((text, sentence("evidence.repeated", names=others))) if others else text


def stated_confidence(printed: str, vocabulary: Vocabulary) -> float:
    """The factor of a publisher's stated confidence: of the known words it prints, the longest decides.

    >>> from consilience.vocab import vocabulary
    >>> stated_confidence("medium-to-high confidence", vocabulary())
    0.85
    """
    words: Mapping[str, float] = vocabulary.counting["claims"]["confidence"]
    text = " ".join(printed.casefold().replace("_", " ").split())
    if not text:
        return float(vocabulary.counting["claims"]["confidence_not_stated"])
    if text.isdigit():
        return min(1.0, int(text) / 100)
    dashed = text.replace(" to ", "-to-")
    found = [word for word in words if word in dashed or word in text]
    return float(words[max(found, key=len)]) if found else float(vocabulary.counting["claims"]["confidence_not_stated"])
