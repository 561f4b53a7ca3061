"""After a retraction: which assessments rest on it, who received it, and what must be sent to them.

What is sent names the documents and never the reason, nor what was retracted: the ledger knows both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from consilience.model.json import JsonObject, Record
from consilience.model.marking import UNMARKED, strictest
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure
from consilience.release.recall import Recalled, is_bulk, revocations
from consilience.share.stix import SPEC, identity, moment_of, side_of, stix_id, tlp_definition, tlp_id
from consilience.share.wording import markdown_text

_MANY = "many statements"
_BULK_NOTICE = (
    "Some statements in a document of many statements were withdrawn. Where it was sent as STIX, the bundle beside this"
    " notice revokes exactly their objects, and the others stay valid. In any other format the document is replaced"
    " as a whole: ask for it again."
)


def entries_showing(disclosures: Iterable[Disclosure], concerned: Iterable[Observation]) -> list[Disclosure]:
    """The ledger entries of documents that show one of these statements."""
    ids = {seen.id for seen in concerned}
    return [entry for entry in disclosures if not ids.isdisjoint(entry.observations)]


def stale_of(
    results: Iterable[tuple[str, Record]],
    entries: Iterable[Disclosure],
    concerned: Sequence[Observation],
    unaffected: Collection[str] = (),
) -> list[str]:
    """The assessments that rest on one of these statements, or counted it among those who show a value.

    `unaffected` are assessments made for partners who may know none of these statements, and so counted none.
    """
    ids = {seen.id for seen in concerned}
    traits = {(seen.trait.kind, seen.trait.value) for seen in concerned}
    found = {entry.assessment for entry in entries}
    for id, document in results:
        if "evidence" not in document:
            continue
        if not ids.isdisjoint(document["observations"]) or (
            id not in unaffected and not traits.isdisjoint(_counted(document))
        ):
            found.add(id)
    return sorted(found)


def _counted(document: Record) -> Iterator[tuple[str, str]]:
    """The kinds and values of traits that the evidence of an assessment counts."""
    return ((item["kind"], value) for item in document["evidence"] for value in item["values"])


def withdrawals(
    entries: Iterable[Disclosure],
    documents: Mapping[str, Record],
    recorded: str,
    recalled: Mapping[str, Recalled] = MappingProxyType({}),
) -> dict[str, bytes]:
    """By file name: a notice for each partner, and bundles of revocations for each who got one.

    `recalled` holds, for the ledger entries of documents of many statements, what was in them and what was retracted.
    """
    by_partner: dict[str, list[Disclosure]] = {}
    for entry in entries:
        by_partner.setdefault(entry.partner, []).append(entry)
    files: dict[str, bytes] = {}
    for partner, rows in sorted(by_partner.items()):
        stem = re.sub(r"[^\w.-]+", "-", partner) or "partner"
        files[f"{stem}.withdrawn.md"] = ("\n".join(_notice(partner, rows, recorded)) + "\n").encode()
        parts = [(row, recalled[row.id]) for row in rows if row.format.startswith("stix") and row.id in recalled]
        if any(part.retracted for _, part in parts):
            files[f"{stem}.withdrawn.statements.stix.json"] = revocations(parts, recorded)
        if bundles := _stix_assessments(rows, documents):
            files[f"{stem}.withdrawn.stix.json"] = _revocations([documents[id] for id in bundles], recorded)
    return files


def _stix_assessments(rows: Iterable[Disclosure], documents: Mapping[str, Record]) -> list[str]:
    """The assessments of single pairs among these ledger entries that went out as STIX."""
    of_pairs = (row for row in rows if row.format == "stix" and not is_bulk(row))
    return sorted({row.assessment for row in of_pairs if row.assessment in documents})


def _notice(partner: str, rows: Sequence[Disclosure], recorded: str) -> Iterator[str]:
    documents = "1 document" if len(rows) == 1 else f"{len(rows)} documents"
    yield f"# Withdrawn: {documents} sent to {markdown_text(partner)}"
    yield from ("", f"As of {recorded} we no longer stand by these documents. Please stop using them.", "")
    yield from ("| assessment | pair | as of | format | sent | SHA-256 |", "|" + " --- |" * 6)
    for row in rows:
        pair = _MANY if is_bulk(row) else f"{row.a} and {row.b}"
        cells = (row.assessment, pair, row.as_of, row.format, row.recorded, row.sha256)
        yield "| " + " | ".join(map(markdown_text, cells)) + " |"
    if any(is_bulk(row) for row in rows):
        yield from ("", _BULK_NOTICE)


def _revocations(documents: Sequence[Record], recorded: str) -> bytes:
    """A bundle with the last version of each relationship, note and report of these assessments."""
    colour = strictest([_colour(document) for document in documents])
    common = {"spec_version": SPEC, "object_marking_refs": [tlp_id(colour)]}
    objects = [tlp_definition(colour), {**common, **identity()}]
    for document in documents:
        objects += [{**common, **item} for item in _revoked(document, recorded)]
    bundle = {"type": "bundle", "id": stix_id("bundle", f"{recorded} {documents[0]['id']}"), "objects": objects}
    return json.dumps(bundle, sort_keys=True, indent=2, ensure_ascii=False).encode() + b"\n"


def _colour(document: Record) -> str:
    shown = [row.get("tlp", "") for row in document["observations"].values()]
    read = document["provenance"].get("marking")
    return strictest([*shown, *([read] if read else [])] or [UNMARKED])


def _revoked(document: Record, recorded: str) -> Iterator[JsonObject]:
    created = moment_of(document["as_of"])
    modified = max(created, f"{recorded.removesuffix('Z')}.000Z")
    pair = f"{document['a']} and {document['b']}"
    sides = [_side(document, key) for key in (document["a"], document["b"])]
    common: JsonObject = {"created": created, "modified": modified, "revoked": True, "created_by_ref": identity()["id"]}
    relationship = {
        "type": "relationship",
        "id": stix_id("relationship", document["id"]),
        "relationship_type": "related-to",
        "source_ref": sides[0],
        "target_ref": sides[1],
    }
    note = {
        "type": "note",
        "id": stix_id("note", document["id"]),
        "content": "Withdrawn.",
        "object_refs": [relationship["id"], *sides],
    }
    report = {
        "type": "report",
        "id": stix_id("report", document["id"]),
        "name": pair,
        "description": "Withdrawn.",
        "report_types": ["threat-report"],
        "published": created,
        "object_refs": [relationship["id"], *sides, note["id"]],
    }
    for item in (relationship, note, report):
        yield {**common, **item}


def _side(document: Record, key: str) -> str:
    rows = (row for row in document["observations"].values() if f"{row['publisher']}/{row['subject']}" == key)
    return str(side_of(key, (row["subject_type"] for row in rows))["id"])
