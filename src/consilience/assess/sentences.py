"""Sentences by the rules of ICD 203: likelihoods, each with its source.

Analytic confidence is no part of them: every rendering prints it by itself, so the two never share a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from consilience.model.assessment import Sentence
from consilience.model.relation import AxisView, Relation
from consilience.vocab import Vocabulary

ORDER = ("developer", "requirement", "supply", "infrastructure", "operator", "sincerity", "name")

DECEPTIONS = 3
"""How many signs of deception are told in the sentences; all of them stand in the evidence."""


def words_of(view: AxisView, vocabulary: Vocabulary) -> str:
    """The estimative word of the leading hypothesis of an axis, on the ICD 203 scale."""
    return vocabulary.scales["icd203"].word(view.probabilities[view.leading])[0]


def sentences(
    relation: Relation,
    tracking: tuple[str, str],
    edge: Mapping[str, Any],
    withheld: Sequence[Mapping[str, Any]],
    conflicts: Sequence[Mapping[str, Any]],
    vocabulary: Vocabulary,
) -> Iterator[Sentence]:
    """The sentences of an assessment, each with the axes or evidence it rests on."""
    first, second = sorted((relation.a, relation.b))
    carried = f", carried by {relation.carried_by}" if relation.carried_by else ""
    yield Sentence(
        text=f"{first} and {second}, as of {relation.as_of or 'now'}: {relation.level}"
        f" ({vocabulary.levels[relation.level]}){carried}.",
        rests_on=(relation.carried_by,) if relation.carried_by else tuple(relation.axes),
    )
    for name in ORDER:
        yield _axis(relation.axes[name], vocabulary)
    yield Sentence(
        text=f"Tracking: {vocabulary.rules['tracking']['words'][tracking[0]]} ({tracking[1]}).", rests_on=("operator",)
    )
    if "evidence" in edge:
        yield Sentence(text=f"The weakest edge is on {edge['axis']}: {edge['why']}.", rests_on=(edge["evidence"],))
    for item in [item for item in relation.evidence if item.form == "deception"][:DECEPTIONS]:
        yield Sentence(text=f"The likeness may not be what it seems: {item.why}.", rests_on=(item.id,))
    for row in conflicts:
        yield Sentence(
            text=f"Sources contradict each other on {row['kind']}: {row['what']}.", rests_on=(row["evidence"],)
        )
    if withheld:
        told = ", ".join(sorted({str(row["kind"]) for row in withheld}))
        yield Sentence(
            text=f"Some evidence is known to its source and not published ({told}); it carries no weight here.",
            rests_on=tuple(str(row["observation"]) for row in withheld),
        )


def _axis(view: AxisView, vocabulary: Vocabulary) -> Sentence:
    axis = vocabulary.axes[view.axis]
    account, probability = axis.accounts[view.leading], view.probabilities[view.leading]
    if view.settled:
        text = f"It is {_word(words_of(view, vocabulary))} ({probability:.0%}) that {account}."
    else:
        text = (
            f'The evidence does not settle the question "{axis.question}?"; '
            f"that {account} stands at {probability:.0%} ({view.because})."
        )
    return Sentence(text=f"{view.axis.capitalize()}: {text}", rests_on=(view.axis,))


def _word(word: str) -> str:
    return f"a {word}" if word == "roughly even chance" else word
