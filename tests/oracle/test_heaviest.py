"""The list of the heaviest pairs against weighing every candidate pair."""

from pathlib import Path

import pytest

from consilience.case import counted, demo_paths
from consilience.model.snapshot import snapshot_of
from consilience.read import golden_case, read_path
from consilience.relate import candidates, heaviest, relate
from consilience.vocab import vocabulary

CASES = sorted((Path(__file__).parents[2] / "cases").glob("*.yml"))


def every(snapshot, counts, top):
    """The heaviest pairs, by weighing all."""
    rows = []
    for a, b in candidates(snapshot, counts, vocabulary()):
        found = relate(snapshot, snapshot.subjects[a], snapshot.subjects[b], counts, vocabulary())
        weight = sum(max(view.totals.values()) for name, view in found.axes.items() if name != "name") / 1000
        rows.append((-weight, a, b))
    return sorted(rows)[:top]


def same_list(snapshot, top):
    counts, weighings = counted(snapshot), []

    def weighed(a, b):
        weighings.append((a, b))
        return relate(snapshot, snapshot.subjects[a], snapshot.subjects[b], counts, vocabulary())

    found = [(-weight, each.a, each.b) for weight, each in heaviest(snapshot, counts, vocabulary(), weighed, "", top)]
    assert found == every(snapshot, counts, top)
    return weighings


@pytest.mark.parametrize("path", CASES[::3], ids=lambda path: path.stem)
def test_golden_cases_give_the_same_list(path):
    """The two heaviest pairs of a golden case are those that weighing every pair finds."""
    same_list(snapshot_of(golden_case(path.read_bytes(), path.name).observations), 2)


def test_the_demo_case_gives_the_same_list():
    """The five heaviest pairs of the demo case are those that weighing every pair finds."""
    rows = [seen for path in demo_paths() for reading in read_path(path, {}) for seen in reading.observations]
    same_list(snapshot_of(rows), 5)


def test_light_pairs_are_not_weighed(many_light_pairs):
    """Of many pairs that share one common thing, only as many are weighed as the list needs."""
    assert len(same_list(many_light_pairs, 3)) < 40


def test_kept_toolsets_are_within_the_bound(kept_toolsets):
    """Pairs that share families nobody else has stand where weighing every pair puts them."""
    same_list(kept_toolsets, 2)
