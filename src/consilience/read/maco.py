"""MACO records: configurations that extractors took out of malware, one JSON object or a list of them.

MACO forbids fields that it does not name, so such a field is refused and the rest of the record is read. It has no
place for markings, dates and sources; what this program writes keeps them under `other`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from consilience.decode.record import configuration_from
from consilience.model.configuration import Configuration, Entry, Setting
from consilience.model.digest import digest
from consilience.model.errors import Rejected
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.configuration_traits import KINDS, layout_of, lines_of
from consilience.read.fields import number
from consilience.read.json_document import outline, whole
from consilience.read.notice_counts import NoticeCounts
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content
from consilience.sandbox.strict_json import is_too_deep, strict_value
from consilience.vocab.maco import OURS, maco_tables

_TABLES = maco_tables()
LISTS, SINGLE, OBJECTS, UNREAD, FIELDS = _TABLES.lists, _TABLES.single, _TABLES.objects, _TABLES.unread, _TABLES.fields
CREDENTIALS = OBJECTS["ssh"]
_ADDED = ("tlp", OURS)
_KEPT = ("publisher", "subject_type", "published", "source")
_SHAPE = "the standard has another form for it"
_EDITED = "the fields are not those that the kept configuration was written with; the fields count"


class MacoRecords:
    """Reads one MACO record, or a list of them."""

    name = "maco"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins with an object, or a list of objects, with a family and fields of MACO."""
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        is_list = text.startswith(b"[")
        found = outline(b'{"records": ' + text if is_list else text)
        keys = {path[is_list] for path in found if len(path) == 1 + is_list}
        return "family" in keys and len(keys - FIELDS) <= len(keys & FIELDS) - 1

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The settings of every record as observations of its family."""
        content = Content(raw)
        builder, counts = ReadingBuilder(filename, defaults), NoticeCounts(filename)
        records = _records(content, builder)
        for place, record in enumerate(records):
            if isinstance(record, Mapping):
                _Record(record, place, builder, counts).read()
            else:
                builder.refuse(0, f"/{place}", Rejected("is not a record", todo="a record is a JSON object"))
            if progress is not None:
                progress(len(raw) * (place + 1) // len(records), len(raw))
        builder.notices += counts.notices()
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)


def configurations_of(raw: bytes, filename: str) -> tuple[list[Configuration], ReadingBuilder]:
    """The configurations of MACO records, and what was refused and noticed of them."""
    builder, counts = ReadingBuilder(filename, {}), NoticeCounts(filename)
    found = []
    for place, record in enumerate(_records(Content(raw), builder)):
        told = _Record(record, place, builder, counts).configuration() if isinstance(record, Mapping) else None
        if told is not None:
            found.append(told[0])
    builder.notices += counts.notices()
    return found, builder


def _records(content: Content, builder: ReadingBuilder) -> list[Any]:
    text = whole(content)
    try:
        if content.damage:
            raise Rejected(content.damage, todo="get the file again")
        if is_too_deep(text):
            raise Rejected("the record is nested too deep", todo="get the file again from who made it")
        found = strict_value(text)
    except Rejected as unfit:
        builder.refuse(0, "", unfit)
        return []
    return found if isinstance(found, list) else [found]


class _Record:
    """Takes one record apart, noting what MACO forbids and what is not read."""

    def __init__(self, record: Mapping[str, object], place: int, builder: ReadingBuilder, counts: NoticeCounts) -> None:
        self._record = record
        self._place = f"/{place}"
        self._gathered = builder
        self._counts = counts
        other = record.get("other")
        self._other: Mapping[str, object] = other if isinstance(other, Mapping) else {}

    def read(self) -> None:
        """Adds an observation for each setting."""
        told = self.configuration()
        if told is None:
            return
        configuration, places = told
        base = self._base(self._families())
        if layout := layout_of(configuration):
            self._gathered.take({**base, **layout.as_record(), "where": "other"}, 0, f"{self._place}/other")
        for place, line in lines_of(configuration):
            where = places[place]
            self._gathered.take({**base, **line.as_record(), "where": where}, 0, f"{self._place}/{where}")

    def configuration(self) -> tuple[Configuration, list[str]] | None:
        """The configuration of the record, and the place of each of its entries; None without a family."""
        families = self._families()
        if not families:
            self._fault("family", "is missing", "MACO needs the name of the family")
            return None
        if kept := self._kept_whole():
            return kept, [f"other/{OURS}/{place}" for place in range(len(kept.entries))]
        entries = [(where, entry) for where, entry in self._entries() if entry.settings]
        return Configuration(families[0], tuple(entry for _, entry in entries)), [where for where, _ in entries]

    def _kept_whole(self) -> Configuration | None:
        """The configuration that this program kept under `other`, where the fields are still those it wrote."""
        ours = self._other.get(OURS)
        if not isinstance(ours, Mapping) or not isinstance(ours.get("configuration"), Mapping):
            return None
        rest = {**self._record, "other": {name: value for name, value in self._other.items() if name not in _ADDED}}
        try:
            if digest(rest) == ours.get("stands_for"):
                return configuration_from(ours["configuration"])
        except (ValueError, TypeError):
            pass
        self._counts.add("other", _EDITED, self._place)
        return None

    def _families(self) -> list[str]:
        stated = self._record.get("family")
        listed = stated if isinstance(stated, list) else [stated]
        return [each for each in listed if isinstance(each, str) and each.strip()]

    def _base(self, families: list[str]) -> dict[str, object]:
        """What all statements of the record have in common."""
        for name in families[1:]:
            self._counts.add("family", "further families of one record; the first one is the subject", name)
        kept = self._other.get(OURS)
        ours = {name: kept[name] for name in _KEPT if name in kept} if isinstance(kept, Mapping) else {}
        source = {"title": f"configuration of {families[0]}, {digest(self._record)[:12]}"}
        base = {"subject": families[0], "subject_type": "malware", "source": source, **ours}
        return base | ({"tlp": self._other["tlp"]} if "tlp" in self._other else {})

    def _entries(self) -> Iterator[tuple[str, Entry]]:
        """The entries in the order of the record, with the place of each."""
        for key, value in self._record.items():
            if key not in FIELDS:
                self._fault(key, "is not a field of MACO, which forbids others", "put it under other")
            elif key in UNREAD:
                self._counts.add(key, "is not read", self._place)
            elif key == "other":
                yield from ((f"other/{name}", entry) for name, entry in self._others())
            elif value is not None and key != "family":
                yield from self._listed(key, value)

    def _listed(self, key: str, value: Any) -> Iterator[tuple[str, Entry]]:
        if key in SINGLE:
            yield key, Entry(key, tuple(self._settings("", value, key)))
        elif not isinstance(value, list):
            self._fault(key, "is not a list", _SHAPE)
        elif key in LISTS:
            for place, each in enumerate(value):
                yield f"{key}/{place}", Entry(key, tuple(self._settings("", each, f"{key}/{place}")))
        else:
            for place, each in enumerate(value):
                if isinstance(each, Mapping):
                    yield f"{key}/{place}", self._object(key, each, f"{key}/{place}")
                else:
                    self._fault(f"{key}/{place}", "is not an object", _SHAPE)

    def _object(self, key: str, stated: Mapping[str, object], where: str) -> Entry:
        settings: list[Setting] = []
        for name, value in stated.items():
            if name == "usage" or value is None:
                continue
            if name not in OBJECTS[key]:
                self._fault(f"{where}/{name}", "is not a field of MACO, which forbids others", "put it under other")
            elif isinstance(value, Mapping) and name == "headers":
                settings += (each for part in value for each in self._settings(f"{name}.{part}", value[part], where))
            else:
                for each in value if isinstance(value, list) else [value]:
                    settings += self._settings(name, each, f"{where}/{name}")
        usage = stated.get("usage")
        return Entry(key, tuple(settings), usage if isinstance(usage, str) else "")

    def _others(self) -> Iterator[tuple[str, Entry]]:
        for name, value in self._other.items():
            if name in ("tlp", OURS):
                continue
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str | int | float):
                    yield name, Entry(name, tuple(self._settings("", each, f"other/{name}")))
                elif each is not None:
                    self._counts.add("other", "what is nested under other is not read", name)

    def _settings(self, name: str, value: Any, where: str) -> Iterator[Setting]:
        """One value as a setting; an empty one is none, and what is neither text nor number is a fault."""
        if isinstance(value, bool):
            yield Setting(name, "flag", str(value).lower())
        elif isinstance(value, int | float):
            yield Setting(name, "number", number(value))
        elif not isinstance(value, str):
            self._fault(where, "is neither text nor number", _SHAPE)
        elif value:
            kind = "key" if KINDS.get((where.partition("/")[0], name)) == "crypto:key" else "text"
            yield Setting(name, kind, value)

    def _fault(self, where: str, what: str, todo: str) -> None:
        self._gathered.refuse(0, f"{self._place}/{where}"[:120], Rejected(what, todo=todo))
