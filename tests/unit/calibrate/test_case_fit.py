"""A fit on a case's own answers: the same bytes twice, what is too little, and what a fitted model changes."""

import json

import pytest

from consilience.attribute.activity import Activity
from consilience.calibrate import on_case
from consilience.calibrate.case_fit import FitData, fit_document, fitted_parts
from consilience.calibrate.rates import DRAWN_BY, fitted_rates
from consilience.case import Case
from consilience.model.errors import InputError
from consilience.vocab import vocabulary


def lines(years=range(2014, 2019)):
    """Reports of six invented groups: each keeps two families of its own, and all share a loader and techniques."""
    for group in "ABCDEF":
        for year in years:
            for number in range(3):
                for kind, value in (
                    ("malware", f"family{group}{number % 2}"),
                    ("malware", "sharedloader"),
                    ("attack-pattern", f"T{1100 + number}"),
                    ("attack-pattern", f"T{1200 + ord(group)}"),
                ):
                    source = {"publisher": "P", "title": f"{group} {year} {number}"}
                    yield {
                        "publisher": "P",
                        "subject": f"group {group}",
                        "kind": kind,
                        "value": value,
                        "published": f"{year}-0{1 + 2 * number}-11",
                        "source": source,
                    }


@pytest.fixture
def case(tmp_path):
    file = tmp_path / "reports.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines()), "utf-8")
    with Case.open(str(tmp_path / "case")) as opened:
        opened.read([str(file)])
        yield opened


def test_a_fit_is_the_same_bytes_twice(case):
    """Fitting a case again, opened anew or not, gives the same file, with what it was fitted on and its figures."""
    first = on_case.file_of(on_case.fit(case, rounds=2))
    assert on_case.file_of(on_case.fit(case, rounds=2)) == first
    document = json.loads(first)
    assert document["format"] == 1
    told = document["provenance"]
    assert {"reports", "pairs", "rates"} <= document["model"].keys()
    assert [each["name"] for each in told["data"]] == ["reports.jsonl"]
    assert (told["first"], told["last"]) == ("2014-01-11", "2018-05-11")
    assert told["figures"]["fitted"]["questions"] == told["figures"]["shipped"]["questions"] > 0
    assert "indicators" in told["shipped"]


def test_a_fitted_model_answers_instead_of_the_shipped(case, tmp_path):
    """A case told to use the file answers attribution and pairs with it, and otherwise with what ships."""
    file = tmp_path / "ours.json"
    file.write_bytes(on_case.file_of(on_case.fit(case, rounds=2)))
    query = tmp_path / "query.jsonl"
    shown = [{"kind": "malware", "value": "familyC0"}, {"kind": "attack-pattern", "value": "T1100"}]
    query.write_text(json.dumps({"id": "q", "date": "2019", "observations": shown}), "utf-8")
    before = case.attribute([str(query)]).answers[0]
    case.use_model(str(file))
    after = case.attribute([str(query)]).answers[0]
    assert before.ranking[0].subject == after.ranking[0].subject == "P/group C"
    assert before.ranking[0].probability != after.ranking[0].probability


def test_too_little_says_how_much_is_needed():
    """With nothing to fit, every part says what it needs and what there is, and the way out is the shipped model."""
    known = FitData((Activity("P/A", 1000, "r", (("malware", "x"),)),), (), {}, {})
    parts, missing = fitted_parts(known, vocabulary())
    assert not parts
    with pytest.raises(InputError) as error:
        fit_document(parts, missing, known, {})
    assert all(f"{name} need" in str(error.value) for name in ("reports", "indicators", "pairs", "rates"))
    assert "shipped model" in str(error.value)


def reports(values):
    """Two reports for each subject that show these values of a mutex."""
    return [
        Activity(f"P/{number}", 1000, f"r{number}{half}", (("mutex", value),))
        for number, pair in enumerate(values)
        for half, value in enumerate(pair)
    ]


def test_rates_are_drawn_to_the_shipped_one():
    """A kind whose values always come again has an observed rate of 1, drawn to the shipped one by so many subjects."""
    (row,) = fitted_rates(reports([(f"m{n}", f"m{n}") for n in range(10)]), vocabulary())
    assert (row.kind, row.subjects, row.observed) == ("mutex", 10, 1.0)
    assert row.rate == pytest.approx((DRAWN_BY * row.shipped + 10) / (DRAWN_BY + 10))


def test_what_everybody_shares_has_no_rate():
    """A value that others show as often as its subject says nothing, and too few subjects give no row."""
    (row,) = fitted_rates(reports([("m", "m")] * 10), vocabulary())
    assert row.observed == 0
    assert fitted_rates(reports([("m", "m")] * 4), vocabulary()) == []
