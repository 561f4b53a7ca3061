"""The example in docs/reference/lua.md prints what it says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from consilience.analyse import lua

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "lua.md"


@pytest.fixture
def page():
    return PAGE.read_text("utf-8")


def test_the_example_prints_what_it_says(page, compile_lua):
    """The dump of the page's source, read by the page's code, gives the page's lines."""
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    said = re.search(r"```text\n(.*?)```", page, re.DOTALL)[1]
    source = re.search(r"dump of `(.*?)`\n", page)[1]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {"data": compile_lua(source.encode(), "luajit-2.1", True)})
    assert printed.getvalue() == said


def test_the_page_names_what_is_public(page):
    """Every public function is on the page."""
    functions = [name for name in lua.__all__ if name[0].islower()]
    assert not [name for name in functions if f"`{name}(" not in page]
