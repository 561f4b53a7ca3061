"""What other names and numbers of tools stand for."""

import pytest

from consilience.model.names import REFERENT, resolved_names
from consilience.model.observation import Observation, Polarity
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait


def claim(subject, other, publisher="P", kind="malware", polarity=Polarity.PRESENT, name=""):
    return Observation(
        subject=Subject(publisher, subject, kind),
        trait=Trait(REFERENT, (name or subject).casefold()),
        printed=name or subject,
        source=Source(publisher=publisher),
        object=other,
        polarity=polarity,
    )


def test_numbers_and_aliases():
    """A number and another name stand for the family, in either way of writing them."""
    found = resolved_names([claim("Night Lamp", "S9001"), claim("Night Lamp", "Lamp-Light", kind="tool")])
    assert found == {"s9001": "nightlamp", "lamp-light": "nightlamp", "lamplight": "nightlamp"}


def test_order_changes_nothing():
    """The order of claims is of no matter."""
    claims = [claim("A", "S9001"), claim("B", "S9002"), claim("B", "Bee"), claim("A", "Ay")]
    assert list(resolved_names(claims).items()) == list(resolved_names(reversed(claims)).items())


@pytest.mark.parametrize(
    "claims",
    [
        [claim("A", "Shared"), claim("B", "Shared")],
        [claim("A", "Shared"), claim("B", "shared", publisher="Q")],
        [claim("A", "Shared"), claim("Shared", "S9002")],
        [claim("A", "Shared", kind="intrusion-set")],
        [claim("A", "Shared", polarity=Polarity.ABSENT)],
    ],
)
def test_what_does_not_resolve(claims):
    """A name of two families, a tool's own name, the name of a group and a denied name stand for nothing."""
    assert "shared" not in resolved_names(claims)


def test_no_chains():
    """A name of a name is followed one step and no further."""
    found = resolved_names([claim("A", "B1"), claim("C", "A")])
    assert found == {"b1": "a"}


def test_publishers_may_agree():
    """Two publishers who mean one family by a name do not stand in each other's way."""
    found = resolved_names([claim("Red Kite", "Kite"), claim("red-kite", "KITE", publisher="Q")])
    assert found == {"kite": "redkite"}


def test_number_of_a_name_told_apart():
    """A number stands for the name as traits hold it, however its subject is told apart from a namesake."""
    assert resolved_names([claim("Kite (S9001)", "S9001", name="Kite")]) == {"s9001": "kite"}
