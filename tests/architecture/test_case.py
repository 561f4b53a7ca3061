"""The room that joins the others stays a thin one."""

import ast
from pathlib import Path

import pytest

CASE = Path(__file__).resolve().parents[2] / "src" / "consilience" / "case"
MOST = 20


@pytest.mark.parametrize("path", sorted(CASE.glob("*.py")), ids=lambda path: path.stem)
def test_no_module_imports_the_whole_house(path):
    """A module of case/ imports at most twenty modules of the package."""
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    assert len({node.module for node in imports if node.module.startswith("consilience")}) <= MOST
