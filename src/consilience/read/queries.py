"""Queries for attribution: one JSON object a line with its own observations, or any readable file as one query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from consilience.model.errors import MissingInput, Notice, Refusal, Rejected
from consilience.model.query import Queries, Query
from consilience.model.reading import Reading
from consilience.read import fields
from consilience.read.observation_file import DAMAGED
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.walk import read_path
from consilience.sandbox.content import HEAD, Content, head_of
from consilience.sandbox.strict_json import strict_object

UNKNOWN = "query"
"""The publisher under which a query's observations stand; the subject is the id of the query."""

MAX_QUERY = 64 * 1024**2
"""Bytes of one query: thousands of observations on one line are no mistake here."""

_KNOWN = frozenset({"id", "date", "observations"})


def read_queries(path: str) -> Queries:
    """The queries of a file, its good parts kept: one per line of a query file, else one for the whole file.

    Raises:
        MissingInput: there is no such file, or it cannot be opened.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            head = head_of(opened.read(HEAD))
        if any(_tells(line) for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:20]):
            return _query_file(file.read_bytes(), path)
    except OSError as fault:
        raise MissingInput(f"cannot be opened: {fault.strerror}", path, "check the path and its rights") from None
    readings = list(read_path(path, {"publisher": UNKNOWN, "subject": file.name}))
    return Queries(
        queries=tuple(query for reading in readings for query in _whole(reading)),
        refusals=tuple(refusal for reading in readings for refusal in reading.refusals),
        notices=tuple(notice for reading in readings for notice in reading.notices),
    )


def _whole(reading: Reading) -> Iterator[Query]:
    """A file as one query; one that holds several samples as a query for each, all with what the file shows."""
    if not reading.codes:
        yield Query(id=reading.file, observations=reading.observations)
        return
    whole = b"" if reading.parts else Content(reading.raw).stream.read()
    named: set[str] = set()
    for code in reading.codes:
        id = reading.file if len(reading.codes) == 1 else f"{reading.file} {code.profile.sample[:12]}"
        id = f"{id} {code.profile.format}" if id in named else id
        named.add(id)
        raw = bytes(reading.parts.get(code.profile.sample, whole))
        yield Query(id=id, observations=reading.observations, code=code.profile, raw=raw)


def _tells(line: bytes) -> bool:
    """Whether a line is a query; a head may end in the middle of a long one."""
    try:
        return isinstance(strict_object(line.strip()).get("observations"), list)
    except Rejected:
        return line.lstrip().startswith(b"{") and b'"observations"' in line


def _query_file(raw: bytes, filename: str) -> Queries:
    content = Content(raw)
    queries: list[Query] = []
    refusals: list[Refusal] = []
    notices: list[Notice] = []
    number = 0
    for number, line in content.lines(MAX_QUERY):
        if not line or line.isspace():
            continue
        try:
            record = strict_object(line, MAX_QUERY)
            found, builder = _query(record, filename, number)
        except Rejected as unfit:
            refusals.append(Refusal(filename, number, "", unfit.what, unfit.todo))
            continue
        queries.append(found)
        refusals += builder.refusals
        notices += builder.notices
    if content.damage:
        refusals.append(Refusal(filename, number + 1, "", content.damage, DAMAGED))
    return Queries(queries=tuple(queries), refusals=tuple(refusals), notices=tuple(notices))


def _query(record: Mapping[str, object], filename: str, number: int) -> tuple[Query, ReadingBuilder]:
    """The query of a line and what was refused of it.

    Raises:
        Rejected: the line holds no list of observations.
    """
    rows = record.get("observations")
    if not isinstance(rows, list):
        raise Rejected(
            "a query holds no list of observations", todo='write "observations": [{"kind": ..., "value": ...}]'
        )
    stated = record.get("id")
    id = str(stated) if isinstance(stated, str | int) and str(stated).strip() else f"line {number}"
    builder = ReadingBuilder(filename, {"publisher": UNKNOWN, "subject": id})
    date = ""
    if record.get("date"):
        try:
            date = fields.date(record["date"])
        except Rejected as unfit:
            builder.refuse(number, "date", unfit)
    for place, row in enumerate(rows):
        where = f"observations[{place}]"
        if isinstance(row, Mapping):
            builder.take(row, number, where)
        else:
            builder.refuse(number, where, Rejected("is not an object", todo='write {"kind": ..., "value": ...}'))
    for key in sorted(record.keys() - _KNOWN):
        builder.notices.append(Notice(filename, number, key[:80], "this field is unknown and was not read"))
    return Query(id=id, date=date, observations=tuple(builder.observations)), builder
