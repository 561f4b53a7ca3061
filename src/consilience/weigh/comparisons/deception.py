"""Signs that a likeness was staged or came into other hands; they also void the items they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from consilience.model.names import names
from consilience.model.observation import Observation
from consilience.vocab.sentences import kind_words, sentence
from consilience.weigh.comparisons.agreement import Terms, floors, vector
from consilience.weigh.dossier import Dossier
from consilience.weigh.item import POSITIVE, Item

KINDS = ("build:inconsistent", "custody", "decoy")
_WORD = re.compile(r"[a-z0-9]+")


def staged_or_captured(dossier: Dossier) -> Iterator[Item]:
    """A part of the likeness contradicts itself, never worked, or changed hands, so somebody made or took it."""
    for name in KINDS:
        kind = dossier.vocabulary.kinds[name]
        rows: dict[str, list[Observation]] = {}
        for seen in signs(dossier, name):
            if seen.object or _named(dossier, seen):
                rows.setdefault(seen.trait.value, []).append(seen)
        for value in sorted(rows):
            seen_rows = rows[value]
            grade = dossier.origins.best_grade(seen_rows)
            floor, supply_floor = floors(kind, dossier, grade)
            terms = Terms(share=kind.usual_share, floor=floor, supply_floor=supply_floor)
            yield Item(
                kind=name,
                values=(value,),
                form="deception",
                sign=POSITIVE,
                group=kind.group,
                forging=kind.forging,
                vector=vector(kind, kind.rates, terms, dossier.vocabulary),
                seen=tuple(seen_rows),
                origin=dossier.origins.first(seen_rows)[0],
                grade=grade,
                why=sentence(
                    "evidence.deception",
                    kind=kind_words(name),
                    what="; ".join(sorted({each.note or each.printed or value for each in seen_rows})),
                ),
                because=kind.because,
            )


def signs(dossier: Dossier, name: str) -> Iterator[Observation]:
    """The statements of one kind of deception that concern this pair: about the other side, or about nobody."""
    for rows, other in ((dossier.rows[0], dossier.b), (dossier.rows[1], dossier.a)):
        for seen in rows:
            if seen.trait.kind == name and seen.present and (not seen.object or names(seen.object, other)):
                yield seen


def voided_by(dossier: Dossier, kind: str, value: str) -> str | None:
    """Why a shared value counts for little: a sign of deception names its kind or the value itself; else None."""
    for name in KINDS:
        for seen in signs(dossier, name):
            if concerns(seen, kind, value):
                return sentence("notes.voided", publisher=seen.source.publisher, kind=kind_words(name))
    return None


def concerns(seen: Observation, kind: str, value: str) -> bool:
    """Whether a sign of deception names a kind (`build:rich-header`, `Rich header`), a value, or a value of a kind."""
    named, value = seen.trait.value.casefold(), value.casefold()
    if named in (kind, value, f"{kind} {value}"):
        return True
    last = " ".join(_WORD.findall(kind.rsplit(":", maxsplit=1)[-1]))
    return bool(last) and " ".join(_WORD.findall(named)) == last


def _named(dossier: Dossier, seen: Observation) -> bool:
    return any(concerns(seen, *key) for key in dossier.left.keys() & dossier.right.keys())
