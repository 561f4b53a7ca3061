"""Judgements of analysts in documents: beside the assessment when asked for, and never in it."""

import json

import pytest

from consilience.model.errors import InputError
from consilience.model.relation import Judgement
from consilience.share import write

WORDS = tuple(
    Judgement(
        a="A",
        b="B",
        level=level,
        because=f"<b>|{level}|</b>",
        by="Ann <script>",
        recorded=f"2024-01-0{place}T00:00:00Z",
        id=f"ju-{place}",
    )
    for place, level in enumerate(("same", "coordinated"), start=1)
)


def test_the_document_has_them_beside_the_assessment(assessment):
    """The JSON document has one key more, and every other key is as without judgements."""
    record, plain = json.loads(write(assessment, "json", WORDS)), json.loads(write(assessment, "json"))
    told = record.pop("judgements")
    assert record == plain
    assert [(word["level"], word["superseded_by"]) for word in told] == [("same", "ju-2"), ("coordinated", "")]


@pytest.mark.parametrize(
    ("form", "reason"), [("html", "&lt;b&gt;|same|&lt;/b&gt;"), ("markdown", r"\<b\>\|same\|\</b\>")]
)
def test_a_reader_finds_them_beside_the_level(assessment, form, reason):
    """Level, reason, analyst and date are told before the sentences, escaped, and the superseded word says so."""
    text = write(assessment, form, WORDS).decode()
    head = text.partition("Positions")[0]
    assert reason in head
    assert head.count("2024-01-0") == 2
    assert head.count("superseded by ju") == 1
    assert "<script>" not in text
    assert head.index("judged by an analyst") > head.index("level")


def test_without_judgements_nothing_is_told_of_them(assessment):
    """Documents for others say nothing about judgements unless they are given."""
    assert not [form for form in ("html", "markdown", "json", "stix") if b"judged by" in write(assessment, form)]


def test_a_bundle_has_no_place_for_them(assessment):
    """STIX refuses judgements in place of dropping them."""
    with pytest.raises(InputError, match="no place for judgements"):
        write(assessment, "stix", WORDS)
