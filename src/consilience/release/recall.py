"""Which statements of a document of many were retracted since it was sent, and the bundle that revokes their objects.

The ledger keeps which statements a document shows, under the ids that the case has. What the partner got may bear other
ids; so the release is made once more, by the rulings of that day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consilience.model.json import JsonObject
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure
from consilience.model.ruling import Ruling, policy_of
from consilience.model.snapshot import snapshot_of
from consilience.model.terms import RetractionTerms
from consilience.release.partner_view import release
from consilience.share.stix import SPEC, identity, stix_id
from consilience.share.stix_parcel.labels import colour_of, definitions, label_id
from consilience.share.stix_parcel.statement import statement_of
from consilience.share.stix_parcel.writer import sides_of

BULK = "pa-"
"""How the ids of documents of many statements begin."""

_KEPT = (
    "type",
    "spec_version",
    "id",
    "created_by_ref",
    "created",
    "relationship_type",
    "source_ref",
    "target_ref",
    "object_refs",
)


@dataclass(frozen=True, slots=True)
class Recalled:
    """The statements of a document, as they were disclosed, and those of them that were retracted since."""

    disclosed: tuple[Observation, ...]
    retracted: tuple[Observation, ...]


def is_bulk(entry: Disclosure) -> bool:
    """Whether a ledger entry is of a document of many statements."""
    return entry.assessment.startswith(BULK)


def recalled(
    entry: Disclosure, observations: Iterable[Observation], rulings: Sequence[Ruling], secret: bytes
) -> Recalled:
    """What was in a document of many statements, and what of it was retracted; `observations` are all of the case."""
    before = policy_of(_before(entry, rulings))
    kept = [seen for seen in observations if seen.id in entry.observations]
    released = release(kept, before, before.partners[entry.partner.casefold()], secret, entry.recorded[:10])
    disclosed = snapshot_of(released.observations, entry.as_of).observations
    now = policy_of(rulings)
    valid = {seen.id for seen in kept if not now.is_retracted(seen)}
    return Recalled(disclosed, tuple(seen for seen in disclosed if valid.isdisjoint(released.ids[seen.id])))


def revocations(parts: Sequence[tuple[Disclosure, Recalled]], recorded: str) -> bytes:
    """A bundle with the last version of the object of each statement that these documents hold and that was retracted.

    Each leaves under the marking that it had. What the statements name is not revoked: others may name it too.
    """
    objects: dict[str, JsonObject] = {}
    colours: set[str] = {"clear"}
    old = all(entry.format.endswith("-tlp1") for entry, _ in parts)
    for _, part in parts:
        sides = sides_of(part.disclosed)
        for seen in part.retracted:
            item, _ = statement_of(seen, sides)
            colours.add(colour_of(seen.tlp))
            objects[str(item["id"])] = _revoked(item, label_id(colour_of(seen.tlp), old), recorded)
    author = {"spec_version": SPEC, **identity(), "object_marking_refs": [label_id("clear", old)]}
    sent = [*definitions(colours, old), author, *(objects[id] for id in sorted(objects))]
    bundle = {"type": "bundle", "id": stix_id("bundle", [recorded, *sorted(objects)]), "objects": sent}
    return json.dumps(bundle, sort_keys=True, indent=2, ensure_ascii=False).encode() + b"\n"


def _revoked(item: Mapping[str, Any], label: str, recorded: str) -> JsonObject:
    kept = {name: item[name] for name in _KEPT if name in item}
    words = {"content": "Withdrawn."} if item["type"] == "note" else {"description": "Withdrawn."}
    modified = max(item["created"], f"{recorded.removesuffix('Z')}.000Z")
    # A document dated after the day of its retraction was modified on its own day, in a fraction of the first second.
    modified = modified if modified > item["created"] else modified.replace("T00:00:00.", "T00:00:01.")
    return {**kept, **words, "modified": modified, "revoked": True, "object_marking_refs": [label]}


def _before(entry: Disclosure, rulings: Sequence[Ruling]) -> list[Ruling]:
    """The rulings that held when a document was sent: those of its day up to the first that names it as disclosed."""
    found: list[Ruling] = []
    for ruling in rulings:
        is_later = isinstance(ruling.terms, RetractionTerms) and entry.id in ruling.terms.disclosures
        if is_later or ruling.recorded > entry.recorded:
            break
        found.append(ruling)
    return found
