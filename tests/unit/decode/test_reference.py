"""The page on descriptions does what it says."""

import contextlib
import io
import re
from pathlib import Path

from consilience.decode import description as told
from consilience.model.configuration import TYPES
from consilience.read.fields import KEY_ROLES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "decoders.md").read_text("utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_example_prints_what_it_says():
    """The page's specimen, decoded by the page's description, gives the page's lines."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block("python"), {"description": block("toml").encode()})
    assert printed.getvalue() == block("text")


def test_every_word_is_described():
    """Every word that a description may use is on the page."""
    words = (*told.LOCATES, *told.TAKES, *told.STEPS, *told.SPLITS, *told.ENCODINGS, *told.ENDS, *told.NUMBERS)
    assert not [word for word in (*words, *TYPES, *(set(KEY_ROLES) - {"unknown"})) if f"`{word}`" not in PAGE]
