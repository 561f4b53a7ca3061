"""Files and folders are read in order, by what they hold and not by what they are called."""

import gzip
import io
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from consilience.model.errors import InputError, MissingInput
from consilience.read import read_path

LINE = b'{"publisher":"P","subject":"S","kind":"mutex","value":"%s"}\n'
CASE = b"""id: case
pair: [P/A, P/B]
sources: {s: {publisher: P, title: T, published: 2020}}
"""


def readings(path, progress=None, **defaults):
    return list(read_path(path, defaults, progress))


def parquet():
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{"publisher": "P", "subject": "S", "kind": "mutex", "value": "a"}]), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "name", "form"),
    [
        (LINE % b"a", "data.txt", "jsonl"),
        (LINE % b"a", "data.parquet", "jsonl"),
        (gzip.compress(LINE % b"a", mtime=0), "data", "jsonl.gz"),
        (parquet(), "data.jsonl", "parquet"),
        (gzip.compress(parquet(), mtime=0), "data.gz", "parquet.gz"),
        (CASE, "data.jsonl", "golden-case"),
        (b"\xef\xbb\xbf\n\n{broken\n" + LINE % b"a", "data", "jsonl"),
        (b"{broken", "data.jsonl", "jsonl"),
        (b"", "data.jsonl.gz", "jsonl"),
    ],
)
def test_content_decides(tmp_path, raw, name, form):
    """The format is what the content is, and the name decides only where the content cannot."""
    (tmp_path / name).write_bytes(raw)
    (reading,) = readings(tmp_path / name)
    assert reading.format == form
    assert reading.raw == raw


@pytest.mark.parametrize("raw", [b"", b"plain words", b"\xff\xfe{\0", b"\x1f\x8b\x08", b"%PDF-1.7"])
def test_unknown_format(tmp_path, raw):
    """A file of no known format is refused when it was named."""
    (tmp_path / "report").write_bytes(raw)
    (reading,) = readings(tmp_path / "report")
    assert (reading.format, reading.observations, len(reading.refusals)) == ("unknown", (), 1)


def test_utf16_is_named(tmp_path):
    """A file in UTF-16 is recognised as what it is, and the remedy is said."""
    (tmp_path / "f.txt").write_bytes((LINE % b"a").decode().encode("utf-16"))
    assert readings(tmp_path / "f.txt")[0].refusals[0].todo == "save it as UTF-8"


def test_folder(tmp_path):
    """A folder is walked in the order of names, hidden files left out, unknown formats noticed and not refused."""
    for name in ("b.jsonl", "a/z.jsonl", "c.jsonl", ".hidden.jsonl", ".git/x.jsonl", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LINE % name.encode() if name.endswith("l") else b"words")
    found = readings(tmp_path)
    names = [os.path.relpath(reading.file, tmp_path) for reading in found]
    assert names == ["a/notes.txt", "a/z.jsonl", "b.jsonl", "c.jsonl"]
    assert [len(reading.observations) for reading in found] == [0, 1, 1, 1]
    assert [len(reading.notices) for reading in found] == [1, 0, 0, 0]
    assert not any(reading.refusals for reading in found)


def test_folder_with_a_loop(tmp_path):
    """A link back to the folder is not followed, a link to a file is."""
    (tmp_path / "a.jsonl").write_bytes(LINE % b"a")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "a.jsonl")
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "nothing")
    assert len(readings(tmp_path)) == 2


def test_empty_folder(tmp_path):
    """An empty folder gives nothing."""
    assert readings(tmp_path) == []


def test_missing(tmp_path):
    """A path that does not exist is an error at once, before anything is read."""
    with pytest.raises(MissingInput, match=r"nowhere.*no such file"):
        read_path(tmp_path / "nowhere", {})


def test_special_file(tmp_path):
    """A pipe is no file to read."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MissingInput):
        read_path(tmp_path / "pipe", {})
    assert readings(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path):
    """A named file without the right to read is an error; in a folder it is refused and the others are read."""
    (tmp_path / "a.jsonl").write_bytes(LINE % b"a")
    (tmp_path / "b.jsonl").write_bytes(LINE % b"b")
    (tmp_path / "a.jsonl").chmod(0)
    with pytest.raises(MissingInput):
        read_path(tmp_path / "a.jsonl", {})
    found = readings(tmp_path)
    assert [(len(reading.observations), len(reading.refusals)) for reading in found] == [(0, 1), (1, 0)]


def test_file_that_cannot_be_opened(tmp_path, monkeypatch):
    """A file that fails while it is opened is refused, and the next is read."""
    from pathlib import Path

    (tmp_path / "a.jsonl").write_bytes(LINE % b"a")
    (tmp_path / "b.jsonl").write_bytes(LINE % b"b")
    whole = Path.read_bytes

    def fail(path):
        if path.name == "a.jsonl":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", fail)
    found = readings(tmp_path)
    assert [(len(reading.observations), len(reading.refusals)) for reading in found] == [(0, 1), (1, 0)]


def test_defaults(tmp_path):
    """Defaults reach the lines, and a default that no line could use is an error at once."""
    (tmp_path / "a.jsonl").write_bytes(b'{"kind":"mutex","value":"v"}')
    (reading,) = readings(tmp_path / "a.jsonl", publisher="P", subject="S", subject_type="tool", tlp="")
    assert reading.observations[0].subject.key == "P/S"
    for wrong in ({"publisher": "A/B"}, {"subject_type": "cluster"}, {"tlp": "pink"}, {"colour": "red"}):
        with pytest.raises(InputError):
            read_path(tmp_path / "a.jsonl", wrong)


def test_progress_over_a_folder(tmp_path):
    """Word on the way rises to the size of all files, known or not."""
    (tmp_path / "a.jsonl").write_bytes(LINE % b"a" * 10_000)
    (tmp_path / "b.txt").write_bytes(b"words")
    (tmp_path / "c.jsonl").write_bytes(LINE % b"a" * 10_000)
    calls = []
    readings(tmp_path, lambda done, total: calls.append((done, total)))
    size = sum(each.stat().st_size for each in tmp_path.iterdir())
    assert calls == sorted(calls)
    assert calls[-1] == (size, size)
    assert {total for _, total in calls} == {size}


def test_name_in_no_encoding(tmp_path):
    """A file whose name is no text is read under a name that can be written."""
    name = os.fsencode(tmp_path) + b"/a\xff.jsonl"
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(LINE % b"a")
    (reading,) = readings(tmp_path)
    assert reading.file.endswith("a\\xff.jsonl")
    assert len(reading.observations) == 1
