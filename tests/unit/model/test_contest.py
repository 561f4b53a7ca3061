"""Names that one publisher gives to several of its subjects."""

import pytest

from consilience.model.contest import contests, folded
from consilience.model.names import REFERENT, suggestions
from consilience.model.observation import Observation, Polarity
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab.phrases import contest_words


def claim(name, other="", publisher="P", kind="intrusion-set", polarity=Polarity.PRESENT):
    trait = Trait(REFERENT, name.casefold()) if other else Trait("mutex", "m")
    return Observation(
        subject=Subject(publisher, name, kind),
        trait=trait,
        source=Source(publisher=publisher),
        object=other,
        polarity=polarity,
    )


def found(*claims):
    return [(each.name, each.owners, each.claimants) for each in contests(claims)]


def test_synonym_of_two():
    """A name claimed of two subjects is contested."""
    assert found(claim("A", "Shared"), claim("B", "SHARED")) == [("SHARED", (), ("P/A", "P/B"))]


def test_synonym_that_is_a_name():
    """A name claimed of one subject that is another's own is contested, however it is written."""
    assert found(claim("A", "Grey-Heron"), claim("Grey Heron Team")) == [
        ("Grey Heron Team", ("P/Grey Heron Team",), ("P/A",))
    ]


@pytest.mark.parametrize(
    "claims",
    [
        [claim("A", "Shared"), claim("A", "shared")],
        [claim("A", "Shared"), claim("B", "Shared", publisher="Q")],
        [claim("A", "Shared"), claim("Shared", publisher="Q")],
        [claim("A", "Shared"), claim("Shared", kind="malware")],
        [claim("A", "Shared"), claim("B", "Shared", polarity=Polarity.ABSENT)],
        [claim("A", "P/B"), claim("B")],
        [claim("A", "B1"), claim("C", "A1")],
        [claim("A", "a")],
        [claim("SUNDOWN", "S9001"), claim("Sun-Down", "S9001")],
    ],
)
def test_no_contest(claims):
    """Publishers may use one name for different things, a group and a tool may share one, and claims are no chains."""
    assert not found(*claims)


def test_three_and_order():
    """All subjects of a contested name are told, in any order of the claims."""
    claims = [claim("C", "Shared"), claim("A", "Shared"), claim("B", "Shared")]
    assert found(*claims) == found(*claims[::-1]) == [("Shared", (), ("P/A", "P/B", "P/C"))]


def test_said():
    """The sentence tells own names from claimed ones."""
    (own,) = contests([claim("A", "B"), claim("B")])
    (claimed,) = contests([claim("A", "X"), claim("B", "X")])
    assert contest_words(own) == "the name of P/B, and claimed to be another name of P/A; that does not make them one"
    assert contest_words(claimed) == "claimed to be another name of P/A and P/B; that does not make them one"


@pytest.mark.parametrize(
    ("name", "same"),
    [("Grey Heron", "GREY-HERON"), ("Heron Group", "heron"), ("Heron Team", "Heron gang"), ("Group 5", "GROUP-5")],
)
def test_folded(name, same):
    """Case, marks and a closing group, team or gang make no difference."""
    assert folded(name) == folded(same)


def test_suggestions_from_claims():
    """A name that is near to a claimed one suggests whose it is, with the reason."""
    near = suggestions("Ash Bir", [Subject("P", "Grey Heron")], [("Ash Bird", "P/Grey Heron")])
    assert near == (("P/Grey Heron", "'Ash Bird' is claimed to be the same, and 'Ash Bir' is its beginning"),)
    assert not suggestions("Stork", [Subject("P", "Grey Heron")], [("Ash Bird", "P/Grey Heron")])


def test_nearest_first():
    """Each subject is suggested once, the nearest first."""
    subjects = [Subject("P", "Heron Two"), Subject("P", "Heron")]
    near = suggestions("Hero", subjects, [("Heron One", "P/Heron")])
    assert [key for key, _ in near] == ["P/Heron", "P/Heron Two"]
