"""The parts of an assessment as sentences, the same in the terminal and in the reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from consilience.model.contest import Contest
from consilience.model.outlook import Conflict, Edge, Flip, LookFor, SecondHypothesis, WeakestEdge, Withheld, Without
from consilience.model.relation import UNDETERMINED, leading_of, unmoved
from consilience.model.shift import Shift
from consilience.vocab.sentences import kind_words, sentence


def position_words(position: str, probabilities: Mapping[str, float], prior: Mapping[str, float], estimate: str) -> str:
    """The position on an axis with its estimative word and probability, or that it is not settled."""
    leading = leading_of(probabilities)
    probability = probabilities[leading]
    if position != UNDETERMINED:
        return sentence("positions.settled", position=position, words=estimate, probability=probability)
    how = "positions.untouched" if unmoved(probabilities, prior) else "positions.open"
    return sentence(how, probability=probability, leading=leading)


def conflict_sentences(conflicts: Sequence[Conflict]) -> list[str]:
    """Each fact on which sources disagree, with who says what."""
    return [
        sentence("change.conflict", kind=kind_words(row["kind"]), what=row["what"], evidence=row["evidence"])
        for row in conflicts
    ]


def withheld_sentences(withheld: Sequence[Withheld]) -> list[str]:
    """Each trait that a source knows and does not publish."""
    found = []
    for row in withheld:
        known = {"subject": row["subject"], "kind": kind_words(row["kind"]), "publisher": row["publisher"]}
        if row["note"]:
            found.append(sentence("change.withheld_note", note=row["note"], **known))
        else:
            found.append(sentence("change.withheld", **known))
    return found


def weakest_sentences(edge: WeakestEdge) -> list[str]:
    """The weakest item of evidence of each axis, that of the result first."""
    edges: Sequence[Edge] = [*edge["by_axis"].values()]
    first = edge.get("axis")
    return [_edge(each) for each in sorted(edges, key=lambda each: each["axis"] != first)]


def _edge(edge: Edge) -> str:
    return sentence(
        "change.weakest",
        axis=edge["axis"],
        hypothesis=edge["hypothesis"],
        evidence=edge["evidence"],
        why=edge["why"],
        removal=-edge["removal"],
    )


def runner_up_sentences(runner_up: SecondHypothesis) -> list[str]:
    """The second hypothesis, and what separates it from the first."""
    second = {
        "axis": runner_up["axis"],
        "hypothesis": runner_up["hypothesis"],
        "account": runner_up["account"],
        "probability": runner_up["probability"],
        "first": runner_up["behind"],
    }
    if "separated_by" not in runner_up:
        return [sentence("change.runner_up", **second)]
    return [sentence("change.separated", evidence=runner_up["separated_by"], why=runner_up["why"], **second)]


def look_for_sentences(wanted: Sequence[LookFor]) -> list[str]:
    """What to look for next, the most informative first."""
    return [
        sentence("change.look_for", axis=row["axis"], kind=kind_words(row["look_for"]), gain=row["gain_bits"])
        for row in wanted
    ]


def without_sentences(rows: Sequence[Without]) -> list[str]:
    """What is left without each origin, or without each kind of evidence."""
    return [_without(row) for row in rows]


def _without(row: Without) -> str:
    changes = [
        sentence("change.becomes", axis=axis, position=position_name(position))
        for axis, position in row["changes"].items()
    ] or [sentence("change.no_change")]
    how = "change.bare" if row.get("only_source_of_a_side") else "change.without"
    return sentence(how, without=row["without"], same=row["same"], changes="; ".join(changes))


def flip_sentences(flip: Flip) -> list[str]:
    """The smallest changes found that move the position of an axis, or how much was tried in vain."""
    return list(_flips(flip))


def _flips(flip: Flip) -> Iterator[str]:
    removal = flip["remove"]
    if removal["count"] is None:
        yield sentence(
            "change.no_removal", axis=flip["axis"], position=position_name(flip["position"]), tried=removal["tried"]
        )
    else:
        yield sentence(
            "change.removal",
            evidence=removal["evidence"],
            kinds=[kind_words(kind) for kind in removal["kinds"]],
            axis=flip["axis"],
            position=position_name(removal["becomes"]),
        )
    for cost, forged in flip["forge"].items():
        words = sentence(f"costs.{cost}")
        if forged["count"] is None:
            yield sentence("change.no_forgery", tried=forged["tried"], cost=words, axis=flip["axis"])
        else:
            yield sentence(
                "change.forgery",
                count=forged["count"],
                cost=words,
                kinds=[kind_words(kind) for kind in forged["kinds"]],
                axis=flip["axis"],
                position=position_name(forged["becomes"]),
            )


def position_name(position: str) -> str:
    """A position as it stands in a sentence."""
    return sentence("change.not_settled") if position == UNDETERMINED else position


def shift_words(shift: Shift) -> str:
    """Which probability of which pair a file would move, from where to where."""
    return sentence(
        "reading.shift",
        axis=shift.axis,
        hypothesis=shift.hypothesis,
        a=shift.a,
        b=shift.b,
        as_of=shift.as_of or sentence("assessment.now"),
        before=shift.before,
        after=shift.after,
        assessment=shift.assessment,
    )


def contest_words(contest: Contest) -> str:
    """What is claimed of a name that one publisher gives to several of its subjects."""
    if not contest.owners:
        return sentence("names.claimed", claimants=contest.claimants)
    return sentence("names.owned", owners=contest.owners, claimants=contest.claimants)
