"""Names that a newcomer can guess: plain English or a term of the field, one name for one thing."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "consilience"
DIALECT = frozenset(
    [
        "ahead",
        "alone",
        "desk",
        "door",
        "few",
        "gathering",
        "instants",
        "kept",
        "measured",
        "mixing",
        "office",
        "raws",
        "room",
        "shelf",
        "standing",
        "sweeping",
        "taken",
        "tally",
        "telling",
        "told",
        "unfit",
        "walking",
        "zygote",
    ]
)
"""Words that a newcomer cannot guess the meaning of in a name."""


def modules():
    """Every module of the package by its dotted name, parsed."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        yield name, ast.parse(path.read_text("utf-8"))


MODULES = dict(modules())


def words(name):
    """The words of a name, in lower case: `OpenSet` and `open_set` are both *open* and *set*."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def public(tree):
    """The names of the classes, functions and methods of a module that do not begin with an underscore."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def test_words_of_a_name():
    """Names are taken apart at underscores and capitals."""
    assert words("OpenSet") == words("open_set") == {"open", "set"}
    assert words("STIXDoor2") == {"stix", "door"}


def test_no_class_name_stands_for_two_things():
    """No two classes of the package have one name, private ones of a module apart."""
    found = defaultdict(list)
    for module, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(module)
    twice = {name: where for name, where in found.items() if len(where) > 1}
    assert not twice


@pytest.mark.parametrize("module", MODULES)
def test_names_are_plain(module):
    """Files, classes and public functions have no name that only its author understands."""
    names = {module: module.rpartition(".")[2]} | {f"{module}:{name}": name for name in public(MODULES[module])}
    assert not [where for where, name in names.items() if words(name) & DIALECT]


def test_constants_and_aliases_stand_once():
    """What several modules compute or alias under one name is defined in one of them."""
    found = defaultdict(list)
    for module, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp | ast.Subscript):
                for target in node.targets:
                    if isinstance(target, ast.Name) and not target.id.startswith("_"):
                        found[target.id, ast.unparse(node.value).removeprefix("npt.")].append(module)
    twice = {name: where for (name, _), where in found.items() if len(where) > 1}
    assert not twice
