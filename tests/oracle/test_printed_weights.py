"""The weights of rare, unknown and published values, against figures worked out by hand from the formula."""

import pytest

from consilience.case import counted
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab import vocabulary
from consilience.weigh import weigh

UNKNOWN = [
    ("file:sha256", "ab" * 32, {"operator": {"same": 8, "coordinated": 7}, "supply": {"shared": 13}}),
    (
        "domain-name",
        "a.example",
        {"operator": {"same": 15, "coordinated": 10}, "infrastructure": {"same-management": 17}},
    ),
    ("hosting-provider", "h", {"operator": {"same": 0.5}, "infrastructure": {"same-management": 1}}),
    ("functional-requirement", "f", {"requirement": {"shared": 5}, "developer": {"shared-practice": 1}}),
    ("practice:development", "p", {"developer": {"same": 4, "shared-practice": 5}}),
    ("malware", "m", {"supply": {"shared": 10}}),
    ("sector", "s", {"operator": {"same": 0.5}, "requirement": {"shared": 2}}),
    ("c2:protocol-order", "a,b,c,d", {"developer": {"same": 3, "shared-practice": 4}, "requirement": {"shared": 4}}),
    ("tool", "t", {}),
    ("attack-pattern", "T1055", {}),
]


@pytest.mark.parametrize("kind,value,wanted", UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_uncounted_values(kind, value, wanted):
    """A value shown by both in the same weeks, that nobody counted, weighs what the table of rates prints."""
    rows = [
        Observation(
            subject=Subject("P", name),
            trait=Trait(kind, value),
            source=Source(publisher="P", reliability="A"),
            first_seen="2020-01",
            last_seen="2020-02",
        )
        for name in ("A", "B")
    ]
    snapshot = snapshot_of(rows)
    (item,) = weigh(snapshot, Subject("P", "A"), Subject("P", "B"), counted(snapshot), vocabulary()).evidence
    if not wanted:
        assert item.weights == {}
    for axis, row in wanted.items():
        for name, decibans in row.items():
            assert item.weights[axis][name] / 1000 == pytest.approx(decibans, abs=0.55 if decibans >= 1 else 0.06)
