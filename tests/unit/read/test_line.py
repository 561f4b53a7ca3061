"""Every rule on the fields of an observation line."""

import pytest

from consilience.model.errors import Refusal
from consilience.model.observation import Polarity
from consilience.model.source import Source
from consilience.read.fields import MAX_TEXT
from consilience.read.line import observation_from_line

GOOD = {"publisher": "Vendor A", "subject": "GROUP/7", "kind": "mutex", "value": "Global\\x"}


def taken(defaults=None, without=(), **change):
    record = {key: value for key, value in (GOOD | change).items() if key not in without}
    return observation_from_line(record, "f.jsonl", 7, defaults or {})


def refused(defaults=None, without=(), **change):
    found = taken(defaults, without, **change)
    assert isinstance(found, list)
    assert all(fault.file == "f.jsonl" and fault.line == 7 and fault.what and fault.todo for fault in found)
    return found


def test_least_line():
    """Publisher, subject, kind and value are enough; everything else has its usual value."""
    seen = taken()
    assert seen.subject.key == "Vendor A/GROUP/7"
    assert seen.subject.type == "intrusion-set"
    assert (seen.trait.kind, seen.trait.value, seen.printed) == ("mutex", "Global\\x", "Global\\x")
    assert seen.polarity is Polarity.PRESENT
    assert seen.source == Source(publisher="Vendor A")


@pytest.mark.parametrize("field", ["publisher", "subject", "kind", "value"])
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_required(field, nothing):
    """A required field that is left out, null or blank is refused by name."""
    assert [fault.field for fault in refused(**{field: nothing})] == [field]
    assert [fault.field for fault in refused(without=(field,))] == [field]


def test_defaults_fill_what_is_left_out():
    """Defaults stand in for fields that are left out or null, and never replace what a line states."""
    defaults = {"publisher": "P", "subject": "S", "subject_type": "malware", "tlp": "TLP:AMBER"}
    seen = taken(defaults, without=("publisher",), subject=None)
    assert (seen.subject.key, seen.subject.type, seen.tlp) == ("P/S", "malware", "amber")
    assert taken(defaults).subject.key == "Vendor A/GROUP/7"


def test_all_faults_of_a_line():
    """Every fault of a line is reported, not only the first."""
    faults = refused(
        publisher="A/B",
        subject_type="cluster",
        polarity="maybe",
        first_seen="soon",
        tlp="pink",
        source={"reliability": "G", "credibility": 7},
        value={"a": 1},
        exclusive="yes",
    )
    assert {fault.field for fault in faults} == {
        "publisher",
        "subject_type",
        "polarity",
        "first_seen",
        "tlp",
        "source.reliability",
        "source.credibility",
        "value",
        "exclusive",
    }


def test_publisher_holds_no_slash():
    """A slash divides publisher and subject, so the publisher holds none and the subject may."""
    assert "slash" in refused(publisher="A/B")[0].what


def test_subject_types():
    """Types are the six of the format, in any case; the old word is refused with the new one."""
    assert taken(subject_type="Malware").subject.type == "malware"
    assert "intrusion-set" in refused(subject_type="cluster")[0].todo
    assert "campaign" in refused(subject_type="actor")[0].todo


def test_polarity():
    """Polarity is present or absent."""
    assert taken(polarity="absent").polarity is Polarity.ABSENT
    assert refused(polarity="no")[0].todo == "write one of: present absent"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2023", "2023"),
        (2023, "2023"),
        (2023.0, "2023"),
        ("2023-08", "2023-08"),
        (" 2023-08-09 ", "2023-08-09"),
        ("2023-08-09T18:24:18Z", "2023-08-09"),
        ("2023-08-09 18:24", "2023-08-09"),
        ("2023-08-09T18:24:18.123456+02:00", "2023-08-09"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_dates(stated, expected):
    """A date of any precision stays as printed, a time is cut to its day."""
    assert taken(first_seen=stated).first_seen == expected


@pytest.mark.parametrize(
    "stated",
    [
        "09.08.2023",
        "2023-8",
        "2023-13",
        "2023-02-30",
        "20230809",
        "0000",
        "2023-08T10:00",
        "2023-08-09T99:00",
        True,
        [],
        "\u0662\u0660\u0662\u0663",
        "2023-08-09x",
        pytest.param(10**5000, id="huge"),
    ],
)
def test_no_dates(stated):
    """What no calendar has is refused, in every field of a date."""
    for field in ("first_seen", "last_seen", "published", "public_since"):
        assert [fault.field for fault in refused(**{field: stated})] == [field]


def test_order_of_dates():
    """The last showing is not before the first; coarse dates may overlap."""
    assert refused(first_seen="2023-08-09", last_seen="2023-07")[0].field == "last_seen"
    assert taken(first_seen="2023-08-09", last_seen="2023").last_seen == "2023"


def test_source_object():
    """A source is taken with all its fields, letters in any case and numbers as digits or text."""
    stated = {
        "title": "Report",
        "url": "https://vendor.example/r",
        "publisher": "Vendor B",
        "reliability": "b",
        "credibility": "2",
        "id": 12,
        "derived_from": "x",
    }
    assert taken(source=stated).source == Source(
        publisher="Vendor B",
        title="Report",
        url="https://vendor.example/r",
        id="12",
        derived_from="x",
        reliability="B",
        credibility=2,
    )


def test_source_as_text():
    """A plain text is the title of a source, and JSON in text is its object."""
    assert taken(source="Report").source == Source(publisher="Vendor A", title="Report")
    assert taken(source='{"title": "R", "credibility": 3}').source == Source(
        publisher="Vendor A", title="R", credibility=3
    )
    assert refused(source='{"title": "R", "title": "S"}')[0].field == "source"


@pytest.mark.parametrize("stated", [3, [], True])
def test_no_source(stated):
    """A source that is neither object nor title is refused."""
    assert refused(source=stated)[0].field == "source"


@pytest.mark.parametrize(("field", "stated"), [("reliability", "G"), ("reliability", "AB"), ("reliability", 2)])
def test_no_reliability(field, stated):
    """A reliability is one letter from A to F."""
    assert refused(source={field: stated})[0].field == "source.reliability"


@pytest.mark.parametrize("stated", [0, 7, "0", "two", True, 2.5])
def test_no_credibility(stated):
    """A credibility is a number from 1 to 6."""
    assert refused(source={"credibility": stated})[0].field == "source.credibility"


@pytest.mark.parametrize(
    ("stated", "expected"), [("p. 14", "p. 14"), (14, "14"), (14.0, "14"), (2.5, "2.5"), ("a\nb", "a b")]
)
def test_where(stated, expected):
    """A place is text or a number."""
    assert taken(where=stated).where == expected


def test_exclusive():
    """Exclusive is true or false and nothing else."""
    assert taken(exclusive=True).exclusive
    assert refused(exclusive=1)[0].field == "exclusive"
    assert refused(exclusive="true")[0].field == "exclusive"


@pytest.mark.parametrize(("stated", "expected"), [("moderate", "moderate"), (85, "85"), (0, "0"), (99.5, "99.5")])
def test_confidence(stated, expected):
    """A confidence is words as printed, or a number up to 100 kept as text."""
    assert taken(confidence=stated).confidence == expected


@pytest.mark.parametrize("stated", [101, -1, True, []])
def test_no_confidence(stated):
    """A number beyond 100 is no confidence."""
    assert refused(confidence=stated)[0].field == "confidence"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("red", "red"),
        ("TLP:AMBER+STRICT", "amber+strict"),
        ("tlp: Green", "green"),
        ("WHITE", "clear"),
        ("TLP:CLEAR", "clear"),
    ],
)
def test_tlp(stated, expected):
    """A label is taken with or without prefix, in any case; the old white is clear."""
    assert taken(tlp=stated).tlp == expected


def test_no_tlp():
    """Another label is refused with the list of labels."""
    assert "amber+strict" in refused(tlp="orange")[0].todo


def test_key_role():
    """The role of a key is one of five."""
    assert taken(key_role="per-operator").key_role == "per-operator"
    assert "hard-coded" in refused(key_role="shared")[0].todo


@pytest.mark.parametrize("hidden", ["a\x00b", "a\x1b[31mb", "a\nb", "a\u202eb", "a\u2028b", "a\x85b", "a\ud800b"])
@pytest.mark.parametrize("field", ["publisher", "subject", "value", "object", "kind"])
def test_control_characters(field, hidden):
    """Names and values hold no character that a terminal obeys instead of showing."""
    assert refused(**{field: hidden})[0].field == field


def test_text_is_normalised():
    """Names and values are in NFC, without space around them and characters of no width."""
    seen = taken(subject=" Cafe\u0301\u200b ", value="\ufeffx\u00ad ")
    assert (seen.subject.name, seen.printed) == ("Caf\u00e9", "x")


def test_free_text():
    """Ends of lines in a note are spaces; other control characters are refused there too."""
    assert taken(note="one\r\ntwo").note == "one two"
    assert refused(note="\x1b[2J")[0].field == "note"


def test_longest_value():
    """A value of 8,192 characters is read, a longer one refused."""
    assert taken(value="x" * MAX_TEXT).printed == "x" * MAX_TEXT
    assert "longer" in refused(value="x" * (MAX_TEXT + 1))[0].what


@pytest.mark.parametrize(("stated", "expected"), [(426352781, "426352781"), (443.0, "443"), (1.5, "1.5"), (0, "0")])
def test_number_as_value(stated, expected):
    """A number is the text of its digits."""
    assert taken(kind="watermark", value=stated).trait.value == expected


@pytest.mark.parametrize("stated", [True, {"a": 1}, float("nan"), float("inf"), pytest.param(10**9000, id="huge")])
def test_no_value(stated):
    """Truths, objects and numbers without digits are no values."""
    assert refused(value=stated)[0].field == "value"


def test_list_as_value():
    """A list is joined where the kind is an order or unknown, and refused where the kind takes one value."""
    seen = taken(kind="c2:protocol-order", value=["HTTP", " TCP ", 3])
    assert (seen.printed, seen.trait.value) == ("HTTP,TCP,3", "http,tcp,3")
    assert taken(kind="x-own", value=["b", "a"]).printed == "b,a"
    assert "one line for each" in refused(value=["a", "b"])[0].todo
    assert "comma" in refused(kind="c2:protocol-order", value=["a, b", "c"])[0].what
    assert refused(kind="c2:protocol-order", value=[["a"]])[0].field == "value"
    assert refused(kind="c2:protocol-order", value=[])[0].field == "value"


@pytest.mark.parametrize("kind", ["code:overlap", "claim:same-operator", "name:part-of", "cohabitation"])
def test_object_is_needed(kind):
    """A kind that compares two is refused without the other side."""
    assert [fault.field for fault in refused(kind=kind)] == ["object"]
    assert [fault.field for fault in refused(kind=kind, object=" ")] == ["object"]
    assert taken(kind=kind, object="Vendor B/X").object == "Vendor B/X"


@pytest.mark.parametrize("kind", ["build:inconsistent", "decoy"])
def test_object_is_optional(kind):
    """What contradicts its own file need not name another."""
    assert taken(kind=kind, value="rich header").object == ""


def test_unknown_kind():
    """An unknown kind is kept as it is written."""
    assert taken(kind="x:Own", value=" Some Thing ").trait.value == "Some Thing"


def test_withheld():
    """Two withheld values are equal only where the source says so by an id."""
    one, other = taken(value="withheld"), taken(value="Withheld", subject="OTHER")
    assert one.printed == other.printed == "withheld"
    assert one.withheld and one.trait.value == "withheld:Vendor A/GROUP/7 mutex"
    assert one.trait.value != other.trait.value
    assert (
        taken(value="withheld", withheld_id="k1").trait == taken(value="withheld", withheld_id="k1", subject="O").trait
    )
    assert "withheld_id" in refused(value="withheld:k1")[0].todo


def test_withheld_needs_no_form():
    """A withheld value has the form of no hash and no address."""
    assert taken(kind="file:sha256", value="withheld").withheld


def test_refusal_reads_what_where_what_to_do():
    """A refusal names file, line and field, says what is wrong and what to do."""
    fault = refused(kind="file:md5", value="abc")[0]
    assert isinstance(fault, Refusal)
    assert str(fault) == "f.jsonl:7 [value]: file:md5 has 32 digits, this has 3; write the whole hash"
