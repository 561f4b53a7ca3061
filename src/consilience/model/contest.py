"""Names that one publisher gives to more than one of its subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from consilience.model.names import REFERENT, family
from consilience.model.observation import Observation
from consilience.model.subject import CLUSTER_TYPES, TOOL_TYPES, Subject

_CLOSING = re.compile(r"\s+(?:group|team|gang)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contest:
    """One name on several subjects of one publisher.

    `name` is how it is printed most, `owners` are the subjects whose own name it is, `claimants` those of which it is
    claimed to be another name, both as full names; `claims` say so.
    """

    name: str
    owners: tuple[str, ...]
    claimants: tuple[str, ...]
    claims: tuple[Observation, ...]


def folded(name: str) -> str:
    """A name of a group as names are compared: letters and digits without case, without a closing group, team or gang.

    >>> folded("Grey-Heron Team") == folded("GREY HERON")
    True
    """
    return family(_CLOSING.sub("", name))


def contests(observations: Iterable[Observation]) -> tuple[Contest, ...]:
    """The names that stand on more than one subject, of one sort and one publisher, in the order of the names.

    A subject has its own name and those that `name:same-referent` claims without a publisher. Claims are never
    chained: that a name stands on two subjects says nothing of how these are related.
    """
    every = tuple(observations)
    printed: dict[tuple[str, str, str], list[str]] = {}
    owners: dict[tuple[str, str, str], set[str]] = {}
    claims: dict[tuple[str, str, str], list[Observation]] = {}
    for subject in dict.fromkeys(seen.subject for seen in every):
        own = _name_key(subject, subject.name)
        owners.setdefault(own, set()).add(subject.key)
        printed.setdefault(own, []).append(subject.name)
    for seen in every:
        if _claims_name(seen):
            other = _name_key(seen.subject, seen.object)
            claims.setdefault(other, []).append(seen)
            printed.setdefault(other, []).append(seen.object)
    found = (_contest(owners.get(key, set()), rows, printed[key]) for key, rows in claims.items())
    return tuple(sorted(filter(None, found), key=lambda each: (each.name.casefold(), each.claimants)))


def _name_key(subject: Subject, name: str) -> tuple[str, str, str]:
    """What a name must have in common with another to be the same: publisher, sort of subject, and letters."""
    return subject.publisher, _sort(subject), folded(name)


def _claims_name(seen: Observation) -> bool:
    """Whether an observation claims another name of its subject, without a publisher."""
    named = seen.trait.kind == REFERENT and seen.present
    return named and not seen.object.startswith(f"{seen.subject.publisher}/")


def _contest(owners: set[str], claims: list[Observation], printed: list[str]) -> Contest | None:
    """The contest for a name that these claims are about; None where it stands on one subject."""
    claimants = {seen.subject.key for seen in claims} - owners
    # A publisher that changes the case or the marks of a name has one subject under two spellings.
    if not claimants or len({folded(key.partition("/")[2]) for key in owners | claimants}) < 2:
        return None
    of_claimants = tuple(seen for seen in claims if seen.subject.key in claimants)
    name = max(sorted(printed), key=printed.count)
    return Contest(name, tuple(sorted(owners)), tuple(sorted(claimants)), of_claimants)


def _sort(subject: Subject) -> str:
    """Groups and tools may share a name without harm, because it is clear from the rest which is meant."""
    return "cluster" if subject.type in CLUSTER_TYPES else "tool" if subject.type in TOOL_TYPES else subject.type
