"""The page of a calibration: whole in itself, each picture with its table, and nothing of the case as markup."""

import re
from html.parser import HTMLParser

from consilience.calibrate.page import calibration_page
from consilience.calibrate.pictures import diagnosticity, reliability
from consilience.calibrate.record import attribution_record
from consilience.calibrate.rolling import AnsweredQuestion

HOSTILE = "<script>x</script>"
ROW = {"kind": HOSTILE, "least": 2, "most": 3, "same": 4, "different": 1, "ratio": 20.0, "same_given_shared": 0.8}
ANSWERS = [
    AnsweredQuestion("one", "P/A", 1, 0.9, 0.9, True, 0.1),
    AnsweredQuestion("one", "", 0, 0.0, 0.3, False, 0.7),
] * 10


def record():
    rate = {"subjects": 9, "shipped": 0.1, "observed": 0.2, "rate": 0.15}
    cost = {"without": HOSTILE, "value": 0.5, "cost": 0.1, "low": 0.0, "high": 0.2, "count": 9}
    return {
        "reports": 20,
        "subjects": 3,
        "dated": 20,
        "attribution": attribution_record(ANSWERS),
        "diagnosticity": {"rows": [ROW, {**ROW, "ratio": None}], "left_out": 0},
        "rates": {HOSTILE: rate},
        "ablations": {"a figure": [cost]},
        "models": [{"name": "m", "command": "fit", "data": [{"name": HOSTILE}]}],
    }


class Balanced(HTMLParser):
    """Remembers every element, and fails where an end tag closes another."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(page):
    found = Balanced()
    found.feed(page.decode())
    assert found.open == []
    return found.seen


def test_page_is_whole_in_itself():
    """The page has no script and no reference to anything outside, and its elements are balanced."""
    page = calibration_page(record())
    seen = parsed(page)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in seen}
    assert not [name for _, attrs in seen for name in attrs if name in ("src", "href") or name.startswith("on")]
    assert not re.search(r"url\(|@import|https?:", page.decode())


def test_every_picture_has_its_table():
    """There are three pictures, each in a figure with a table that has a row for everything drawn."""
    seen = [tag for tag, _ in parsed(calibration_page(record()))]
    assert seen.count("svg") == seen.count("figure") == 3
    found = attribution_record(ANSWERS)
    picture = reliability(found["reliability"])
    assert picture.svg.count("<circle") == len(picture.rows) == 10
    assert diagnosticity([ROW]).svg.count("<rect") == 1


def test_a_case_too_small_still_makes_a_page():
    """Without answers, rates or ablations the page says so and draws what there is."""
    empty = {**record(), "attribution": {}, "rates": {}, "ablations": {}, "diagnosticity": {"rows": [], "left_out": 0}}
    page = calibration_page(empty)
    parsed(page)
    assert b"Too few dated reports" in page


def test_parts_of_brier_sum():
    """Reliability less resolution plus uncertainty, and what varies inside the bins, is the Brier score."""
    brier = attribution_record(ANSWERS)["brier"]
    parts = brier["reliability"] - brier["resolution"] + brier["constant"] + brier["within"]
    assert abs(parts - brier["value"]) < 1e-12
