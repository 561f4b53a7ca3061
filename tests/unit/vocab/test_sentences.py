"""Every sentence of a result: one place, every one used, every field known, plurals right."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from consilience.model.evidence import THIS_CASE, Rarity
from consilience.vocab import vocabulary
from consilience.vocab.sentences import fields_of, page, rarity_words, sentence, sentences

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src" / "consilience"
BY_VOCABULARY = ("axes.", "levels.", "kinds.")
"""Groups whose names are those of the vocabulary; every other name stands in the code as it is."""

DIALECT = re.compile(
    r"\b(stands? at|leads with|carried by|by nobody|voided|links nobody|one hand|founded|imitator could|lie between)\b"
)


@cache
def nodes():
    """Every node of the code of the package, with the path of its file."""
    return [
        (path, node) for path in sorted(SOURCE.rglob("*.py")) for node in ast.walk(ast.parse(path.read_text("utf-8")))
    ]


def literals():
    """Every string that stands in the code or in a page template as it is."""
    found = {node.value for _, node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for path in SOURCE.rglob("*.j2"):
        found.update(re.findall(r"'([a-z_]+\.[a-z_]+)'", path.read_text("utf-8")))
    return found


def prefixes():
    """The beginnings of names that the code completes, such as `tracking.` in f"tracking.{decision}"."""
    return {
        first.value
        for _, node in nodes()
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(first := node.values[0], ast.Constant)
    }


def calls():
    """Every call of `sentence` with a literal name and literal fields: where, the name, and the fields."""
    for path, node in nodes():
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "sentence"
            and isinstance(node.args[0], ast.Constant)
            and all(word.arg for word in node.keywords)
        ):
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            yield where, node.args[0].value, {word.arg for word in node.keywords}


def test_the_page_is_current():
    """docs/reference/sentences.md prints every sentence with example values, for review."""
    assert (ROOT / "docs" / "reference" / "sentences.md").read_text("utf-8") == page()


def test_every_sentence_is_used():
    """A template that no code names is dead; those of the vocabulary are named by it."""
    known = literals()
    completed = tuple(prefix for prefix in prefixes() if re.fullmatch(r"[a-z]+\.[a-z_]*", prefix))
    vocab = vocabulary()
    meant = {f"axes.{axis}.question" for axis in vocab.axes}
    meant |= {f"axes.{axis}.{name}" for axis, row in vocab.axes.items() for name in row.hypotheses}
    meant |= {f"levels.{level}" for level in vocab.levels} | {f"kinds.{kind}" for kind in vocab.kinds}
    for name in sentences().templates:
        if name.startswith(BY_VOCABULARY):
            assert name in meant, f"{name} is not a name of the vocabulary"
        else:
            assert name in known or name.startswith(completed), f"{name} is not used"
    assert meant <= sentences().templates.keys()


def test_every_decision_has_its_words():
    """Each tracking decision and each cost of forging has a sentence."""
    decisions = {f"tracking.{decision}" for decision in vocabulary().rules["tracking"]["words"]}
    assert decisions | {f"costs.{cost}" for cost in ("cheap", "medium", "dear")} <= sentences().templates.keys()


@pytest.mark.parametrize(("where", "name", "fields"), list(calls()))
def test_fields_are_those_of_the_template(where, name, fields):
    """Code hands a template exactly its fields."""
    assert fields == set(fields_of(sentences().templates[name])), where


def test_every_field_has_an_example():
    """Each field has an example value, and no example is left over."""
    wanted = {field for template in sentences().templates.values() for field in fields_of(template)}
    assert wanted == set(sentences().examples)


def test_plurals_agree():
    """Every plural has a wording for one and another for several, and nothing reads `1 items`."""
    for name, template in sentences().templates.items():
        for spec in fields_of(template).values():
            if "|" in spec:
                one, other = spec.split("|")
                assert one != other, name
    assert not re.search(r"\b1 (?!axis\b|hypothesis\b)[a-z]+s\b", page())


def test_no_counts_without_a_plural():
    """A number stands before a word only inside a plural."""
    for name, template in sentences().templates.items():
        assert not re.search(r"\{(count|days|pairs|population|users|tried)\} (?!of )[a-z]", template), name


def test_plain_words():
    """No sentence uses the words that only their author understood, nor four decimals."""
    for name, template in sentences().templates.items():
        assert not DIALECT.search(template), name
    assert not re.search(r"0\.\d{4}", page())


@pytest.mark.parametrize(
    ("rarity", "words"),
    [
        (
            Rarity(holders=0, population=0, corpus=THIS_CASE, share=0.00293),
            "shared by chance by about 0.3% of unrelated pairs",
        ),
        (Rarity(holders=0, population=26, corpus="X", share=0.02), "none of 26 others in X shows it"),
        (Rarity(holders=1, population=26, corpus=THIS_CASE, share=0.02), "1 of 26 others in this case shows it"),
        (Rarity(holders=2, population=1, corpus=THIS_CASE, share=0.02), "2 of 1 other in this case show it"),
    ],
    ids=["uncounted", "nobody", "one", "several"],
)
def test_rarity_in_words(rarity, words):
    """A count says how many others show a value; where nobody counted, the usual share is given."""
    assert rarity_words(rarity) == words


def test_values_are_data():
    """Curly brackets and plural marks in a value are printed as they are."""
    shown = sentence("evidence.shared", kind="mutex", value="{0}|{kind}", rarity="rare")
    assert shown == "same mutex {0}|{kind} (rare)"
    with pytest.raises(KeyError):
        sentence("evidence.shared", kind="mutex")
