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
    printed: dict[tuple[str, str, str], list[str]] = {}
    owners: dict[tuple[str, str, str], set[str]] = {}
    claims: dict[tuple[str, str, str], list[Observation]] = {}
    known: set[Subject] = set()
    for seen in observations:
        subject = seen.subject
        group = (subject.publisher, _sort(subject))
        if subject not in known:
            known.add(subject)
            own = (*group, folded(subject.name))
            owners.setdefault(own, set()).add(subject.key)
            printed.setdefault(own, []).append(subject.name)
        if seen.trait.kind == REFERENT and seen.present and not seen.object.startswith(f"{subject.publisher}/"):
            other = (*group, folded(seen.object))
            claims.setdefault(other, []).append(seen)
            printed.setdefault(other, []).append(seen.object)
    found = []
    for key, rows in claims.items():
        own_to = owners.get(key, set())
        claimants = {seen.subject.key for seen in rows} - own_to
        # A publisher that changes the case or the marks of a name has one subject under two spellings.
        if claimants and len({folded(key.partition("/")[2]) for key in own_to | claimants}) > 1:
            claiming = tuple(seen for seen in rows if seen.subject.key in claimants)
            name = max(sorted(printed[key]), key=printed[key].count)
            found.append(Contest(name, tuple(sorted(own_to)), tuple(sorted(claimants)), claiming))
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.claimants)))


def _sort(subject: Subject) -> str:
    """Groups and tools may share a name without harm, because it is clear from the rest which is meant."""
    return "cluster" if subject.type in CLUSTER_TYPES else "tool" if subject.type in TOOL_TYPES else subject.type
