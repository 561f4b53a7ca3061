"""Writes docs/reference/errors.md from the classes of errors; `--check` only says whether it is current."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "errors.md"
SOURCE = ROOT / "src" / "consilience"
BASE, INPUT = "ConsilienceError", "InputError"

OPENING = """# Errors

Made from the docstrings of the source by `python benchmarks/reference_errors.py`; a test holds it current.

An error is one line on standard error: *where: what is wrong (what to do)*. Nothing was changed by a command that ended
with an error.

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | failed: the case cannot be opened or is damaged, the disk is full, a file cannot be written |
| 2 | wrong use: an option, a name, a date or a file that cannot be used |
| 3 | done, with some input refused or held; each is named with its file, line and what to do |

## As Python exceptions
Every error of the library is a `consilience.model.errors.ConsilienceError`, with the fields `what`, `where` and `todo`.

| class | meaning | exit status | defined in |
|---|---|---|---|
"""

VALUES = """
## What is reported and not raised
A line that cannot be read must not cost a good one. Readers collect such lines, and `consilience read` prints them.

| class | meaning |
|---|---|
"""


def reference() -> str:
    """The whole page."""
    classes = {node.name: (node, path) for path in sorted(SOURCE.rglob("*.py")) for node in _classes(path)}
    rows = [
        f"| `{name}` | {_meaning(node)} | {2 if INPUT in (name, *_bases(name, classes)) else 1} |"
        f" `{path.relative_to(SOURCE.parent)}` |"
        for name, (node, path) in classes.items()
        if BASE in (name, *_bases(name, classes))
    ]
    rows.sort(key=lambda row: (not row.startswith(f"| `{BASE}`"), row))
    values = (f"| `{name}` | {_meaning(classes[name][0])} |" for name in ("Refusal", "Notice"))
    return OPENING + "\n".join(rows) + "\n" + VALUES + "\n".join(values) + "\n"


def _classes(path: Path) -> Iterator[ast.ClassDef]:
    text = path.read_text("utf-8")
    if "Error" in text:
        yield from (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))


def _bases(name: str, classes: dict[str, tuple[ast.ClassDef, Path]]) -> Iterator[str]:
    """The names of what a class is derived from, at any depth."""
    for base in classes[name][0].bases if name in classes else ():
        if isinstance(base, ast.Name):
            yield base.id
            yield from _bases(base.id, classes)


def _meaning(node: ast.ClassDef) -> str:
    said = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
    return said.replace("|", "\\|")


def run() -> None:
    page = reference()
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page else f"{PAGE.name} is not current")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run()
