"""Tables as text: one observation a row, under the names of fields or what feeds usually call them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from consilience.model.errors import Rejected
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read import fields
from consilience.read.observation_file import DAMAGED
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content
from consilience.vocab.indicator import kind_named

DELIMITERS = (",", ";", "\t")
SYNONYMS: Mapping[str, str] = {
    "indicator": "value",
    "ioc": "value",
    "ioc_value": "value",
    "indicator_value": "value",
    "observable": "value",
    "type": "kind",
    "indicator_type": "kind",
    "ioc_type": "kind",
    "actor": "subject",
    "threat_actor": "subject",
    "group": "subject",
    "cluster": "subject",
    "vendor": "publisher",
    "firstseen": "first_seen",
    "first_seen_utc": "first_seen",
    "lastseen": "last_seen",
    "last_seen_utc": "last_seen",
    "date": "published",
    "report_date": "published",
    "publication_date": "published",
    "url": "source.url",
    "link": "source.url",
    "reference": "source.url",
    "source_url": "source.url",
    "report": "source.title",
    "source_title": "source.title",
    "source_name": "source.title",
    "comment": "note",
    "description": "note",
    "notes": "note",
    "confidence_level": "confidence",
    "page": "where",
}
"""What feeds call fields; a column under the field's own name goes first."""

_FIELDS = fields.KNOWN | {f"source.{field}" for field in fields.KNOWN_OF_SOURCE}
_LOOKED_AT = 20
_ROWS_A_STEP = 1_024
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The header of a table: the line it stands on, what divides cells, and the field of each column."""

    line: int
    delimiter: str
    columns: tuple[str, ...]

    def names(self, *wanted: str) -> bool:
        """Whether any column is of one of these fields."""
        return any(field in self.columns for field in wanted)


class TableFile:
    """Reads a table of comma, semicolon or tab separated values with a header."""

    name = "csv"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether a line at the beginning names a column of values and one of kinds or subjects."""
        return _header(head) is not None

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations of all good rows."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        text = content.stream.read()
        header = _header(text[:65_536])
        missing = [
            name for name in ("publisher", "subject") if header and not header.names(name) and not defaults.get(name)
        ]
        if header is None:
            builder.refuse(
                0, "", Rejected("has no header", todo="name the columns in the first line, one of them value")
            )
        elif missing:
            options = " and ".join(f"--{name}" for name in missing)
            what = f"has no column {' and no column '.join(missing)}"
            builder.refuse(header.line, "", Rejected(what, todo=f"add it, or give {options}"))
        else:
            self._read(text, header, builder, progress, len(raw))
        if content.damage:
            builder.refuse(0, "", Rejected(content.damage, todo=DAMAGED))
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)

    def _read(
        self, text: bytes, header: TableHeader, builder: ReadingBuilder, progress: Progress | None, size: int
    ) -> None:
        lines = _decoded(text).split("\n")[header.line :]
        rows = csv.reader((f"{line}\n" for line in lines), delimiter=header.delimiter, skipinitialspace=True)
        number = header.line
        try:
            for count, row in enumerate(rows):
                # Cells may hold ends of lines: a row is named by the line on which it begins.
                begins, number = number + 1, header.line + rows.line_num
                if any(cell.strip() for cell in row) and not row[0].startswith("#"):
                    _take(row, header, begins, builder)
                if progress is not None and count % _ROWS_A_STEP == 0:
                    progress(size * rows.line_num // len(lines), size)
        except csv.Error as fault:
            builder.refuse(number + 1, "", Rejected(f"not a table from here on: {fault}", todo="close the quotes"))


def _take(row: list[str], header: TableHeader, line: int, builder: ReadingBuilder) -> None:
    if len(row) > len(header.columns) and any(cell.strip() for cell in row[len(header.columns) :]):
        what = f"has {len(row)} cells, and the header names {len(header.columns)}"
        builder.refuse(line, "", Rejected(what, todo="put cells that hold the separator in quotes"))
    else:
        builder.take(_record(row, header), line)


def _record(row: list[str], header: TableHeader) -> dict[str, object]:
    """A row as the record of an observation line."""
    record: dict[str, object] = {}
    texts: dict[str, str] = {}
    source: dict[str, str] = {}
    for field, cell in zip(header.columns, row, strict=False):
        text = cell.strip()
        if not text:
            continue
        if field.startswith("source."):
            source[field.removeprefix("source.")] = text
        elif field == "exclusive" and text.lower() in _TRUE | _FALSE:
            record[field] = text.lower() in _TRUE
        else:
            texts[field] = text
    if "value" in texts:
        texts["kind"] = kind_named(texts.get("kind", ""), texts["value"])
    stated = texts.get("source", "")
    if source and not stated.startswith("{"):
        record["source"] = {"title": stated, **source}
    return texts | record


def _header(text: bytes) -> TableHeader | None:
    """The header of a table; feeds may put comments before it, and make it one."""
    for number, line in enumerate(_decoded(text).split("\n", _LOOKED_AT)[:_LOOKED_AT], start=1):
        bare = line.strip().lstrip("#").strip()
        if not bare:
            continue
        found = [TableHeader(number, delimiter, _columns(bare, delimiter)) for delimiter in DELIMITERS]
        best = max(found, key=lambda header: sum(column in _FIELDS for column in header.columns))
        if best.names("value") and best.names("kind", "subject"):
            return best
        if not line.lstrip().startswith("#"):
            return None
    return None


def _columns(line: str, delimiter: str) -> tuple[str, ...]:
    """The fields of the columns; what is not a field, or stands for one that another column has, keeps its name."""
    try:
        cells = next(csv.reader(io.StringIO(line), delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return ()
    names = ["_".join(cell.strip().strip('"').lower().replace("-", "_").split()) for cell in cells]
    columns: list[str] = []
    for place, name in enumerate(names):
        meant = SYNONYMS.get(name, name)
        field = name if meant in names or meant in columns else meant
        columns.append(field if field and field not in columns else f"{field or 'column'} {place + 1}")
    return tuple(columns)


def _decoded(text: bytes) -> str:
    """The text with ends of lines of one sort; bytes that are not UTF-8 cost only their row."""
    plain = text.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return plain.replace("\r\n", "\n").replace("\r", "\n")
