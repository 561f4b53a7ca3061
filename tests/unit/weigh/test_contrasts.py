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


def found(first, second):
    """The contrasts of two sides, set apart by a publisher each."""
    rows = [
        Observation(
            subject=side,
            trait=Trait("practice:operations", way),
            source=Source(publisher=publisher, title="report", reliability="B"),
            role="contrast",
        )
        for side, way, publisher in ((A, "slow", first), (B, "fast", second))
    ]
    snapshot = snapshot_of(rows)
    return [item for item in weigh(snapshot, A, B, counted(snapshot), vocabulary()).evidence if item.form == "contrast"]


def test_one_source_contrasts_the_two():
    """A contrast that one document draws between the two weighs against one operator."""
    (item,) = found("V", "V")
    assert item.on("operator", "same") < 0


def test_contrasts_of_two_sources_are_not_put_together():
    """Two documents that each contrast one side with somebody else say nothing about this pair."""
    assert found("V", "W") == []
