"""An invented case with a few heavy and many light pairs."""

import pytest

from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait


def shown(subject, kind, value, source):
    return Observation(
        subject=Subject("P", subject),
        trait=Trait(kind, value),
        source=Source(publisher="P", id=source, reliability="B"),
        first_seen="2020-03",
        last_seen="2020-04",
    )


@pytest.fixture
def many_light_pairs():
    rows = [shown(f"Light {place}", "registrar", "r", f"report {place}") for place in range(20)]
    for place in range(3):
        for side in "AB":
            name = f"Heavy {place}{side}"
            rows += [
                shown(name, "crypto:key", f"k{place}", f"report of {name}"),
                shown(name, "domain-name", f"c{place}.example", f"report of {name}"),
            ]
    return snapshot_of(rows)


@pytest.fixture
def kept_toolsets():
    """Sixty clusters with a common tool; three pairs also share families that nobody else has."""
    rows = [shown(f"Cluster {place:02}", "malware", "common", f"report {place}") for place in range(60)]
    for place in range(3):
        for name in (f"Cluster {place:02}", f"Cluster {place + 30:02}"):
            rows += [shown(name, "malware", f"kept {place} {n}", f"report of {name}") for n in range(2 + place)]
    return snapshot_of(rows)
