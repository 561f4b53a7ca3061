"""STIX bundles, versions 2.0 and 2.1, and ATT&CK, which is published as such.

`objects` one object by its type · `versions` which of several counts · `bundle` all of them, references resolved ·
`naming` whose names the subjects are · `citation` the documents that statements rest on · `marking` TLP · `observable`
and `pattern` values · `relationship_meaning` what a relationship says · `own_objects` what this program wrote for
itself · `statements` everything a bundle states.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consilience.model.errors import Rejected
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.json_document import Outline, members, outline, whole
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.stix.bundle import Bundle
from consilience.read.stix.marking import is_spoofed
from consilience.read.stix.objects import Marking, StixObject, object_from
from consilience.read.stix.statements import Statements
from consilience.sandbox.content import Content

_OBJECTS_A_STEP = 1_024
_SPOOFED = "has the published id of a TLP marking, and says something else"
_KEPT_IN = "what it marks is taken as amber+strict; ask the sender which is meant"


class _Envelope(msgspec.Struct):
    """The top of a bundle, or of what a TAXII server answers."""

    objects: list[msgspec.Raw] = []


class StixBundle:
    """Reads a bundle, or the envelope in which a TAXII server sends objects."""

    name = "stix"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins as one JSON object that says to be a bundle, or holds objects with ids of STIX."""
        return _is_bundle(outline(head))

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations that the objects of a bundle amount to; objects that do not fit are refused one by one."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        _, parts = members(whole(content), "objects", _Envelope, content.damage, builder)
        items: list[StixObject] = []
        unclear: set[str] = set()
        for place, member in enumerate(parts):
            if (item := _item(member, place, builder)) is not None:
                items.append(item)
                if isinstance(item, Marking) and is_spoofed(item):
                    builder.refuse(0, f"/objects/{place} {item.id}", Rejected(_SPOOFED, todo=_KEPT_IN))
            elif (id := _id_of(bytes(member))).startswith("marking-definition--"):
                unclear.add(id)
            if progress is not None and place % _OBJECTS_A_STEP == 0:
                progress(len(raw) * place // (2 * len(parts)), len(raw))
        bundle = Bundle(items, filename, defaults.get("publisher", ""), unclear)
        statements = Statements(bundle, defaults.get("tlp", ""))
        if statements.nameless:
            count = len(statements.nameless)
            subjects = "1 subject has" if count == 1 else f"{count:,} subjects have"
            what = f"{subjects} no publisher, such as {statements.nameless[0]}"
            builder.refuse(0, "created_by_ref", Rejected(what, todo="say whose names they are with --publisher"))
        for count, (id, record) in enumerate(statements):
            builder.take(record, 0, id)
            if progress is not None and count % _OBJECTS_A_STEP == 0:
                done = len(raw) * (1 + count / (count + len(parts))) / 2
                progress(int(done), len(raw))
        builder.notices += bundle.counts.notices()
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)


def _is_bundle(found: Outline) -> bool:
    if found.get(("type",)) == "bundle" or found.get(("id",), "").startswith("bundle--"):
        return True
    kind = found.get(("objects", "type"), "")
    return bool(kind) and found.get(("objects", "id"), "").startswith(f"{kind}--")


def _item(member: msgspec.Raw, place: int, builder: ReadingBuilder) -> StixObject | None:
    raw = bytes(member)
    try:
        return object_from(raw)
    except Rejected as unfit:
        pointer = f"/objects/{place}" + (f"/{unfit.where}" if unfit.where else "")
        builder.refuse(0, f"{pointer} {_id_of(raw)}".strip(), unfit)
        return None


def _id_of(raw: bytes) -> str:
    return outline(raw[:65_536]).get(("id",), "")[:120]
