"""Writes anew, in every page, the outputs that its commands print.

python -m tests.docs.refresh [PAGE...]

The parts of an output that a page leaves out with `...` stay left out, as far as they can be found again. A page that
changed is run a second time: what is not the same then, such as a time, becomes `…`. Each block that changed is
named, so that the words around it can be looked at.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.docs.pages import PAGES, refreshed, run_page, with_blanks


def refresh(path: Path) -> list[str]:
    """Write the outputs of one page anew; the places that changed."""
    changed = _written(path, refreshed)
    if changed:
        _written(path, with_blanks)
    return changed


def _written(path: Path, new_lines: Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]]) -> list[str]:
    lines = path.read_text("utf-8").split("\n")
    changed, moved, here = [], 0, Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for shown in run_page(path, Path(folder).resolve()):
                old = shown.block.lines
                new = new_lines(old, shown.printed)
                start = shown.block.start + moved
                lines[start : start + len(old)] = new
                moved += len(new) - len(old)
                changed += [shown.where] if new != old else []
        finally:
            os.chdir(here)
    path.write_text("\n".join(lines), "utf-8")
    return changed


def run() -> None:
    failed = False
    for path in [Path(each).resolve() for each in sys.argv[1:]] or PAGES:
        try:
            for where in refresh(path):
                print(f"{where} written anew")
        except AssertionError as error:
            failed = True
            print(f"{path.name}: a command did not end as the page says, and the page is as it was:\n{error}")
    sys.exit(failed)


if __name__ == "__main__":
    run()
