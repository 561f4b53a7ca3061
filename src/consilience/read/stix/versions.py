"""Versions of one object: the latest is read, and nobody replaces what another made.

Only its creator may make a new version of an object. What others send under its id is kept beside it, as theirs; so is
a second content of the same version, of which nobody can say which is meant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from consilience.read.notice_counts import NoticeCounts
from consilience.read.stix.objects import Marking, Observable, StixObject

SEVERAL = "objects stand in the file in several versions; the latest is read"
TWO_CONTENTS = "objects stand in the file in one version with several contents; each is read"
OTHERS = "objects stand in the file in versions of others than their creator; each is read as theirs"
_BESIDE = "#"


def latest(items: Iterable[StixObject], counts: NoticeCounts) -> dict[str, StixObject]:
    """The objects by id, in the order of ids; what is kept beside another has an id of its own."""
    versions: dict[str, list[StixObject]] = {}
    for each in items:
        versions.setdefault(each.id, []).append(each)
    found: dict[str, StixObject] = {}
    for id, rows in versions.items():
        several = list({repr(each): each for each in rows}.values()) if len(rows) > 1 else rows
        if len(several) == 1:
            found[id] = several[0]
        else:
            for item in _kept(several, counts):
                found[item.id] = item
    return dict(sorted(found.items()))


def original_id(id: str) -> str:
    """The id in the file of an object that may be kept beside another."""
    return id.partition(_BESIDE)[0]


def _kept(rows: list[StixObject], counts: NoticeCounts) -> list[StixObject]:
    """The version of the creator, which is whoever made the earliest, and beside it what others made of it."""
    first = min(rows, key=_order)
    if isinstance(first, Marking | Observable):
        counts.add("id", SEVERAL, first.id)
        return [_strictly(max(rows, key=_order), rows)]
    own = [each for each in rows if each.created_by_ref == first.created_by_ref]
    foreign: dict[str, list[StixObject]] = {}
    for each in rows:
        if each.created_by_ref != first.created_by_ref:
            foreign.setdefault(each.created_by_ref, []).append(each)
    if foreign:
        counts.add("id", OTHERS, first.id)
    kept = _newest(own, counts)
    for creator in sorted(foreign):
        kept += [_beside(each) for each in _newest(foreign[creator], counts)]
    return kept


def _newest(rows: list[StixObject], counts: NoticeCounts) -> list[StixObject]:
    """The latest version of one creator; of several contents one, and the others beside it."""
    stamp = max(each.stamp for each in rows)
    same = sorted((each for each in rows if each.stamp == stamp), key=_order)
    if len(same) < len(rows):
        counts.add("id", SEVERAL, same[0].id)
    if len(same) > 1:
        counts.add("id", TWO_CONTENTS, same[0].id)
    return [_strictly(same[-1], same), *(_beside(each) for each in same[:-1])]


def _strictly(item: StixObject, rows: list[StixObject]) -> StixObject:
    """The object under the markings of all: nobody can say which holds."""
    refs = sorted({ref for each in rows for ref in each.object_marking_refs})
    parts = [part for each in rows for part in each.granular_markings]
    return msgspec.structs.replace(item, object_marking_refs=refs, granular_markings=parts)


def _beside(item: StixObject) -> StixObject:
    mark = hashlib.sha256(repr(item).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return item if _BESIDE in item.id else msgspec.structs.replace(item, id=f"{item.id}{_BESIDE}{mark}")


def _order(item: StixObject) -> tuple[str, int, str]:
    return item.stamp, len(repr(item)), repr(item)
