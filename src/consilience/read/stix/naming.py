"""Subjects of a bundle: whose name each is, and how several of one name are told apart."""

from __future__ import annotations

import re

from consilience.model.subject import TOOL_TYPES, Subject
from consilience.read.stix.bundle import Bundle, is_gone
from consilience.read.stix.objects import Named, StixObject
from consilience.read.stix.own_objects import subject_in
from consilience.read.stix.versions import original_id
from consilience.vocab.stix import stix_tables

Bearer = tuple[Named, str, str]
"""An object with its publisher and name."""

_OWN = re.compile(r"([^/]+)/(.+): the name belongs to \1\.\Z", re.DOTALL)


def subjects_of(bundle: Bundle) -> dict[str, Subject]:
    """The subject that each group, campaign, family, tool and infrastructure is, by the id of the object.

    A full name stands for one subject, whatever its type. So of several objects with one name and publisher the first
    (a group before a family) keeps it, and the others have their number, else their type, added in brackets.
    """
    bearers: dict[tuple[str, str], list[Bearer]] = {}
    found: dict[str, Subject] = {}
    twins: dict[str, str] = {}
    for item in bundle.of(Named):
        original = bundle.items.get(original_id(item.id), item)
        if isinstance(original, Named) and original is not item and _called(original, bundle) == _called(item, bundle):
            twins[item.id] = original.id
        elif (own := subject_in(item)) is not None:
            found[item.id] = own
        elif item.type in stix_tables().subjects:
            publisher, name = _called(item, bundle)
            bearers.setdefault((publisher, name.casefold()), []).append((item, publisher, name))
    taken = set(bearers)
    for group in bearers.values():
        for place, (item, publisher, name) in enumerate(_bearing(group)):
            if is_gone(item):
                continue
            told = _apart(item, publisher, name, taken) if place else name
            if place:
                what = f"names that another object bears; this {item.type} is read as {told!r}"
                bundle.counts.add("name", what, item.id)
            found[item.id] = Subject(publisher, told, _type(item))
    for id, first in twins.items():
        if first in found:
            found[id] = found[first]
    return found


def _bearing(group: list[Bearer]) -> list[Bearer]:
    """The bearers of a name that count, the one that keeps it first.

    One that is gone counts as well, so that a name means one subject in every version of a bundle; but not where a
    bearer of its sort is left, such as a campaign that was a group before.
    """
    left = {item.type in TOOL_TYPES for item, _, _ in group if not is_gone(item)}
    bearing = [each for each in group if not is_gone(each[0]) or (each[0].type in TOOL_TYPES) not in left]
    rank = [*stix_tables().subjects]
    return sorted(bearing, key=lambda each: (rank.index(each[0].type), is_gone(each[0]), each[0].created, each[0].id))


def number_of(item: StixObject) -> str:
    """The number that a register such as ATT&CK gives an object, or empty."""
    numbers = [each.external_id for each in item.external_references if each.source_name in stix_tables().registers]
    return next((number.strip() for number in numbers if number.strip()), "")


def aliases_of(item: Named) -> list[str]:
    """The other names an object says to have, each once, in the order printed."""
    own = item.name.strip().casefold()
    found: dict[str, str] = {}
    for alias in (*item.aliases, *item.x_mitre_aliases):
        bare = " ".join(alias.split())
        if bare and bare.casefold() != own:
            found.setdefault(bare.casefold(), bare)
    return list(found.values())


def _called(item: Named, bundle: Bundle) -> tuple[str, str]:
    """Publisher and name, both those of the name's owner where this program wrote the object."""
    own = _OWN.match(item.description) if item.description.endswith(".") else None
    if own and own[2] == item.name:
        return own[1], own[2]
    return bundle.publisher(item), " ".join(item.name.split())


def _type(item: Named) -> str:
    return "sample" if item.type == "malware" and not item.is_family else stix_tables().subjects[item.type]


def _apart(item: Named, publisher: str, name: str, taken: set[tuple[str, str]]) -> str:
    for told in (number_of(item), item.type, item.id.split("--", 1)[1]):
        key = (publisher, f"{name} ({told})".casefold())
        if told and key not in taken:
            taken.add(key)
            break
    return f"{name} ({told})"
