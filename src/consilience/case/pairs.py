"""Pairs of subjects in a snapshot: which are worth a look, their evidence, assessments, and judgements on them."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version

from consilience.assess import assess, judged
from consilience.attribute import Models
from consilience.attribute.pairs import ClusterPairs, over_clusters
from consilience.case.counts import counted
from consilience.case.subjects import known_subjects
from consilience.model.assessment import Assessment, evidence_record
from consilience.model.digest import digest
from consilience.model.errors import InputError
from consilience.model.json import JsonObject
from consilience.model.names import find
from consilience.model.protocols import Keeper, Progress
from consilience.model.relation import Judgement, Relation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.relate import candidates, heaviest, relate, weight_of
from consilience.vocab import Vocabulary, vocabulary
from consilience.weigh import weigh


def pair_in(snapshot: Snapshot, a: str, b: str) -> tuple[Subject, Subject]:
    """The two different subjects of these names. Raises UnknownName, AmbiguousName or InputError."""
    known = known_subjects(snapshot)
    left, right = find(a, known), find(b, known)
    if left.key == right.key:
        raise InputError(f"{left.key} is both sides", "assess", "name two different subjects")
    return left, right


def relation_in(snapshot: Snapshot, a: str, b: str, rules: Vocabulary | None = None) -> tuple[Relation, str]:
    """The relation and the tracking decision of a pair.

    `rules` stands in for the vocabulary that the package ships, to see what a rule costs.
    """
    known = known_subjects(snapshot)
    return judged(snapshot, find(a, known), find(b, known), counted(snapshot), rules or vocabulary())


def assessment_in(snapshot: Snapshot, a: str, b: str, rules: Vocabulary | None = None) -> Assessment:
    """The assessment of a pair; `rules` as in `relation_in`."""
    left, right = pair_in(snapshot, a, b)
    software = {"name": "consilience", "version": version("consilience")}
    return assess(snapshot, left, right, counted(snapshot), rules or vocabulary(), software)


def stored_assessment(keeper: Keeper, snapshot: Snapshot, a: str, b: str, models: Models) -> Assessment:
    """The assessment of a pair, kept in the case so that its numbers can be followed to their sources later."""
    done = assessment_in(snapshot, a, b, models.rules(vocabulary()))
    keeper.keep_result(done.id, done.as_record())
    return done


def evidence_in(snapshot: Snapshot, a: str, b: str, models: Models) -> JsonObject:
    """The evidence of a pair, strongest first, and what reports of it that share software say beside it."""
    left, right = pair_in(snapshot, a, b)
    found = weigh(snapshot, left, right, counted(snapshot), models.rules(vocabulary()))
    return {
        "a": left.key,
        "b": right.key,
        "as_of": snapshot.as_of or snapshot.latest(),
        "evidence": [evidence_record(item) for item in found.evidence],
        "shared_software": shared_software_in(snapshot, left.key, right.key, models),
    }


def cluster_reports(snapshot: Snapshot, models: Models) -> ClusterPairs:
    """The reports of the clusters in a snapshot, ready to be asked who shares software with whom."""
    return over_clusters(snapshot, vocabulary(), models.pairs)


def shared_software_in(snapshot: Snapshot, a: str, b: str, models: Models) -> JsonObject | None:
    """What reports of a pair, by full names, that share software say of one operator: beside all evidence."""
    shared = cluster_reports(snapshot, models).shared_software(a, b)
    return shared.as_record() if shared else None


def related_pairs(
    snapshot: Snapshot, models: Models, subject: str, top: int, by: str, progress: Progress | None
) -> list[JsonObject]:
    """The pairs worth a look, those with the heaviest evidence first.

    By `operator`, those first whose reports that share software are likeliest to be of one operator.
    """
    counts, vocab = counted(snapshot), models.rules(vocabulary())
    wanted = find(subject, known_subjects(snapshot)).key if subject else ""
    shared = cluster_reports(snapshot, models)

    def related(a: str, b: str) -> Relation:
        return relate(snapshot, snapshot.subjects[a], snapshot.subjects[b], counts, vocab)

    if by == "operator":
        first = shared.ranked(candidates(snapshot, counts, vocab, wanted), progress)[:top]
        rows = [(weight_of(found), found) for found in (related(*pair) for pair in first)]
    else:
        rows = heaviest(snapshot, counts, vocab, related, wanted, top, progress)
    return [
        {
            "a": found.a,
            "b": found.b,
            "level": found.level,
            "weight": weight,
            "axes": {name: view.position for name, view in found.axes.items()},
            "same_operator": shared.probability(found.a, found.b),
        }
        for weight, found in rows
    ]


def judgement_on(snapshot: Snapshot, a: str, b: str, level: str, because: str, by: str) -> Judgement:
    """The signed judgement of an analyst on a pair, as of this moment. Raises InputError when it cannot be made."""
    if level not in vocabulary().levels:
        raise InputError(f"{level!r} is not a level", "judge", "one of: " + ", ".join(vocabulary().levels))
    if not because.strip() or not by.strip():
        raise InputError("a judgement needs a reason and a name", "judge", "give --because and --by")
    first, second = pair_in(snapshot, a, b)
    recorded = datetime.now(UTC).isoformat(timespec="seconds")
    name = "ju-" + digest([first.key, second.key, level, because, by, recorded])[:16]
    return Judgement(a=first.key, b=second.key, level=level, because=because, by=by, recorded=recorded, id=name)
