"""A relation in, a judgement out: rival hypotheses, words, robustness, tracking, and what would change it.

`reweighing` weighs the pair again without something · `robustness` leave-one-out and flips · `tracking` merge, keep
distinct or watch · `outlook` runner-up, weakest edge, ACH matrix · `sentences` the words · `shift` what
an import moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consilience.assess.outlook import hypotheses, matrix, runner_up, weakest_edge, would_decide
from consilience.assess.reweighing import Reweighing, reweighing_of
from consilience.assess.robustness import leave_one_kind_out, leave_one_origin_out, minimal_flip, with_removal
from consilience.assess.sentences import sentences, words_of
from consilience.assess.shift import Watch, newest
from consilience.assess.tracking import tracking_of
from consilience.model.assessment import Assessment, Confidence
from consilience.model.marking import UNMARKED, strictest
from consilience.model.outlook import Conflict, Withheld, Without
from consilience.model.relation import Relation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.relate import relation_of
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence
from consilience.weigh import Counts, Weighing

WEAK_GRADES = "DEF"
"""Grades of sources that limit the confidence where most evidence has one of them."""


def judged(snapshot: Snapshot, a: Subject, b: Subject, counts: Counts, vocabulary: Vocabulary) -> tuple[Relation, str]:
    """The relation of a pair and its tracking decision, without the rest of an assessment."""
    reweighing = reweighing_of(snapshot, a, b, counts, vocabulary)
    weighing = reweighing.weighed()
    relation = relation_of(reweighing.snapshot, a, b, weighing, vocabulary)
    return relation, _tracking(reweighing, relation, weighing)[0]


def assess(
    snapshot: Snapshot, a: Subject, b: Subject, counts: Counts, vocabulary: Vocabulary, software: Mapping[str, str]
) -> Assessment:
    """The assessment of a pair as of the date of a snapshot."""
    reweighing = reweighing_of(snapshot, a, b, counts, vocabulary)
    weighing = with_removal(reweighing, reweighing.weighed())
    relation = relation_of(snapshot, a, b, weighing, vocabulary)
    origins, kinds = leave_one_origin_out(reweighing, relation), leave_one_kind_out(reweighing, relation)
    tracking = _tracking(reweighing, relation, weighing)
    confidence = _confidence(relation, origins)
    withheld, conflicts, edge = _withheld(reweighing), _conflicts(relation), weakest_edge(relation)
    cited = {seen for item in relation.evidence for seen in item.observations}
    cited |= {str(row["observation"]) for row in withheld}
    return Assessment(
        relation=relation,
        tracking=tracking[0],
        tracking_because=tracking[1],
        hypotheses=tuple(hypotheses(relation, vocabulary)),
        words={name: words_of(view, vocabulary) for name, view in relation.axes.items()},
        confidence=confidence,
        matrix=matrix(relation),
        robustness={
            "leave_one_origin_out": origins,
            "leave_one_kind_out": kinds,
            "minimal_flip": minimal_flip(reweighing, relation, weighing),
        },
        runner_up=runner_up(relation),
        weakest_edge=edge,
        would_decide=tuple(would_decide(relation, vocabulary)),
        sentences=tuple(sentences(relation, tracking, edge, withheld, conflicts, vocabulary)),
        withheld=withheld,
        conflicts=conflicts,
        provenance={
            "snapshot": snapshot.digest,
            "marking": strictest({seen.tlp for seen in snapshot.observations} or {UNMARKED}),
            "software": dict(software),
            "parameters": vocabulary.digest,
            "reference_corpus": counts.corpus.name,
            "scale": "icd203",
            "rates": "expert defaults, not fitted",
        },
        observations={seen.id: seen for seen in reweighing.snapshot.observations if seen.id in cited},
    )


def _tracking(reweighing: Reweighing, relation: Relation, weighing: Weighing) -> tuple[str, str]:
    needed = relation.axes["operator"].probabilities["same"] >= reweighing.vocabulary.rules["tracking"]["merge_least"]
    origins = leave_one_origin_out(reweighing, relation) if needed else []
    kinds = leave_one_kind_out(reweighing, relation) if needed else []
    return tracking_of(
        relation,
        reweighing.a.type == reweighing.b.type,
        kinds,
        origins,
        _public(reweighing, weighing),
        reweighing.vocabulary,
    )


def _public(reweighing: Reweighing, weighing: Weighing) -> int:
    """What the strongest published trait would weigh on *same operator*, were it not public."""
    if not any(item.public for item in weighing.evidence):
        return 0
    place = reweighing.vocabulary.place["operator", "same"]
    kinds = reweighing.vocabulary.kinds
    return max(
        (
            weighing.were_private(item, reweighing.vocabulary)[place]
            for item in weighing.items
            if item.public and item.kind in kinds
        ),
        default=0,
    )


def _confidence(relation: Relation, origins: Sequence[Without]) -> Confidence:
    """Analytic confidence, and what holds it down: origins, grades, dependence on one of them, no calibration."""
    limits = [sentence("confidence.defaults")]
    evidence = [item for item in relation.evidence if item.counted]
    counted = {origin for item in evidence for origin in item.origins}
    weak = sum(item.grade in WEAK_GRADES for item in evidence)
    fragile = sorted({row["without"] for row in origins if row["changes"]})
    if len(counted) < 2:
        limits.append(sentence("confidence.origins", count=len(counted)))
    if fragile:
        limits.append(sentence("confidence.fragile", names=fragile[:3]))
    if weak * 2 > len(relation.evidence):
        limits.append(sentence("confidence.weak"))
    return Confidence(level="low" if len(limits) > 2 or not counted else "moderate", limited_by=tuple(limits))


def _withheld(reweighing: Reweighing) -> tuple[Withheld, ...]:
    """The evidence about the pair that a source knows and does not publish."""
    return tuple(
        {
            "observation": seen.id,
            "subject": seen.subject.key,
            "kind": seen.trait.kind,
            "publisher": seen.source.publisher,
            "key_role": seen.key_role,
            "note": seen.note,
        }
        for seen in reweighing.snapshot.observations
        if seen.withheld and seen.subject.key in (reweighing.a.key, reweighing.b.key)
    )


def _conflicts(relation: Relation) -> tuple[Conflict, ...]:
    return tuple(
        {"evidence": item.id, "kind": item.kind, "what": item.conflict} for item in relation.evidence if item.conflict
    )


__all__ = ["Watch", "assess", "judged", "newest"]
