"""Subjects in a snapshot: which a name can mean, and what is known of one."""

from __future__ import annotations

from collections.abc import Iterable

from consilience.assess.naming import names_record
from consilience.assess.subject_record import subject_record
from consilience.case.counts import counted
from consilience.model.json import JsonObject
from consilience.model.names import find
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.vocab import vocabulary


def known_subjects(snapshot: Snapshot) -> list[Subject]:
    """The subjects a name can mean: those observed, and those other statements name in full."""
    known = dict(snapshot.subjects)
    for seen in snapshot.observations:
        publisher, slash, name = seen.object.partition("/")
        if slash and publisher and name and seen.object not in known:
            known[seen.object] = Subject(publisher, name)
    return list(known.values())


def full_names(snapshot: Snapshot, names: Iterable[str]) -> list[str]:
    """The full names of the subjects that are called so. Raises UnknownName or AmbiguousName."""
    known = known_subjects(snapshot)
    return [find(name, known).key for name in names]


def shown(snapshot: Snapshot, name: str) -> JsonObject:
    """The traits of a subject, rarest first, and the claims about it, with their sources."""
    subject = find(name, known_subjects(snapshot))
    return subject_record(snapshot, subject, counted(snapshot), vocabulary())


def names_in(snapshot: Snapshot, name: str) -> JsonObject:
    """The names in a snapshot, the claims that relate them, and where claims contradict each other."""
    return names_record(snapshot, known_subjects(snapshot), name)
