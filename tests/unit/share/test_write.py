"""The door: which formats there are, and the JSON document."""

import json

import pytest

from consilience.model.errors import InputError
from consilience.share import WRITERS, write
from consilience.share.marking import marking


def test_the_document_is_the_record(assessment):
    """The JSON document read again is the record of the assessment."""
    raw = write(assessment, "json")
    assert json.loads(raw) == json.loads(json.dumps(assessment.as_record()))
    assert raw.endswith(b"}\n")
    assert list(json.loads(raw)) == sorted(json.loads(raw))


def test_every_format_repeats(assessment, build):
    """Every writer gives the same bytes for equal assessments."""
    assert [writer.name for writer in WRITERS] == ["html", "markdown", "json", "stix", "misp", "navigator"]
    for writer in WRITERS:
        assert write(assessment, writer.name) == write(build(), writer.name)


def test_an_unknown_format_says_what_there_is(assessment):
    """An unknown format is an input error that names the formats."""
    with pytest.raises(InputError, match="html, markdown, json, stix, misp, navigator"):
        write(assessment, "pdf")


@pytest.mark.parametrize(
    ("colours", "strictest"),
    [
        (("clear", "clear"), "clear"),
        (("clear", "green"), "green"),
        (("clear", ""), "amber+strict"),
        (("red", ""), "red"),
        (("AMBER", "clear"), "amber"),
        (("of-its-own", "clear"), "red"),
        ((), "amber+strict"),
    ],
)
def test_the_strictest_marking_wins(build, colours, strictest):
    """A document is clear only when everything in it is, and what is not marked is amber+strict."""
    from dataclasses import replace

    seen = list(build().observations.values())
    marked = [replace(row, tlp=colour, id="") for row, colour in zip(seen, colours, strict=False)]
    assert marking(replace(build(), observations={row.id: row for row in marked})) == strictest
