"""The Markdown tells the same story, and no value changes its structure."""

import re

from consilience.share import write


def lines(assessment):
    return write(assessment, "markdown").decode().splitlines()


def cells(line):
    return len(re.findall(r"(?<!\\)\|", line)) - 1


def test_pipes_in_values_do_not_make_cells(assessment):
    """All rows of a table have as many cells as its head, whatever pipes the values hold."""
    width = 0
    rows = 0
    for line in lines(assessment):
        if not line.startswith("|"):
            width = 0
            continue
        width = width or cells(line)
        assert cells(line) == width
        rows += 1
    assert rows > 40
    assert any("a\\|b" in line for line in lines(assessment))


def test_no_markup_of_a_value_is_live(assessment):
    """No tag, link target or reversed text of a value survives unescaped."""
    text = write(assessment, "markdown").decode()
    assert not re.search(r"(?<!\\)<(?!https://example\.com/herons\?a=1&b=2>)", text)
    assert "\u202e" not in text


def test_everything_is_told(assessment):
    """Every evidence item, observation and position appears."""
    text = write(assessment, "markdown").decode()
    for wanted in (
        *(item.id for item in assessment.relation.evidence),
        *assessment.observations,
        *assessment.relation.axes,
    ):
        assert wanted.replace("_", "\\_") in text


def test_the_same_bytes_twice(assessment, build):
    """Two equal assessments give the same bytes."""
    assert write(assessment, "markdown") == write(build(), "markdown")
