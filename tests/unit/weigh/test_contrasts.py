"""Contrasts count where one source sets the two sides apart."""

from consilience.case import counted
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab import vocabulary
from consilience.weigh import weigh

A, B = Subject("P", "A"), Subject("P", "B")


def found(*said):
    """The contrasts of two sides, from what publishers say of a side on a day."""
    rows = [
        Observation(
            subject=side,
            trait=Trait("practice:operations", "slow" if side is A else "fast"),
            source=Source(publisher=publisher, title="report", reliability="B"),
            published=day,
            role="contrast",
        )
        for side, publisher, day in said
    ]
    snapshot = snapshot_of(rows)
    return [item for item in weigh(snapshot, A, B, counted(snapshot), vocabulary()).evidence if item.form == "contrast"]


def test_one_source_contrasts_the_two():
    """A contrast that one document draws between the two weighs against one operator."""
    (item,) = found((A, "V", "2020"), (B, "V", "2020"))
    assert item.on("operator", "same") < 0


def test_contrasts_of_two_sources_are_not_put_together():
    """Two documents that each contrast one side with somebody else say nothing about this pair."""
    assert found((A, "V", "2020"), (B, "W", "2020")) == []


def test_who_compiles_two_contrasts_draws_none():
    """A later document that repeats both of them draws no contrast of its own."""
    assert found((A, "V", "2020"), (B, "W", "2020"), (A, "X", "2021"), (B, "X", "2021")) == []


def test_a_contrast_with_one_known_side_counts():
    """A document that sets a new side against what was known of the other draws the contrast."""
    assert len(found((A, "V", "2020"), (A, "X", "2021"), (B, "X", "2021"))) == 1
