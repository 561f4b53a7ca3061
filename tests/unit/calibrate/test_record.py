"""The figures of a calibration as a document."""

import json

import pytest

from consilience.calibrate.record import attribution_record
from consilience.calibrate.rolling import AnsweredQuestion


def answer(best, hit, known=True, rank=1, none=0.1, name="one"):
    return AnsweredQuestion(
        round=name,
        answer="P/A" if known else "",
        rank=rank if known else 0,
        probability=best if hit else 0.01,
        best=best,
        hit=hit,
        none=none,
    )


def test_figures_of_a_few_answers():
    """Counts, rankings, claims and separation of five answers are what a hand finds."""
    answers = [
        *(answer(0.95, True), answer(0.75, True), answer(0.3, False, rank=4, none=0.6)),
        *(answer(0.2, False, known=False, none=0.7), answer(0.72, False, known=False, none=0.2)),
    ]
    found = attribution_record(answers)
    assert (found["questions"], found["known"], found["none_of_these"]) == (5, 3, 2)
    assert found["ranking"]["top_1"]["value"] == pytest.approx(2 / 3)
    claim = next(each for each in found["claims"] if each["least"] == 0.7)
    assert (claim["claims"], claim["right"]) == (3, pytest.approx(2 / 3))
    assert claim["known_answered"] == pytest.approx(2 / 3)
    assert claim["unknown_abstained"] == pytest.approx(1 / 2)
    assert found["none_auroc"] == pytest.approx(5 / 6)
    json.dumps(found, allow_nan=False)


def test_no_answers_no_figures():
    """Where nothing was asked the document is empty, and one sort of answers leaves the separation out."""
    assert attribution_record([]) == {}
    assert attribution_record([answer(0.9, True)])["none_auroc"] is None
