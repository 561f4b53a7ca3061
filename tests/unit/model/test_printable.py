"""Text that deceives the eye is made visible, and by one rule at every door."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consilience.cli import output
from consilience.model.printable import on_one_line, visible
from consilience.share.wording import markdown_text

DECEIVING = [
    "\x1b",
    "\x7f",
    "\x9b",
    "\u061c",
    "\u200b",
    "\u200d",
    "\u200e",
    "\u202a",
    "\u202e",
    "\u2060",
    "\u2066",
    "\ud800",
    "\ufeff",
]


@given(st.text())
def test_nothing_that_steers_is_left(text):
    """No control but tab and line feed is left, everything else is as it was, and doing it twice changes nothing."""
    shown = visible(text)
    assert not [letter for letter in shown if unicodedata.category(letter) == "Cc" and letter not in "\t\n"]
    assert visible(shown) == shown
    assert "\n" not in on_one_line(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\\")))
def test_plain_text_is_left_alone(text):
    """Letters, digits, signs and spaces of every script are printed as they are."""
    assert visible(text) == on_one_line(text) == text


@pytest.mark.parametrize("letter", DECEIVING)
def test_every_door_shows_the_same(letter, capsys):
    """The lines of the command line, its document and the documents for others escape the same characters alike."""
    shown = f"\\u{ord(letter):04x}"
    output.say([(f"a{letter}b", "")])
    assert capsys.readouterr().out == f"a{shown}b\n"
    output.document({"text": f"a{letter}b"})
    assert f"a{shown}b" in capsys.readouterr().out.replace("\\\\", "\\")
    assert markdown_text(f"a{letter}b").replace("\\\\", "\\") == f"a{shown}b"
