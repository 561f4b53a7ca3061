"""What a case knows of names."""

import pytest

from consilience.assess.naming import names_record
from consilience.model.errors import AmbiguousName, UnknownName
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait


def claim(key, other, kind="name:same-referent", by="", published="2024", where=""):
    publisher, name = key.split("/")
    return Observation(
        subject=Subject(publisher, name),
        trait=Trait(kind, "said"),
        source=Source(publisher=by or publisher),
        object=other,
        published=published,
        where=where,
    )


def record(*claims, name=""):
    snapshot = snapshot_of(claims)
    return names_record(snapshot, list(snapshot.subjects.values()), name)


CLAIMS = (
    claim("P/Grey Heron", "Ash Bird"),
    claim("P/Grey Heron", "G9001"),
    claim("P/Crow", "ash-bird"),
    claim("Q/Kite", "P/Crow", "name:overlaps"),
)


def test_all_names():
    """Without a name everything is told: subjects, claims, and the names that stand on several."""
    found = record(*CLAIMS)
    assert [subject["name"] for subject in found["subjects"]] == ["P/Crow", "P/Grey Heron", "Q/Kite"]
    assert len(found["claims"]) == 4
    (conflict,) = found["conflicts"]
    assert conflict["subjects"] == ["P/Crow", "P/Grey Heron"]
    assert [each["object"] for each in conflict["claims"]] == ["ash-bird", "Ash Bird"]


def test_one_name():
    """With a name only what concerns its subject is told, whoever says it."""
    found = record(*CLAIMS, name="Crow")
    said = [(each["subject"], each["object"]) for each in found["claims"]]
    assert said == [("P/Crow", "ash-bird"), ("Q/Kite", "P/Crow")]
    assert [each["name"] for each in found["subjects"]] == ["P/Crow"]
    assert len(found["conflicts"]) == 1
    assert not record(*CLAIMS, name="Kite")["conflicts"]


@pytest.mark.parametrize(
    ("name", "subjects"),
    [
        ("g9001", ["P/Grey Heron"]),
        ("Ash Bird", ["P/Crow", "P/Grey Heron"]),
        ("ASH BIRD team", ["P/Crow", "P/Grey Heron"]),
    ],
)
def test_claimed_names(name, subjects):
    """A name that no subject has leads to those of whom it is claimed, numbers included."""
    assert [each["name"] for each in record(*CLAIMS, name=name)["subjects"]] == subjects


def test_unknown_names():
    """A misspelt or truncated name is an error with what it may mean and why."""
    with pytest.raises(UnknownName) as caught:
        record(*CLAIMS, name="Gray Heron")
    assert caught.value.suggestions == (("P/Grey Heron", "spelt much like it"),)
    with pytest.raises(UnknownName) as caught:
        record(*CLAIMS, name="G900")
    reason = "'G9001' is claimed to be the same, and 'G900' is its beginning"
    assert caught.value.suggestions == (("P/Grey Heron", reason),)
    with pytest.raises(AmbiguousName):
        record(*CLAIMS, claim("Q/Crow", "X"), name="Crow")


def test_claims_once():
    """A claim that was repeated is told once, as it was first published."""
    again = claim("P/Grey Heron", "G9001", published="2020", where="elsewhere")
    found = record(*CLAIMS, again, name="Grey Heron")
    assert [each["published"] for each in found["claims"] if each["object"] == "G9001"] == ["2020"]


def test_publishers_differ():
    """Two claims on one pair that do not agree are a conflict."""
    found = record(*CLAIMS, claim("Q/Kite", "P/Crow", "name:different", by="R"), name="Kite")
    (conflict,) = found["conflicts"]
    assert conflict["subjects"] == ["P/Crow", "Q/Kite"]
    assert {each["kind"] for each in conflict["claims"]} == {"name:overlaps", "name:different"}
