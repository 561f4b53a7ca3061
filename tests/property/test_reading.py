"""What must hold of reading for any input at all."""

import gzip
import json
import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consilience.model.errors import Refusal, Rejected
from consilience.model.observation import Observation
from consilience.read import golden_case, observation_from_line
from consilience.read.fields import KEY_ROLES, TLP
from consilience.read.observation_file import ObservationFile
from consilience.read.parquet import ParquetFile
from consilience.sandbox.strict_json import _carefully, _quickly, strict_object
from consilience.vocab import vocabulary
from consilience.vocab.canonical import FORMS, canonical

KINDS = sorted(vocabulary().kinds)

fragments = st.sampled_from(
    [
        "example.com",
        "EXAMPLE",
        "[.]",
        "(.)",
        "[dot]",
        "[at]",
        "@",
        "://",
        "hxxp",
        "https://",
        "http:/",
        ":443",
        ":80",
        ":0443",
        "/",
        "\\",
        "?",
        "#",
        "[",
        "]",
        "::",
        "1.2.3.4",
        "2001:db8::1",
        "::ffff:1.2.3.4",
        "%eth0",
        "/24",
        "*.",
        ".",
        ",",
        "->",
        "=>",
        "\u2192",
        ">",
        "-",
        "T1027",
        ".013",
        "S0002",
        "S-0002",
        "AS",
        "64500",
        "cve-2021-40449",
        "0x",
        "sha256:",
        "T1",
        "ab",
        "00",
        "\uff0e",
        "\u3002",
        "\uff11.\uff12",
        "\u0130",
        "\u00df",
        "\u1100",
        "\u1161",
        "\u0345",
        "\u212a",
        "\u00fc",
        "\U0001f98a",
        " ",
        "\u00a0",
        "e\u0301",
        "withheld",
        "xn--",
        "_",
    ]
)
values = st.one_of(
    st.lists(fragments, min_size=1, max_size=8).map("".join),
    st.text(min_size=1, max_size=40),
    st.text(alphabet=string.hexdigits + ":- ", min_size=32, max_size=72),
)
names = st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=20)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
dates = st.dates().map(str) | st.integers(1000, 2100).map(str) | st.just("2023-08-09T18:24:18Z")


@given(form=st.sampled_from(sorted(FORMS)), kind=st.sampled_from(["", *KINDS]), value=values)
@settings(max_examples=1500, deadline=None)
def test_canonical_of_canonical(form, kind, value):
    """The canonical form of a canonical form is itself, and what has none is refused and nothing else."""
    if kind:
        form = vocabulary().kinds[kind].canonical
    try:
        once = canonical(form, value, kind)
    except Rejected as unfit:
        assert unfit.what and unfit.todo
        return
    assert once
    assert canonical(form, once, kind) == once


records = st.fixed_dictionaries(
    {
        "publisher": names.filter(lambda name: "/" not in name),
        "subject": names,
        "kind": st.sampled_from([*KINDS, "x:own"]),
        "value": values | st.integers() | st.just("withheld"),
        "object": names,
    },
    optional={
        "subject_type": st.sampled_from(["intrusion-set", "MALWARE", "tool"]),
        "polarity": st.sampled_from(["present", "absent"]),
        "first_seen": dates,
        "published": dates,
        "public_since": dates,
        "role": names,
        "key_role": st.sampled_from(KEY_ROLES),
        "exclusive": st.booleans(),
        "scope": names,
        "confidence": names | st.integers(0, 100),
        "note": st.text(max_size=20),
        "tlp": st.sampled_from([f"TLP:{label.upper()}" for label in TLP]),
        "withheld_id": names,
        "where": names | st.integers(),
        "source": names
        | st.fixed_dictionaries(
            {},
            optional={
                "title": names,
                "url": names,
                "publisher": names,
                "reliability": st.sampled_from("abcdefABCDEF"),
                "credibility": st.integers(1, 6),
                "id": names,
                "derived_from": names,
            },
        ),
    },
)


@given(record=records)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_round_trip(record):
    """An observation written as a line and read again is equal, with the same id."""
    seen = observation_from_line(record, "f", 1, {})
    if isinstance(seen, list):
        return
    line = json.dumps(seen.as_record()).encode()
    again = observation_from_line(strict_object(line), "f", 1, {})
    assert again == seen
    assert again.id == seen.id


@given(
    record=st.dictionaries(
        st.sampled_from(
            [
                "publisher",
                "subject",
                "kind",
                "value",
                "source",
                "tlp",
                "where",
                "note",
                "first_seen",
                "last_seen",
                "exclusive",
                "object",
                "confidence",
                "polarity",
                "key_role",
                "other",
            ]
        ),
        jsons,
    )
)
@settings(max_examples=600, deadline=None)
def test_any_record(record):
    """Whatever a line holds, it is an observation or a list of refusals that say what to do."""
    found = observation_from_line(record, "f", 3, {})
    if isinstance(found, Observation):
        assert found.subject.name and found.trait.value
    else:
        assert found and all(isinstance(each, Refusal) and each.field and each.what and each.todo for each in found)


@given(
    line=st.binary(max_size=60)
    | jsons.map(lambda value: json.dumps(value).encode())
    | st.lists(
        st.sampled_from([b"{", b"}", b"[", b"]", b'"', b":", b",", b"a", b"\\", b" ", b"1", b"\\u0061", b'"a":']),
        max_size=14,
    ).map(b"".join)
)
@settings(max_examples=1500, deadline=None)
def test_quick_and_careful_agree(line):
    """The quick way of reading a line gives what the careful way gives, or leaves it to that."""
    quick = _quickly(line)
    if quick is not None:
        assert quick == _carefully(line)
    try:
        assert isinstance(strict_object(line), dict)
    except Rejected as unfit:
        assert unfit.what and unfit.todo


@given(raw=st.binary(max_size=200), packed=st.booleans(), cut=st.integers(0, 220))
@settings(max_examples=300, deadline=None)
def test_any_file(raw, packed, cut):
    """No file, packed or cut off, makes a reader fail."""
    raw = (gzip.compress(raw, mtime=0) if packed else raw)[:cut]
    for reader in (ObservationFile(), ParquetFile()):
        reader.recognises(raw, "f")
        reader.read(raw, "f", {})
    golden_case(raw, "f.yml")


@given(
    good=st.lists(st.sampled_from("abc"), max_size=6),
    bad=st.lists(st.sampled_from([b"{", b"[]", b'{"kind":1}']), max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_bad_lines_never_cost_good_ones(good, bad, order):
    """However good and bad lines are mixed, every good one is read and every bad one refused."""
    lines = [json.dumps({"publisher": "P", "subject": "S", "kind": "mutex", "value": value}).encode() for value in good]
    lines += bad
    order.shuffle(lines)
    reading = ObservationFile().read(b"\n".join(lines), "f", {})
    assert len(reading.observations) == len(good)
    assert len({fault.line for fault in reading.refusals}) == len(bad)
