"""Observation files in every wrapping: plain, gzip, Parquet; broken parts never cost the good ones."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from consilience.read.observation_file import ObservationFile
from consilience.read.parquet import ParquetFile
from consilience.read.reading_builder import MAX_NAMED
from consilience.sandbox import Worker, content
from consilience.sandbox.content import Content, Unpacking


def line(value, **more):
    return json.dumps({"publisher": "P", "subject": "S", "kind": "mutex", "value": value} | more).encode()


def read(raw, progress=None, **defaults):
    return ObservationFile().read(raw, "f.jsonl", defaults, progress)


def values(reading):
    return [seen.printed for seen in reading.observations]


def table(rows, **more):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, **more), out)
    return out.getvalue()


def test_good_lines_are_kept():
    """Broken lines are refused with their numbers, and the good lines around them are read."""
    reading = read(b"\n".join([line("a"), b"{broken", line("b"), b'{"publisher":"P"}', line("c")]))
    assert values(reading) == ["a", "b", "c"]
    assert [(fault.line, fault.field) for fault in reading.refusals] == [
        (2, ""),
        (4, "subject"),
        (4, "kind"),
        (4, "value"),
    ]


def test_line_ends():
    """A mark at the beginning, CRLF, blank lines and a last line without end are all fine."""
    reading = read(b"\xef\xbb\xbf" + line("a") + b"\r\n\r\n  \n" + line("b"))
    assert values(reading) == ["a", "b"]
    assert not reading.refusals


def test_mark_in_the_middle():
    """The mark belongs at the beginning of a file, and elsewhere is no JSON."""
    assert [fault.line for fault in read(line("a") + b"\n\xef\xbb\xbf" + line("b")).refusals] == [2]


def test_empty_file():
    """An empty file has no observations and nothing wrong."""
    reading = read(b"")
    assert (reading.observations, reading.refusals) == ((), ())


def test_long_line():
    """A line of many MiB is one refusal, and the next line keeps its number."""
    reading = read(b'{"x":"' + b"y" * (3 * content.MAX_LINE) + b'"}\n' + line("a") + b"\nbroken")
    assert values(reading) == ["a"]
    assert [fault.line for fault in reading.refusals] == [1, 3]


def test_longest_line_with_its_end():
    """The end of a line does not count into its size."""
    longest = b'{"a":"' + b"x" * (content.MAX_LINE - 8) + b'"}\r\n'
    assert [number for number, _ in Content(longest + line("a")).lines()] == [1, 2]


def test_gzip():
    """A packed file reads as its content, also when several were joined or padded."""
    raw = gzip.compress(line("a") + b"\n") + gzip.compress(line("b") + b"\n") + b"\0" * 64
    reading = read(raw)
    assert values(reading) == ["a", "b"]
    assert not reading.refusals
    assert (reading.format, reading.raw) == ("jsonl.gz", raw)


def test_truncated_gzip():
    """Of a packed file that was cut off, the lines before the cut are kept and the cut is reported."""
    many = b"\n".join(line(f"value {number} {hash(number * 7919)}") for number in range(20_000))
    packed = gzip.compress(many, mtime=0)
    reading = read(packed[: len(packed) // 2])
    assert 1_000 < len(reading.observations) < 20_000
    assert [fault.what for fault in reading.refusals] == ["the file ends in the middle of the packed data"]
    assert reading.refusals[0].line == len(reading.observations) + 1


def test_damaged_gzip():
    """Damage in the middle keeps the lines before it."""
    packed = bytearray(gzip.compress(b"\n".join(line(f"value {number}") for number in range(20_000))))
    middle = len(packed) // 2
    packed[middle : middle + 64] = b"\xff" * 64
    reading = read(bytes(packed))
    assert reading.observations
    assert "damaged" in reading.refusals[-1].what


def test_other_bytes_after_gzip():
    """Bytes that are no packed data are reported, and the packed lines kept."""
    reading = read(gzip.compress(line("a") + b"\n") + b"more")
    assert values(reading) == ["a"]
    assert "other bytes" in reading.refusals[0].what


def test_gzip_that_unpacks_to_far_more(monkeypatch):
    """A small file that unpacks without end is stopped."""
    monkeypatch.setattr(content, "RATIO_FREE", 100_000)
    reading = read(gzip.compress(line("a") + b"\n" + b"\n" * 10_000_000))
    assert values(reading) == ["a"]
    assert "times its size" in reading.refusals[0].what


def test_limit_of_unpacking():
    """Unpacking stops at its limit."""
    unpacking = Unpacking(gzip.compress(b"x" * 100_000), limit=50_000)
    with io.BufferedReader(unpacking) as stream:
        assert len(stream.read()) <= 50_000
        assert "more than 50,000 bytes" in unpacking.damage


def test_unknown_kind_is_noticed_once():
    """An unknown kind is kept and noticed once a file, with the kinds it may have meant."""
    reading = read(b"\n".join(line(str(number), kind="domain") for number in range(3)))
    assert len(reading.observations) == 3
    assert [(notice.line, notice.field) for notice in reading.notices] == [(1, "kind")]
    assert "domain-name" in reading.notices[0].what


def test_unknown_fields_are_noticed_once():
    """An unknown field is ignored and noticed once a file, also within the source."""
    more = {"colour": 1, "source": {"title": "T", "pages": 3}}
    reading = read(line("a", **more) + b"\n" + line("b", **more))
    assert [(notice.line, notice.field) for notice in reading.notices] == [(1, "colour"), (1, "source.pages")]
    assert not reading.refusals


def test_many_unknown_kinds():
    """Endless unknown kinds do not make endless notices."""
    reading = read(b"\n".join(line("v", kind=f"zq{number}") for number in range(3 * MAX_NAMED)))
    assert len(reading.observations) == 3 * MAX_NAMED
    assert len(reading.notices) == MAX_NAMED + 1


def test_progress():
    """Word on the way counts bytes of the file as it lies on disk."""
    calls = []
    raw = b"\n".join(line("v") for _ in range(10_000))
    read(raw, lambda done, total: calls.append((done, total)))
    assert calls == sorted(calls)
    assert all(0 < done <= total == len(raw) for done, total in calls)


def test_parquet():
    """A table reads as the same observations as the lines of a file."""
    rows = [
        {
            "publisher": "P",
            "subject": "S",
            "kind": "c2:protocol-order",
            "value": "HTTP,TCP",
            "first_seen": "2023",
            "exclusive": True,
            "source": {"title": "T", "credibility": 2},
        },
        {"publisher": "P", "subject": "S", "kind": "mutex", "value": "m", "first_seen": None, "source": None},
    ]
    reading = ParquetFile().read(table(rows), "f.parquet", {})
    lines = read(b"\n".join(json.dumps(row).encode() for row in rows))
    assert reading.observations == lines.observations
    assert (reading.refusals, reading.notices, reading.format) == ((), (), "parquet")


def test_a_table_that_cannot_be_opened_is_tried_once(monkeypatch):
    """A damaged table costs one locked process, and the refusal says what the library said."""
    asked = []
    analyse = Worker.analyse

    def counted(worker, *given, **named):
        asked.append(given[0])
        return analyse(worker, *given, **named)

    monkeypatch.setattr(Worker, "analyse", counted)
    reading = ParquetFile().read(b"PAR1" + bytes(64) + b"PAR1", "f.parquet", {})
    assert asked == ["rows"]
    assert reading.refusals[0].what.startswith("the table cannot be read")
    assert reading.refusals[0].todo == "get the file again"


def test_parquet_types():
    """Dates, times, lists, JSON text and the empty numbers of tables read as JSON would hold them."""
    import datetime

    schema = pa.schema(
        [
            ("subject", pa.dictionary(pa.int8(), pa.string())),
            ("kind", pa.string()),
            ("value", pa.list_(pa.string())),
            ("published", pa.date32()),
            ("first_seen", pa.timestamp("us")),
            ("where", pa.float64()),
            ("confidence", pa.float64()),
            ("source", pa.string()),
            ("colour", pa.int64()),
        ]
    )
    row = {
        "subject": "S",
        "kind": "c2:protocol-order",
        "value": ["HTTP", "TCP"],
        "published": datetime.date(2023, 8, 9),
        "first_seen": datetime.datetime(2023, 8, 1, 12, 30, tzinfo=datetime.UTC),
        "where": 14.0,
        "confidence": float("nan"),
        "source": '{"title": "T"}',
        "colour": 3,
    }
    reading = ParquetFile().read(table([row], schema=schema), "f.parquet", {"publisher": "P"})
    (seen,) = reading.observations
    assert (seen.printed, seen.published, seen.first_seen, seen.where, seen.confidence, seen.source.title) == (
        "HTTP,TCP",
        "2023-08-09",
        "2023-08-01",
        "14",
        "",
        "T",
    )
    assert [notice.field for notice in reading.notices] == ["colour"]


def test_parquet_source_as_map():
    """A source may be a map too."""
    schema = pa.schema([("kind", pa.string()), ("value", pa.string()), ("source", pa.map_(pa.string(), pa.string()))])
    rows = [{"kind": "mutex", "value": "v", "source": [("title", "T"), ("reliability", "a")]}]
    reading = ParquetFile().read(table(rows, schema=schema), "f.parquet", {"publisher": "P", "subject": "S"})
    assert reading.observations[0].source.reliability == "A"


def test_parquet_rows_are_lines():
    """A row that cannot be taken is refused with its number."""
    rows = [{"publisher": "P", "subject": "S", "kind": "mutex", "value": value} for value in ("a", None, "c")]
    reading = ParquetFile().read(table(rows), "f.parquet", {})
    assert values(reading) == ["a", "c"]
    assert [(fault.line, fault.field) for fault in reading.refusals] == [(2, "value")]


def test_packed_parquet():
    """A packed table is unpacked first."""
    raw = gzip.compress(table([{"publisher": "P", "subject": "S", "kind": "mutex", "value": "a"}]))
    reading = ParquetFile().read(raw, "f.parquet.gz", {})
    assert (values(reading), reading.format) == (["a"], "parquet.gz")


@pytest.mark.parametrize("cut", [4, 20, -1])
def test_damaged_parquet(cut):
    """A damaged table is one refusal and no crash."""
    raw = table([{"publisher": "P", "subject": "S", "kind": "mutex", "value": "a"}])[:cut]
    reading = ParquetFile().read(raw, "f.parquet", {})
    assert (reading.observations, len(reading.refusals)) == ((), 1)


def test_parquet_columns_of_one_name():
    """Two columns of one name are as ambiguous as two keys."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["value", "value"]), out)
    assert "value" in ParquetFile().read(out.getvalue(), "f.parquet", {}).refusals[0].what


def test_notices_obey_no_terminal():
    """What a terminal would obey is escaped where a message must show it."""
    reading = read(line("a", **{"\x1b[2J": 1}))
    assert reading.notices[0].field == "\\x1b[2J"


def test_messages_are_short():
    """A message shows the beginning of a long value only."""
    (fault,) = read(line("x" * 8_000, kind="ipv4-addr")).refusals
    assert len(fault.what) < 120
