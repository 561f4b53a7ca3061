"""Layers of the ATT&CK Navigator: the techniques that a layer colours or scores, as techniques of one subject.

A layer does not say whose techniques it shows but in its name. What this program wrote holds its statements in the
metadata, and is read as those statements, so that a layer that comes back is no further voice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from consilience.model.errors import Rejected
from consilience.model.marking import strictest
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read import fields
from consilience.read.json_document import outline, whole
from consilience.read.notice_counts import NoticeCounts
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content
from consilience.sandbox.strict_json import is_too_deep, strict_object, strict_value

TECHNIQUE = "attack-pattern"
STATEMENT = "statement"
_IDENTITY = ("publisher", "subject", "subject_type")
_OF_STATEMENT = (fields.KNOWN - {*_IDENTITY, "kind", "polarity"}) | {"value"}
_MARKED = re.compile(r"\bTLP:([A-Z]+(?:\+[A-Z]+)?)", re.IGNORECASE)
_DISABLED = "techniques that the layer disables; not read"
_PAIR = "layers of a pair; they show what this program concluded, and were not read"
_BARE = "techniques without a score above 0, colour or comment; not read"


class NavigatorLayer:
    """Reads one layer, or a list of them."""

    name = "navigator"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins with an object, or a list of objects, with techniques and a domain."""
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        found = {keys[-2:] for keys in outline(b'{"layers": ' + text if text.startswith(b"[") else text)}
        keys = {each[-1] for each in found}
        return "techniques" in keys and ("techniqueID" in keys or {"domain", "versions"} <= keys)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The techniques of every layer as observations; what a layer leaves grey is counted and not read."""
        content = Content(raw)
        builder, counts = ReadingBuilder(filename, defaults), NoticeCounts(filename)
        try:
            layers = _layers(content)
        except Rejected as unfit:
            builder.refuse(0, "", unfit)
            layers = []
        for place, layer in enumerate(layers):
            _read_layer(layer, place, builder, counts)
            if progress is not None:
                progress(len(raw) * (place + 1) // len(layers), len(raw))
        builder.notices += counts.notices()
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)


def _layers(content: Content) -> list[Any]:
    text = whole(content)
    if content.damage:
        raise Rejected(content.damage, todo="get the file again")
    if is_too_deep(text):
        raise Rejected("the layer is nested too deep", todo="get the file again from who made it")
    found = strict_value(text)
    return found if isinstance(found, list) else [found]


def _read_layer(layer: Any, place: int, builder: ReadingBuilder, counts: NoticeCounts) -> None:
    techniques = layer.get("techniques") if isinstance(layer, Mapping) else None
    if not isinstance(techniques, list):
        builder.refuse(
            0, f"/{place}", Rejected("is not a layer with techniques", todo="export it from the Navigator again")
        )
        return
    told = _metadata(layer)
    title = layer["name"] if isinstance(layer.get("name"), str) else ""
    if {"a", "b", "assessment"} <= told.keys():
        counts.add("metadata", _PAIR, title)
        return
    base = {name: told[name][0] for name in _IDENTITY if told.get(name)}
    base |= {"subject": base.get("subject") or builder.defaults.get("subject") or title}
    if "publisher" not in base and not builder.defaults.get("publisher"):
        builder.refuse(
            0, f"/{place} {title[:80]}".strip(), Rejected("does not say whose it is", todo="give --publisher")
        )
        return
    colour = _colour(layer, told)
    for number, technique in enumerate(techniques):
        where = f"/{place}/techniques/{number}"
        if not isinstance(technique, Mapping) or not isinstance(technique.get("techniqueID"), str):
            builder.refuse(0, where, Rejected("is not a technique", todo="it needs a techniqueID"))
        elif technique.get("enabled") is False:
            counts.add("enabled", _DISABLED, technique["techniqueID"])
        elif not _is_shown(technique):
            counts.add("score", _BARE, technique["techniqueID"])
        else:
            for record in _statements(technique, title, where, builder):
                marked = {"tlp": _stricter(colour, record.get("tlp"))}
                builder.take({**record, **base, **marked, "kind": TECHNIQUE}, 0, where)


def _is_shown(technique: Mapping[str, object]) -> bool:
    """Whether a technique is more than the open parent of its sub-techniques."""
    score = technique.get("score")
    if isinstance(score, int | float) and not isinstance(score, bool):
        return score > 0
    return bool(technique.get("color") or technique.get("comment"))


def _statements(
    technique: Mapping[str, object], title: str, where: str, builder: ReadingBuilder
) -> Iterator[Mapping[str, object]]:
    """What the sources of a layer of ours say, else what the layer says itself."""
    kept = _metadata(technique).get(STATEMENT, [])
    for text in kept:
        try:
            stated = strict_object(text.encode("utf-8", "surrogatepass"))
        except Rejected as unfit:
            builder.refuse(0, where, unfit)
            continue
        record = {name: value for name, value in stated.items() if name in _OF_STATEMENT}
        yield {"value": technique["techniqueID"], **record}
    if not kept:
        comment = technique.get("comment")
        note = comment[: fields.MAX_TEXT] if isinstance(comment, str) else ""
        source = {"title": title} if title else {}
        yield {"value": technique["techniqueID"], "note": note, "source": source}


def _metadata(part: Mapping[str, object]) -> dict[str, list[str]]:
    """The metadata of a layer or technique by name in lower case; dividers and what is not text are left out."""
    found: dict[str, list[str]] = {}
    listed = part.get("metadata")
    for item in listed if isinstance(listed, list) else []:
        name, value = (item.get("name"), item.get("value")) if isinstance(item, Mapping) else (None, None)
        if isinstance(name, str) and isinstance(value, str):
            found.setdefault(name.strip().lower(), []).append(value)
    return found


def _colour(layer: Mapping[str, object], told: Mapping[str, list[str]]) -> str:
    """The strictest marking in the metadata, the description and the name; empty where there is none."""
    texts = [text for name in ("description", "name") if isinstance(text := layer.get(name), str)]
    found = [*told.get("tlp", []), *(label for text in texts for label in _MARKED.findall(text))]
    colours = [each.strip().lower().removeprefix("tlp:") for each in found if each.strip()]
    return strictest("clear" if each == "white" else each for each in colours) if colours else ""


def _stricter(colour: str, stated: Any) -> Any:
    """The marking of a statement within a layer: never freer than either; what is not text is left to be refused."""
    if not stated or not isinstance(stated, str):
        return stated or colour
    return strictest([colour, stated]) if colour else stated
