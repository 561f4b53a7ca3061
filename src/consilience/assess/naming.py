"""What a case knows of names: who claims that which are the same, and where that does not fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from consilience.model.contest import contests, folded
from consilience.model.errors import UnknownName
from consilience.model.names import find, suggestions
from consilience.model.observation import Observation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.vocab.phrases import contest_words
from consilience.vocab.sentences import sentence

_SAME_CLAIM = ("subject", "kind", "object", "publisher", "confidence", "polarity")


def names_record(snapshot: Snapshot, known: Sequence[Subject], name: str = "") -> dict[str, Any]:
    """The names of a case, the claims that relate them, and where claims contradict each other.

    With a name, only what concerns the subject of that name, else the subjects that somebody says have it as well.

    Raises:
        AmbiguousName, UnknownName: several subjects have this name, or none has and no source says that one does.
    """
    stated = [seen for seen in snapshot.observations if seen.trait.kind.startswith("name:")]
    wanted = _wanted(name, known, stated) if name else frozenset(snapshot.subjects)
    claims = _claims_once([seen for seen in stated if not name or _concerns(seen, wanted, name)])
    return {
        "subjects": [
            {"name": key, "type": subject.type, "observations": len(snapshot.of(key))}
            for key, subject in snapshot.subjects.items()
            if key in wanted
        ],
        "claims": claims,
        "conflicts": [*_contested(snapshot, wanted), *_contradictions(claims)],
    }


def claim_record(seen: Observation) -> dict[str, Any]:
    """A claim or comparison as a record: who says what of which two."""
    return {
        "subject": seen.subject.key,
        "kind": seen.trait.kind,
        "object": seen.object,
        "value": seen.printed,
        "publisher": seen.source.publisher,
        "confidence": seen.confidence,
        "published": seen.published,
        "polarity": str(seen.polarity),
        "where": seen.where,
    }


def _wanted(name: str, known: Sequence[Subject], stated: Sequence[Observation]) -> frozenset[str]:
    """The full names that a name means: of its own subject, else of those that a source says have it as well."""
    try:
        return frozenset({find(name, known).key})
    except UnknownName:
        found = frozenset(seen.subject.key for seen in stated if folded(seen.object) == folded(name))
        if found:
            return found
        claimed = [(seen.object, seen.subject.key) for seen in stated]
        raise UnknownName(name, suggestions(name, known, claimed)) from None


def _concerns(seen: Observation, wanted: frozenset[str], name: str) -> bool:
    """Whether a claim is about one of the wanted subjects, or names it or the wanted name as the other."""
    spellings = {part.casefold() for key in wanted for part in (key, key.partition("/")[2])}
    return seen.subject.key in wanted or seen.object.casefold() in spellings | {name.casefold()}


def _contested(snapshot: Snapshot, wanted: frozenset[str]) -> Iterator[dict[str, Any]]:
    """The names that one publisher gives to several of its subjects."""
    for contest in contests(snapshot.observations):
        subjects = (*contest.owners, *contest.claimants)
        if wanted.intersection(subjects):
            claims = _claims_once(contest.claims)
            yield {"name": contest.name, "subjects": sorted(subjects), "claims": claims, "what": contest_words(contest)}


def _contradictions(claims: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The pairs of names on whose relation publishers differ, with what they say."""
    said: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for claim in claims:
        first, second = sorted((str(claim["subject"]), str(claim["object"])))
        said.setdefault((first, second), []).append(claim)
    for (first, second), rows in sorted(said.items()):
        if len({(row["kind"], row["polarity"]) for row in rows}) > 1:
            what = sentence("names.differ", a=first, b=second)
            yield {"name": first, "subjects": [first, second], "claims": rows, "what": what}


def _claims_once(stated: Sequence[Observation]) -> list[dict[str, Any]]:
    """The claims, each once however often it was repeated, as it was first published."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for seen in sorted(stated, key=lambda each: (each.published or "9999", each.id)):
        claim = claim_record(seen)
        found.setdefault(tuple(str(claim[part]) for part in _SAME_CLAIM), claim)
    return [found[key] for key in sorted(found)]
