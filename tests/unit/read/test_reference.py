"""The reference of observation files says what the reader does."""

import re
from pathlib import Path

from consilience.read import fields
from consilience.read.observation_file import ObservationFile

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "observation-files.md").read_text("utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_examples_are_read():
    """The examples are good lines, and what they say of canonical forms is so."""
    reading = ObservationFile().read(block("jsonl").encode(), "mine.jsonl", {})
    assert (len(reading.observations), reading.refusals, reading.notices) == (3, (), ())
    second = reading.observations[1]
    assert second.trait.value == "185.51.134.27 a7932112b7880c95d77bc36c6fcced977f4a5889"


def test_refusals_are_as_shown():
    """The refusals shown are those that the lines shown give."""
    reading = ObservationFile().read(b"\n" + block("json").encode(), "mine.jsonl", {})
    assert [str(fault) for fault in reading.refusals] == block("text").splitlines()


def test_every_field_is_described():
    """Every field of a line and of a source has a row in a table."""
    rows = " ".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert all(f"`{field}`" in rows for field in (*fields.KNOWN, *fields.KNOWN_OF_SOURCE))
