"""Tables of comma, semicolon or tab separated values."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consilience.read.table import TableFile

READER = TableFile()
WHO = {"publisher": "P", "subject": "S"}


def read(text, defaults=WHO):
    raw = text if isinstance(text, bytes) else text.encode()
    return READER.read(raw, "f.csv", defaults)


def rows(reading):
    return [(seen.subject.key, seen.trait.kind, seen.trait.value) for seen in reading.observations]


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        ("publisher,subject,kind,value\n", True),
        ("IOC;Type;First Seen\r\n", True),
        ("Actor\tIndicator\n", True),
        ("# made by hand\n\nkind,value\n", True),
        ('# "first_seen","ioc_type","ioc_value"\n"2024-01-01","ip:port","192.0.2.1:80"\n', True),
        ("\ufeffkind,value\n", True),
        ("name,age\n", False),
        ("value\n", False),
        ("some words, with commas\n", False),
        ('{"kind": "mutex", "value": "x"}\n', False),
        ("192.0.2.1\nkind,value\n", False),
        ("", False),
    ],
)
def test_recognised(head, is_one):
    """A table is known by a header with a column of values and one of kinds or subjects."""
    assert READER.recognises(head.encode(), "x") is is_one


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_separators(between):
    """Comma, semicolon and tab separate, quotes hold them together."""
    text = 'publisher,subject,kind,value,note\nP,S,mutex,m1,"b, c; d\te"\n'.replace(",", between)
    found = read(text, {})
    assert rows(found) == [("P/S", "mutex", "m1")]
    assert not found.refusals and not found.notices


def test_all_fields():
    """Every field of an observation may be a column, parts of the source under dotted names."""
    text = (
        "publisher,subject,subject_type,kind,value,polarity,first_seen,last_seen,published,confidence,tlp,where,"
        "exclusive,source.title,source.publisher,source.reliability,source.credibility\n"
        "P,S,malware,domain-name,hxxp://A[.]example/x,absent,2024-01,2024-02,2024-03-04,high,TLP:AMBER,p4,yes,T,Q,b,2\n"
    )
    (seen,) = read(text, {}).observations
    assert (seen.subject.type, seen.trait.value, str(seen.polarity)) == ("malware", "a.example", "absent")
    assert (seen.first_seen, seen.last_seen, seen.published) == ("2024-01", "2024-02", "2024-03-04")
    assert (seen.confidence, seen.tlp, seen.where, seen.exclusive) == ("high", "amber", "p4", True)
    source = seen.source
    assert (source.title, source.publisher, source.reliability, source.credibility) == ("T", "Q", "B", 2)


def test_usual_names():
    """What feeds usually call columns is understood."""
    text = "Threat Actor,Indicator,Type,First Seen,Date,Source,URL,Comment\nGrey,192.0.2.1,ip,2024-01-02,2024-02,R,https://r.example/,n\n"
    found = read(text, {"publisher": "P"})
    (seen,) = found.observations
    assert rows(found) == [("P/Grey", "ipv4-addr", "192.0.2.1")]
    assert (seen.source.title, seen.source.url, seen.published, seen.note) == (
        "R",
        "https://r.example/",
        "2024-02",
        "n",
    )
    assert not found.notices


@pytest.mark.parametrize(
    ("word", "value", "kind"),
    [
        ("domain", "a.example", "domain-name"),
        ("FileHash-SHA256", "ab" * 32, "file:sha256"),
        ("IPv4", "192.0.2.1", "ipv4-addr"),
        ("URL", "a.example/x", "url"),
        ("hash", "cd" * 16, "file:md5"),
        ("", "2001:db8::1", "ipv6-addr"),
        ("ip:port", "192.0.2.1:443", "endpoint"),
        ("Mutex", "m", "mutex"),
        ("own:kind", "x", "own:kind"),
    ],
)
def test_words_for_kinds(word, value, kind):
    """A kind may be written as feeds write it, and left out where the value tells."""
    (seen,) = read(f"value,kind\n{value},{word}\n").observations
    assert seen.trait.kind == kind


def test_own_name_goes_first():
    """A column under the name of the field goes before one that only usually means it, which is mentioned."""
    found = read("type,kind,value\nodd,mutex,m\n")
    assert rows(found) == [("P/S", "mutex", "m")]
    assert [notice.field for notice in found.notices] == ["type"]


def test_bad_rows():
    """A row that cannot be read is refused with its line, and costs no other row."""
    text = 'kind,value,note\nmutex,a,"two\nlines"\nipv4-addr,nowhere,\nmutex,b,c,d\n\nmutex,,\n# remark,,\nmutex,e\n'
    found = read(text)
    assert [value for _, _, value in rows(found)] == ["a", "e"]
    assert [(refusal.line, refusal.field) for refusal in found.refusals] == [(4, "value"), (5, ""), (7, "value")]


def test_bytes_that_are_no_text():
    """Bytes that are no UTF-8 cost only their row."""
    found = read(b"kind,value\nmutex,\xff\nmutex,b\n")
    assert (rows(found), len(found.refusals)) == ([("P/S", "mutex", "b")], 1)


def test_nobody_named():
    """A table that names no subject, where the user names none, is refused in one line."""
    found = read("kind,value\nmutex,a\nmutex,b\n", {"publisher": "P"})
    (refusal,) = found.refusals
    assert not found.observations
    assert "--subject" in refusal.todo and "publisher" not in refusal.todo


def test_packed():
    """A table may be packed, and what comes before damage is read."""
    packed = gzip.compress(b"kind,value\n" + b"".join(b"mutex,m%d\n" % place for place in range(20_000)), mtime=0)
    assert len(READER.read(packed, "f", WHO).observations) == 20_000
    cut = READER.read(packed[:-2000], "f", WHO)
    assert 0 < len(cut.observations) < 20_000
    assert cut.refusals


def test_read_twice():
    """The same table gives the same observations."""
    text = "kind,value\nmutex,a\nmutex,b\n"
    assert read(text).observations == read(text).observations


def test_progress():
    """Word on the way rises to no more than the whole."""
    calls = []
    raw = b"kind,value\n" + b"mutex,m\n" * 5_000
    READER.read(raw, "f", WHO, lambda done, total: calls.append((done, total)))
    assert calls == sorted(calls) and len(calls) > 2
    assert all(done <= total == len(raw) for done, total in calls)


@given(st.binary(max_size=80) | st.text(alphabet=",;\t\"'\n\r# abv1.", max_size=80).map(str.encode))
@settings(max_examples=500, deadline=None)
def test_any_rows(rest):
    """Whatever follows a header, rows are read or refused, and nothing else happens."""
    found = read(b"kind,value,note,source.title\n" + rest)
    assert all(refusal.what and refusal.todo for refusal in found.refusals)
    assert all(seen.trait.value for seen in found.observations)
