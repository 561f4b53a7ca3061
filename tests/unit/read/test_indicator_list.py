"""Plain lists of indicators."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consilience.read import read_path
from consilience.read.indicator_list import IndicatorList
from consilience.vocab.indicator import kind_of

READER = IndicatorList()
WHO = {"publisher": "P", "subject": "S"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a.example", "domain-name"),
        ("a[.]example", "domain-name"),
        ("A(dot)example", "domain-name"),
        ("192.0.2.1", "ipv4-addr"),
        ("192.0.2[.]0/24", "ipv4-addr"),
        ("2001:db8::1", "ipv6-addr"),
        ("192.0.2.1:8443", "endpoint"),
        ("a.example:8443", "endpoint"),
        ("hxxps://a[.]example/x?y", "url"),
        ("http[:]//a.example", "url"),
        ("a.example/path", "url"),
        ("who@a.example", "email-addr"),
        ("who[@]a[.]example", "email-addr"),
        ("ab" * 16, "file:md5"),
        ("AB" * 20, "file:sha1"),
        ("0f" * 32, "file:sha256"),
        ("CVE-2024-0001", "vulnerability"),
        ("words", ""),
        ("two words", ""),
        ("1.2.3", ""),
        ("version.1", ""),
        ("/etc/passwd", ""),
        ("dir/file.txt", ""),
        ("ab" * 17, ""),
        ("", ""),
    ],
)
def test_kinds(text, kind):
    """What an indicator is follows from its form."""
    assert kind_of(text) == kind


@given(st.text(alphabet="ab1.:/[]@-h txp", max_size=30))
@settings(max_examples=500, deadline=None)
def test_any_line(text):
    """Of any line something is read or it is refused, and nothing else happens."""
    found = READER.read(text.encode(), "f", WHO)
    assert len(found.observations) + len(found.refusals) <= 1


@pytest.mark.parametrize(
    ("content", "name", "is_one"),
    [
        (b"192.0.2.1\n", "x", True),
        (b"# title\n\na[.]example\nb.example\n", "x", True),
        (b"a.example\nb.example\n", "x", False),
        (b"a.example\nb.example\n", "x.txt", True),
        (b"a.example\nb.example\n", "x.IOCS.gz", True),
        (b"a.example\n", "x.md", False),
        (b"192.0.2.1\nplain words\n", "x.txt", True),
        (b"192.0.2.1\nplain words\n", "x", False),
        (b"192.0.2.1\nplain words\nand more\n", "x.txt", False),
        (b"a.example\nplain words\n", "x.txt", False),
        (b"# nothing\n", "x.txt", False),
        (b"plain words", "x.txt", False),
        (b'{"kind": "mutex"}\n', "x.txt", False),
        (b"indicator\n192.0.2.1\n", "x", True),
    ],
)
def test_recognised(content, name, is_one):
    """A list is known by its lines, most of which are indicators, and where none is telling by its name too."""
    assert READER.recognises(content, name) is is_one


def test_lines():
    """Comments, bullets, quotes and closing commas are let pass; other lines are refused with their number."""
    text = b'# list\r\n\n192.0.2[.]1  # first\n- a[.]example\n"b.example",\n\xffodd\n* c.example // last\nwords here\n'
    found = READER.read(text, "f", WHO)
    assert [(seen.trait.kind, seen.trait.value, seen.where) for seen in found.observations] == [
        ("ipv4-addr", "192.0.2.1", "line 3"),
        ("domain-name", "a.example", "line 4"),
        ("domain-name", "b.example", "line 5"),
        ("domain-name", "c.example", "line 7"),
    ]
    assert [(refusal.line, refusal.field) for refusal in found.refusals] == [(6, "value"), (8, "value")]


def test_address_is_no_comment():
    """The slashes of an address do not begin a comment."""
    (seen,) = READER.read(b"https://a.example/b\n", "f", WHO).observations
    assert seen.trait.value == "a.example/b"


@pytest.mark.parametrize(
    ("defaults", "asked"),
    [({}, "--publisher and --subject"), ({"publisher": "P"}, "--subject"), ({"subject": "S"}, "--publisher")],
)
def test_nobody_named(defaults, asked):
    """A list whose subject is not said is refused in one line that says what to give."""
    found = READER.read(b"192.0.2.1\n192.0.2.2\n", "f", defaults)
    assert not found.observations
    assert [refusal.todo for refusal in found.refusals] == [f"give {asked}"]


def test_through_the_walk(tmp_path):
    """A list is read as any file, packed or not, with the subject given for it."""
    text = b"192.0.2.1\na.example\n"
    (tmp_path / "a.txt").write_bytes(text)
    (tmp_path / "b").write_bytes(gzip.compress(text, mtime=0))
    found = list(read_path(tmp_path, {**WHO, "subject_type": "malware", "tlp": "green"}))
    assert [reading.format for reading in found] == ["indicators", "indicators.gz"]
    rows = [seen for reading in found for seen in reading.observations]
    assert len(rows) == 4
    assert {(seen.subject.type, seen.tlp) for seen in rows} == {("malware", "green")}
