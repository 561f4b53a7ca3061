"""The house rules that are tests."""

import inspect
import subprocess
import sys
from pathlib import Path

from consilience.vocab import vocabulary
from consilience.weigh import comparisons

ROOT = Path(__file__).resolve().parents[2]
COMPARISONS = (
    *comparisons.DIRECT,
    comparisons.exclusive_toolset,
    comparisons.lent_from_tools,
    comparisons.many_users,
    comparisons.named_parts,
    comparisons.testimony,
)


def test_import_contracts():
    """The import contracts of pyproject.toml are kept."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_comparisons_explain_themselves():
    """Every comparison has a docstring of one sentence that no other has."""
    said = [inspect.getdoc(each) for each in COMPARISONS]
    assert all(text and text.count(".") == 1 and text.endswith(".") for text in said)
    assert len(set(said)) == len(said)


def test_vocabulary_says_why():
    """Every kind, axis, claim and key role says why it weighs what it weighs."""
    vocab = vocabulary()
    rows = [*vocab.kinds.values(), *vocab.axes.values(), *vocab.claims.values(), *vocab.key_roles.values()]
    assert all(row.because for row in rows)


def test_glossary_defines_axes_and_levels():
    """Every axis and level is defined in the glossary."""
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    vocab = vocabulary()
    assert not [word for word in (*vocab.axes, *vocab.levels) if f"**{word}**" not in glossary]
