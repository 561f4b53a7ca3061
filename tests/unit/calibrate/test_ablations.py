"""What a group is worth, where a hand can tell."""

from pathlib import Path

import pytest

from consilience.attribute import attributor_over, shipped_models
from consilience.attribute.activity import Activity
from consilience.calibrate.ablations import of_attribution, of_positions, without_each
from consilience.calibrate.golden import outcomes, read_cases
from consilience.vocab import vocabulary

CASES = Path(__file__).resolve().parents[3] / "cases"


def test_each_group_is_left_out_alone():
    """Every variant of the models lacks one group, and all its other weights are as they were."""
    models = shipped_models()
    found = without_each(models)
    assert found["reports: software"].reports.software == 0
    assert found["reports: software"].reports.near == models.reports.near
    left = found["indicators: rarest"].indicators.weights
    assert {name: weight for name, weight in models.indicators.weights.items() if name in left} == left
    assert models.indicators.weights.keys() - left.keys() == {
        name for name in models.indicators.weights if name.startswith("rarest ")
    }


def test_software_is_worth_most_where_nothing_else_tells():
    """Where subjects differ in software alone, leaving indicators out moves nothing, and nothing costs less than 0."""
    known = [
        Activity(
            f"P/{subject}",
            700000 + 30 * number,
            f"{subject}{number}",
            (("attack-pattern", "T1000"), ("attack-pattern", "T1001"), ("malware", f"own{subject}")),
        )
        for subject in "ABCDE"
        for number in range(8)
    ]

    def prepared(known, tools, models):
        return attributor_over(known, tools, {}, vocabulary(), models)

    rows = {row.without: row for row in of_attribution(known, (), prepared, shipped_models(), 3)}
    assert rows["(nothing)"].value == 1
    assert rows["indicators: nearest"].cost == 0
    assert all(row.cost == pytest.approx(rows["(nothing)"].value - row.value) for row in rows.values())
    assert all(row.low <= row.cost <= row.high for row in rows.values())


def test_positions_without_a_group():
    """Without the kinds a case rests on it meets fewer expectations, and the first row is the case as it stands."""
    cases = [each for each in read_cases(CASES) if each.id in ("luadream-keyplug", "turla-oilrig")]
    assert cases
    first, *others = of_positions(cases, vocabulary())
    done = [outcome.met for case in cases for outcome in outcomes(case)]
    assert first.value == pytest.approx(sum(done) / len(done))
    assert first.count == len(done)
    assert max(row.cost for row in others) > 0
