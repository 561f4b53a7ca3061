"""The reference is whole: every verb, error, axis, kind and plug point is documented, every file named exists."""

import importlib.util
import inspect
import re
import subprocess

import pytest
import yaml
from tests.docs.pages import ROOT

from consilience.cli.verbs import VERBS
from consilience.model import protocols
from consilience.vocab import vocabulary

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
OUTSIDE = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "cases" / "README.md")
GENERATED = {"kinds.md": "reference_kinds", "errors.md": "reference_errors"}
PAGE = re.compile(r"(?<![\w./{*-])((?:[\w.-]+/)*[\w-]+\.md)\b")
FILE = re.compile(r"(?<![\w./{*>-])((?:[\w.-]+/)+[\w-]+\.(?:py|toml))\b")
ELSEWHERE = re.compile(r"https?:|RESULTS\.md|withdrawn\.md")
"""Lines that name a file of another place, or one that a command writes."""
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def text(name):
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("page", GENERATED)
def test_generated_pages_are_current(page):
    """A generated page is what its command writes."""
    source = ROOT / "benchmarks" / f"{GENERATED[page]}.py"
    spec = importlib.util.spec_from_file_location(GENERATED[page], source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.reference() == text(f"reference/{page}"), f"python benchmarks/{source.name} writes it anew"


def test_every_verb_kind_axis_level_and_role_is_documented():
    vocab = vocabulary()
    kinds = text("reference/kinds.md")
    words = (*vocab.kinds, *vocab.levels, *vocab.key_roles, *(name for _, name in vocab.slots))
    assert not [word for word in words if f"`{word}`" not in kinds]
    assert not [axis for axis in vocab.axes if f"### {axis}\n" not in kinds]
    assert not [verb for verb in VERBS if f"\n## consilience {verb}\n" not in text("reference/cli.md")]


def test_every_error_is_documented():
    """Every class of error in the source, wherever it is defined, stands on the page of errors."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        found |= set(
            re.findall(r"^class (\w+)\((?:ConsilienceError|\w*Input\w*|CaseError)\)", path.read_text("utf-8"), re.M)
        )
    assert {"InputError", "DumpError"} <= found
    assert not [name for name in found if f"`{name}`" not in text("reference/errors.md")]


def test_every_plug_point_is_documented():
    """Every protocol that an implementation can be given for is named where contributors look."""
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "CONTRIBUTING.md", *PAGES))
    points = [
        name
        for name, value in vars(protocols).items()
        if inspect.isclass(value) and getattr(value, "_is_protocol", False) and value.__module__ == protocols.__name__
    ]
    assert "Reader" in points
    assert not [name for name in points if f"`{name}`" not in pages]


def test_every_key_of_an_assessment_is_documented():
    page = text("reference/assessment.md")
    source = (ROOT / "src" / "consilience" / "model" / "assessment.py").read_text("utf-8")
    keys = re.findall(r'^ {8,12}"(\w+)":', source, re.M)
    assert "would_decide" in keys
    assert not [key for key in keys if f"`{key}`" not in page]


def tracked():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().splitlines()]


def test_every_file_that_is_named_exists():
    """No comment, docstring or page names a file of this project that is not in the repository."""
    files = [path for path in tracked() if path.exists()]
    ends = {"/".join(path.parts[-depth:]) for path in files for depth in range(1, 9)}
    missing = [
        f"{path.relative_to(ROOT)}:{number}: {said}"
        for path in files
        if (path.suffix in (".py", ".md", ".toml", ".yml") or path.name == "Makefile")
        and not path.is_relative_to(ROOT / "tests")
        and path.name != "CHANGELOG.md"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for said in (*PAGE.findall(line), *FILE.findall(line))
        if said.lstrip("./") not in ends and not ELSEWHERE.search(line)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_outside_of_the_site_hold(page):
    """Links of the pages that are not part of the site lead somewhere; `make docs` checks all others."""
    links = [each for each in LINK.findall(page.read_text("utf-8")) if "://" not in each]
    assert not [each for each in links if not (page.parent / each).exists()]


def test_every_page_is_in_the_navigation():
    def leaves(node):
        if isinstance(node, str):
            return {node}
        return set().union(*map(leaves, node.values() if isinstance(node, dict) else node))

    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert leaves(nav) == {str(page.relative_to(DOCS)) for page in PAGES}


def test_every_term_that_is_introduced_is_in_the_glossary():
    """What the tutorial and the page on the method print in bold as a term is defined in the glossary."""
    rows = re.findall(r"^\| ([^|]+) \|", text("glossary.md"), re.M)
    defined = {word.strip().lower() for row in rows for word in row.split(",")}
    for page in ("tutorial.md", "explanation/method.md"):
        prose = re.sub(r"^```.*?^```$", "", text(page), flags=re.M | re.S)
        terms = {term.lower().rstrip(".").removeprefix("the ") for term in re.findall(r"\*\*([^*]+)\*\*", prose)}
        missing = [term for term in terms if not {term, term.removesuffix("s")} & defined]
        assert not missing, f"{page}: {missing}"
