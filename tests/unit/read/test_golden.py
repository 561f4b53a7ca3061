"""Golden cases are read with every fault of every part."""

from pathlib import Path

import pytest

from consilience.read import Wanted, golden_case
from consilience.read.golden import GoldenFile

CASE = """\
id: grey-heron
title: Grey Heron and Tin Lantern
class: same-operator
pair: [Northlight/Grey Heron, Seabright/Tin Lantern]
sources:
  nl: {publisher: Northlight, title: Harbour, url: "https://n.example/h", reliability: B, published: 2021-03-02}
  sb: {publisher: Seabright, title: Returns, published: 2021}
  dd: {publisher: Daily, title: Digest, derived_from: sb, published: 2021-05-11}
  cc: {publisher: Copy, title: Copy, derived_from: nl}
defaults: {subject_type: campaign}
observations:
  - {subject: Northlight/Grey Heron, kind: campaign-id, value: 0012:30, first_seen: 2021-01-10, exclusive: true,
     source: nl, where: 1.10}
  - {subject: Seabright/Tin Lantern, kind: mutex, value: no, source: sb, published: 2020-05}
  - {subject: Seabright/Tin Lantern, kind: code:overlap, value: x, object: Northlight/Grey Heron, polarity: absent,
     scope: all, source: dd, subject_type: malware}
  - {subject: Seabright/Tin Lantern, kind: mutex, value: y, source: cc}
expect:
  - as_of: 2021-05-11
    because: kept apart
    axes: {operator: [undetermined, coordinated], supply: shared, developer: {not: [same]}}
    level: {not: [same]}
    tracking: watch
note: A note.
"""


def case_of(text, name="grey-heron.yml"):
    return golden_case(text.encode(), f"cases/{name}")


def faults(old="", new="", name="grey-heron.yml"):
    assert old in CASE
    return case_of(CASE.replace(old, new, 1), name).faults


def test_whole_case():
    """A case is read with its parts, sources resolved, dates and truths as text."""
    case = case_of(CASE)
    assert case.faults == case.notices == ()
    assert (case.id, case.klass, case.note) == ("grey-heron", "same-operator", "A note.")
    assert case.pair == ("Northlight/Grey Heron", "Seabright/Tin Lantern")
    first, second, third, fourth = case.observations
    assert (first.printed, first.where, first.exclusive, first.published) == ("0012:30", "1.10", True, "2021-03-02")
    assert (first.subject.type, third.subject.type) == ("campaign", "malware")
    assert (second.printed, second.published) == ("no", "2020-05")
    assert third.source.derived_from == second.source.key == "Seabright: Returns"
    assert fourth.source.derived_from == first.source.key == "https://n.example/h"
    assert fourth.published == ""


def test_expectations():
    """The three forms of an expectation are values that a position can be held to."""
    (expected,) = case_of(CASE).expectations
    assert expected.as_of == "2021-05-11"
    assert expected.axes["operator"] == Wanted(one_of=("undetermined", "coordinated"))
    assert expected.axes["supply"].holds("shared") and not expected.axes["supply"].holds("own")
    assert expected.axes["developer"].holds("independent") and not expected.axes["developer"].holds("same")
    assert str(expected.axes["operator"]) == "undetermined or coordinated"
    assert str(expected.level) == "not same"
    assert expected.tracking == Wanted(one_of=("watch",))


@pytest.mark.parametrize(
    ("old", "new", "field", "line"),
    [
        ("class: same-operator", "class: twins", "class", 3),
        ("title: Grey Heron and Tin Lantern\n", "", "title", 0),
        ("source: nl,", "source: zz,", "observations.source", 13),
        ("derived_from: sb", "derived_from: zz", "sources.dd.derived_from", 8),
        ("     scope: all,", "     ", "observations.polarity", 15),
        ("pair: [Northlight/Grey Heron, ", "pair: [Northlight/Grey Heroine, ", "pair", 4),
        ("pair: [Northlight/Grey Heron, ", "pair: [", "pair", 4),
        ("supply: shared", "supplies: shared", "expect.axes.supplies", 21),
        ("supply: shared", "supply: same", "expect.axes.supply", 21),
        ("{not: [same]}}", "{no: [same]}}", "expect.axes.developer", 21),
        ("level: {not: [same]}", "level: {not: []}", "expect.level", 22),
        ("tracking: watch", "tracking: wait", "expect.tracking", 23),
        ("as_of: 2021-05-11", "as_of: later", "expect.as_of", 19),
        ("    because: kept apart\n", "", "expect", 19),
        ("note: A note.", "nota: A note.", "nota", 24),
        ("where: 1.10", "where: [1]", "where", 12),
        ("kind: code:overlap, value: x, object: Northlight/Grey Heron", "kind: code:overlap, value: x", "object", 15),
        ("exclusive: true", "exclusive: perhaps", "exclusive", 12),
        ("exclusive: true", "role: contrast", "observations", 11),
        ("subject: Northlight/Grey Heron", "subject: Grey Heron", "publisher", 12),
        ("note: A note.", "id: again", "id", 24),
        ("defaults: {subject_type: campaign}", "defaults: campaign", "defaults", 10),
    ],
)
def test_faults(old, new, field, line):
    """Each fault names the field and the line on which the part begins."""
    found = {(fault.field, fault.line) for fault in faults(old, new)}
    assert any(field == at and (line in (0, where)) for at, where in found), found


def test_id_is_the_name_of_the_file():
    """The id is the file name, so that a case is found by it."""
    assert [fault.field for fault in faults(name="other.yml")] == ["id"]


def test_several_faults_at_once():
    """All faults of a case are reported together, in the order of lines, and the good observations are kept."""
    case = case_of(CASE.replace("source: nl,", "source: zz,").replace("class: same-operator", "class: twins"))
    assert [fault.field for fault in case.faults] == ["class", "observations.source"]
    assert len(case.observations) == 3


@pytest.mark.parametrize(
    "text",
    ["", "[]", "words", "a: [", "a: b: c", "? [a]\n: b", "\x00", "- " * 5_000, "[" * 5_000, "a: &x [*x, *y]"],
)
def test_no_case(text):
    """What is no case is refused without a crash, however deep or broken."""
    case = case_of(text)
    assert case.observations == ()
    assert case.faults


def test_laughing_aliases():
    """Aliases that unfold to billions of items are refused without unfolding."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    text = CASE.replace("value: no", "value: *a11").replace("title: Grey", "\n".join(rows) + "\ntitle: Grey", 1)
    assert "value" in {fault.field for fault in case_of(text).faults}


def test_not_utf8():
    """A case is UTF-8."""
    assert "UTF-8" in golden_case(b"id: \xff", "f.yml").faults[0].what


def test_large_case():
    """A case is small; large data belongs elsewhere."""
    assert "longer" in golden_case(b"#" * 2_000_000, "f.yml").faults[0].what


def test_as_reader():
    """As a reader it gives the observations of the case, its faults as refusals."""
    reader = GoldenFile()
    raw = CASE.encode()
    assert reader.recognises(raw, "")
    assert reader.recognises(b"\xef\xbb\xbf---\n# a comment\n\n" + raw, "")
    assert not reader.recognises(b"id: x\nsources: {}\n", "case.yml")
    assert not reader.recognises(b"# Golden cases\n\nA text with an example:\n" + raw, "case.yml")
    reading = reader.read(raw, "cases/grey-heron.yml", {})
    assert (reading.format, len(reading.observations), reading.refusals) == ("golden-case", 4, ())


def test_example_of_the_readme():
    """The example that analysts copy is a case without faults."""
    readme = Path(__file__).parents[3] / "cases" / "README.md"
    text = readme.read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    assert case_of(text, "grey-heron-tin-lantern.yml").faults == ()
