"""Sentences by the rules of ICD 203: likelihoods, each with its source.

Analytic confidence is printed apart from them, so that the two never share a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consilience.model.assessment import Sentence
from consilience.model.outlook import Conflict, WeakestEdge, Withheld
from consilience.model.relation import AxisView, Relation
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import account, kind_words, question, sentence, words_or

ORDER = ("developer", "requirement", "supply", "infrastructure", "operator", "sincerity", "name")

DECEPTIONS = 3
"""How many signs of deception have a sentence; the evidence lists all of them."""


def words_of(view: AxisView, vocabulary: Vocabulary) -> str:
    """The estimative word of the leading hypothesis of an axis, on the ICD 203 scale."""
    return vocabulary.scales["icd203"].word(view.probabilities[view.leading])[0]


def sentences(
    relation: Relation,
    tracking: tuple[str, str],
    edge: WeakestEdge,
    withheld: Sequence[Withheld],
    conflicts: Sequence[Conflict],
    vocabulary: Vocabulary,
) -> Iterator[Sentence]:
    """The sentences of an assessment, each with the axes or evidence it rests on."""
    first, second = sorted((relation.a, relation.b))
    yield Sentence(
        text=sentence(
            "assessment.level",
            a=first,
            b=second,
            as_of=relation.as_of or sentence("assessment.now"),
            level=relation.level,
            meaning=words_or(f"levels.{relation.level}", relation.level),
            because=relation.level_because,
        ),
        rests_on=(relation.carried_by,) if relation.carried_by else tuple(relation.axes),
    )
    for name in ORDER:
        yield _axis(relation.axes[name], vocabulary)
    yield Sentence(
        text=sentence("assessment.tracking", decision=sentence(f"tracking.{tracking[0]}"), because=tracking[1]),
        rests_on=("operator",),
    )
    if "evidence" in edge:
        yield Sentence(
            text=sentence("assessment.weakest", axis=edge["axis"], why=edge["why"]), rests_on=(edge["evidence"],)
        )
    for item in [item for item in relation.evidence if item.form == "deception"][:DECEPTIONS]:
        yield Sentence(text=sentence("assessment.deception", why=item.why), rests_on=(item.id,))
    for row in conflicts:
        yield Sentence(
            text=sentence("assessment.conflict", kind=kind_words(row["kind"]), what=row["what"]),
            rests_on=(row["evidence"],),
        )
    if withheld:
        kinds = sorted({kind_words(str(row["kind"])) for row in withheld})
        yield Sentence(
            text=sentence("assessment.withheld", kinds=kinds),
            rests_on=tuple(str(row["observation"]) for row in withheld),
        )


def _axis(view: AxisView, vocabulary: Vocabulary) -> Sentence:
    leading = {
        "axis": view.axis,
        "account": account(view.axis, view.leading),
        "probability": view.probabilities[view.leading],
    }
    if view.settled:
        text = sentence("assessment.likely", word=_word(words_of(view, vocabulary)), **leading)
    else:
        how = "assessment.untouched" if view.untouched else "assessment.open"
        text = sentence(how, question=question(view.axis), because=view.because, **leading)
    return Sentence(text=text, rests_on=(view.axis,))


def _word(word: str) -> str:
    return sentence("assessment.a_word", word=word) if word == "roughly even chance" else word
