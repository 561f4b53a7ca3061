"""What a relationship between two objects says of the subject at one of its ends, by its type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from consilience.model.subject import Subject
from consilience.read.stix.objects import Named, Observable, StixObject
from consilience.read.stix.observable import shown_by
from consilience.vocab.stix import stix_tables


@dataclass(frozen=True, slots=True)
class Said:
    """A kind and a value, for a comparison or claim also the other name."""

    kind: str
    value: str
    object: str = ""
    note: str = ""


_TECHNIQUE = re.compile(r"T[0-9]{4}(?:\.[0-9]{3})?\Z")
_PRINTED = re.compile(r"(?<![A-Za-z0-9])T[0-9]{4}(?:\.[0-9]{3})?(?![0-9])")


def meaning(
    relation: str,
    subject: StixObject,
    other: StixObject,
    named: Subject | None,
    forward: bool,
    observable: Callable[[str], Observable | None],
) -> Iterator[Said]:
    """What a relationship says of a subject; nothing where no kind of trait, comparison or claim says the same.

    `named` is the subject that the other end is, if it is one; `forward` is true when the relationship starts at the
    subject, and only a relationship with an observable is read backward as well.
    """
    if isinstance(other, Observable):
        if relation in stix_tables().shown_by:
            yield from (Said(kind, value) for kind, value in shown_by(other, observable))
    elif not forward or not isinstance(other, Named):
        return
    elif named is not None and (claim := stix_tables().claims.get(relation)) is not None:
        yield Said(claim.kind, relation, named.key)
    elif relation == "uses" and other.type in ("malware", "tool"):
        yield Said(other.type, other.name)
    elif relation == "uses" and other.type == "attack-pattern":
        if number := technique_of(other):
            yield Said("attack-pattern", number)
    elif relation in ("uses", "exploits", "targets") and other.type == "vulnerability":
        yield Said("vulnerability", other.name)
    elif relation == "targets" and other.type == "location":
        if place := other.name or other.country or other.region:
            yield Said("region", place)
    elif relation == "targets" and other.type == "identity":
        yield from _victim(other)


def technique_of(item: Named) -> str:
    """The number of a technique, from its references or else its name; empty when it has none.

    >>> technique_of(Named(type="attack-pattern", id="attack-pattern--1", name="Phishing - T1566"))
    'T1566'
    """
    numbers = [each.external_id for each in item.external_references if _TECHNIQUE.match(each.external_id)]
    printed = _PRINTED.findall(item.name)
    return numbers[0] if numbers else printed[0] if len(printed) == 1 else ""


def _victim(item: Named) -> Iterator[Said]:
    """The sectors of whoever is targeted, else the name: of a class of victims that is a sector too."""
    if item.sectors:
        yield from (Said("sector", sector) for sector in item.sectors)
    else:
        yield Said("sector" if item.identity_class == "class" else "victim", item.name)
