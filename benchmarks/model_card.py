"""Writes docs/reference/model-card.md from the shipped models' provenance and the measured results.

python benchmarks/model_card.py           writes the page
python benchmarks/model_card.py --check   only says whether it is current
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from consilience.attribute.shipped import FORMAT, model_cards
from consilience.vocab import vocabulary

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "model-card.md"
RESULTS = ROOT / "benchmarks" / "accuracy" / "results"

OPENING = """# Model card

Made from the shipped models and the measured results by `python benchmarks/model_card.py`; a test holds it current.
Every figure comes from a command in the repository, which is named beside it.

The models answer for techniques, software and network indicators of intrusion activity that was published. They are
for analysts who weigh the answer with its reasons; they are not for acting against anybody on a probability alone. They
were fitted on what public sources wrote, so they know the actors that are written about, and habits of those who write.
"""

ABOUT = {
    "reports": "Whose is a report, by the software and techniques it tells of: the log-odds of each known subject, and "
    "the rule for *none of these, or not enough to tell*.",
    "indicators": "Whose are network indicators, by their parts: one weight for each term, and two curves for whether "
    "the subject is known and whether the first is right.",
    "lineage": "Which family a program's code comes from, or none: from rare blocks, operations and constants, with "
    "strings and imports beside.",
    "pairs": "Whether two reports that share software are of one operator or share a tool; said only at .90 or more.",
}
LIMITS = {
    "reports": (
        "*None of these* and *not enough to tell* cannot be separated from techniques and software alone.",
        "Subjects with many reports are favoured by a prior that is shown apart.",
    ),
    "indicators": (
        "Five actors are most of the data; the column *without five* says what is left without them.",
        "Unknown actors are few in the data, so figures on them have wide intervals.",
        "Accuracy falls with the time since the case was last refreshed: more than with any choice of model.",
    ),
    "lineage": (
        "Fitted on benign programs out of Python wheels: no packers, no flattened control flow, no encrypted strings.",
        "Most false alarms out of fold are programs that hold the same large library as the family named.",
        "Rarity is counted among the families of a case, and in a reference of 37 makers where that is more.",
    ),
    "pairs": (
        "Six groups have most of the pairs of one group; the intervals draw groups again for that reason.",
        "Below .90 the answer is wrong too often, and *undetermined* is what is said.",
        "Fitted on reports of one catalogue, whose editors decide what is one group.",
    ),
}
TABLES = {
    "reports": ("attack.md", ("consilience", "consilience, size prior off", "BM25", "linear SVM", "tuned LLR")),
    "indicators": (
        "maltrail.md",
        ("Consilience", "Consilience, refreshed each quarter", "complement naive Bayes", "linear SVM", "tuned LLR"),
    ),
    "lineage": (
        "../../samples/results/lineage.md",
        ("**code** (blocks, opcode rows, constants)", "**code, strings, imports**", "TLSH", "import hash"),
    ),
    "pairs": ("pairs.md", ("TF-IDF cosine", "pairs, operator unknown", "pairs, operator may be known")),
}
ASKED_AGAIN = ("explanations.md", "diagnosticity.md")
"""Results that hold for all models, shown as they stand."""


def page() -> str:
    """The whole card: one section for each model, the weights that are not fitted, and what holds for all."""
    sections = [_section(card) for card in model_cards()]
    return "\n".join([OPENING, *sections, _expert(), *(_whole(name) for name in ASKED_AGAIN)]).rstrip() + "\n"


def _section(card: Mapping[str, Any]) -> str:
    name = card["name"]
    lines = [f"## `{name}`", "", ABOUT[name], "", f"Fitted by `{card['command']}`; format {FORMAT}. Data:", ""]
    lines += [f"- {each['name']}, SHA-256 `{each['sha256']}`" for each in card["data"]]
    told = {key: value for key, value in card.items() if key not in {"name", "command", "data"} and _plain(value)}
    if told:
        lines += ["", ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in told.items()) + "."]
    file, rows = TABLES[name]
    text = (RESULTS / file).read_text("utf-8")
    place = (RESULTS / file).resolve().relative_to(ROOT)
    lines += ["", f"Figures (`{place}`), the first table:", ""]
    lines += _rows(text, rows)
    lines += [f"\n{line}" for line in text.splitlines() if "Brier" in line and not line.startswith("|")][:1]
    figures = {key: value for key, value in card["figures"].items() if key != "how"}
    if figures:
        told_there = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items())
        lines += ["", f"Kept in the model file: {told_there}."]
    lines += ["", "Limits:", "", *(f"- {limit}" for limit in LIMITS[name]), ""]
    return "\n".join(lines)


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _rows(text: str, names: Sequence[str]) -> list[str]:
    """The head of the first table of a page, and its rows of these names in their order."""
    start = text.index("\n| ") + 1
    head, rule, *rows = text[start:].split("\n\n", 1)[0].splitlines()
    found = {row.split("|")[1].strip(): row for row in rows}
    return [head, rule, *(found[name] for name in names)]


def _expert() -> str:
    kinds = vocabulary().kinds
    return f"""## Weights of pairs of clusters

Not fitted. The agreement rates, floors and caps of {len(kinds)} kinds are defaults of experts (`consilience kinds`),
tried on golden cases: `make cases`, and `consilience calibrate --golden cases --ablations` for what each group of kinds
is worth. Their probabilities are not calibrated, and confidence is never above *moderate* for that reason.

`consilience calibrate` shows, beside each shipped rate of *same operator*, the rate that the reports of a case show,
and `--fit` stores it, drawn to the shipped one where few subjects show the kind. A fitted rate holds only where a model
is named with `--model`: it moves the weights of `weigh`, `assess` and `relate` on the operator axis, up to the caps,
and the assessment names another vocabulary. It is fitted on two halves of each
subject's reports in place of two publishers' clusters, and reports of one catalogue repeat each other, so such a rate
is no better than the reports it was fitted on.
"""


def _whole(name: str) -> str:
    text = (RESULTS / name).read_text("utf-8")
    return "#" + text


def run() -> None:
    found = page()
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text("utf-8") == found else f"{PAGE.name} is not current")
    PAGE.write_text(found, "utf-8")


if __name__ == "__main__":
    run()
