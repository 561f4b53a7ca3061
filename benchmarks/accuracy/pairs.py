"""Two reports that share software: the same operator, or a shared tool? Beside baselines, on ATT&CK 8.2 and 11.3.

python benchmarks/accuracy/pairs.py [FOLDER]           the tables
python benchmarks/accuracy/pairs.py [FOLDER] --write   also the model the package ships, and results/pairs.md

FOLDER holds attack-8.2.json.gz and attack-11.3.json.gz (default: ../shared/data/attack beside the repository).
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from attack_reports import DEFAULT_FOLDER, Release, release
from pair_baselines import OperatorAxis, Overlap
from ranking import Bootstrap, auroc, brier, claims, precision_at

from consilience.attribute.pairs import ITEMS, LEAST_TO_SAY, Weights, prepare
from consilience.attribute.shipped import pair_model
from consilience.calibrate.measures import calibration_error
from consilience.calibrate.pairs import (
    FOLDS,
    LEAST_VALUES,
    RIDGE,
    SharingPairs,
    document,
    fitted,
    held_out,
    log_odds,
    sharing_pairs,
)

OLD, NEW = "8.2", "11.3"
SEEDS = (1, 2, 3, 4, 5)
RESULTS = Path(__file__).resolve().parent / "results" / "pairs.md"
MODEL = Path(__file__).resolve().parents[2] / "src" / "consilience" / "attribute" / "models" / "pairs.json"
COMMAND = "python benchmarks/accuracy/pairs.py --write"


@dataclass(frozen=True)
class Row:
    """One way of ranking the pairs; `among` marks those it was asked about."""

    name: str
    weights: np.ndarray
    probability: np.ndarray
    among: np.ndarray


def chance(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))


def newer(pairs: SharingPairs, old: Release) -> np.ndarray:
    """Which pairs hold a report that the older release does not have as a unit."""
    units = {(each.subject, each.origin) for each in units_of(old)}
    return np.array(
        [
            (a.subject, a.origin) not in units or (b.subject, b.origin) not in units
            for a, b in zip(pairs.left, pairs.right, strict=True)
        ]
    )


def units_of(data: Release):
    return [each for each in data.activities if len(each.traits) >= LEAST_VALUES]


class Question:
    """The pairs of both releases, and what every method says of them."""

    def __init__(self, folder: Path) -> None:
        self.old, self.new = release(folder, OLD), release(folder, NEW)
        self.before, self.pairs = sharing_pairs(self.old.activities), sharing_pairs(self.new.activities)
        self.fresh = newer(self.pairs, self.old)
        self.all = np.ones(len(self.fresh), dtype=bool)
        self.values = {known: self.of(self.new, self.pairs, known) for known in (False, True)}
        self.values_before = {known: self.of(self.old, self.before, known) for known in (False, True)}
        self.weights = {known: fitted(values, self.pairs.same) for known, values in self.values.items()}

    def of(self, corpus: Release, pairs: SharingPairs, known: bool) -> np.ndarray:
        return pairs.values(prepare(corpus.activities, pair_model_or_none(), corpus.techniques), known)

    def calibrated(self, weights: np.ndarray) -> np.ndarray:
        """The probabilities a one-column fit gives to a baseline, held out by subject."""
        return chance(held_out(self.pairs, weights[:, None], directions=(1,)))

    def baselines(self) -> list[Row]:
        plain = Overlap(self.new.activities, self.pairs)
        named = {
            "TF-IDF cosine": plain.tfidf(),
            "Jaccard": plain.jaccard(),
            "software only, idf": plain.software(),
            "techniques only, cosine": plain.techniques(),
            "plain log-likelihood ratios": plain.plain_ratios(),
        }
        return [Row(name, weights, self.calibrated(weights), self.all) for name, weights in named.items()]

    def axis(self) -> list[Row]:
        rows = []
        for by_group, name in ((False, "every report a cluster"), (True, "counts by group, own left out")):
            weights, probability = OperatorAxis(self.new, self.pairs, by_group).same()
            rows.append(Row(f"operator axis of `weigh`, {name}", weights, probability, self.all))
        return rows

    def ours(self) -> list[Row]:
        rows = []
        for known, name in ((False, "operator unknown"), (True, "operator may be known")):
            odds = held_out(self.pairs, self.values[known])
            rows.append(Row(f"pairs, {name}", odds, chance(odds), self.all))
        return rows

    def crossed(self) -> list[Row]:
        """The weights of one question, asked the other."""
        rows = []
        for known, name in (
            (True, "unknown, by the weights of known"),
            (False, "may be known, by the weights of unknown"),
        ):
            odds = held_out(self.pairs, self.values[known], tested=self.values[not known])
            rows.append(Row(f"pairs, operator {name}", odds, chance(odds), self.all))
        return rows

    def forward(self) -> list[Row]:
        """Fitted on the older release, asked about pairs with a newer report."""
        rows = []
        for known, name in ((False, "operator unknown"), (True, "operator may be known")):
            weights = fitted(self.values_before[known], self.before.same)
            odds = log_odds(weights, self.values[known])
            rows.append(Row(f"fitted on {OLD}: {name}", odds, chance(odds), self.fresh))
            if known:
                odds = log_odds(weights, self.of(self.old, self.pairs, known))
                rows.append(
                    Row(f"fitted on {OLD}, third parties of {OLD} only: {name}", odds, chance(odds), self.fresh)
                )
        return rows

    def partitions(self) -> list[tuple[int, bool, np.ndarray]]:
        """Held out again with other partitions of the subjects."""
        return [
            (seed, known, held_out(self.pairs, self.values[known], seed=seed))
            for known in (False, True)
            for seed in SEEDS
        ]

    def without(self) -> list[tuple[str, list[Row]]]:
        """What each item is worth: all others, held out."""
        found = []
        for place, (name, _, _) in enumerate(ITEMS):
            left = [column for column in range(len(ITEMS)) if column != place]
            directions = tuple(ITEMS[column][1] for column in left)
            odds = [held_out(self.pairs, self.values[k][:, left], directions=directions) for k in (False, True)]
            found.append((name, [Row(name, each, chance(each), self.all) for each in odds]))
        return found


def pair_model_or_none():
    """The shipped model where there is one; the values of items need none."""
    return pair_model() if MODEL.exists() else None


def table(rows: list[Row], same: np.ndarray, fresh: np.ndarray, sample: Bootstrap) -> list[str]:
    lines = [
        "| method | AUROC (95 %) | newer reports (95 %) | P@100 | P@200 | newer P@100 | Brier | ECE |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        whole = bool(row.among.all())
        cells = [row.name]
        for among in (row.among, fresh):
            low, high = sample.interval(row.weights, same, among)
            figure = auroc(row.weights[among], same[among])
            cells.append(f"{figure:.3f} ({low:.2f}-{high:.2f})" if whole or among is fresh else "")
        for among, most in ((row.among, 100), (row.among, 200), (fresh, 100)):
            figure = precision_at(row.weights[among], same[among], most)
            cells.append(f"{figure:.2f}" if whole or among is fresh else "")
        probability, truth = row.probability[row.among], same[row.among]
        cells += [f"{brier(probability, truth):.4f}", f"{calibration_error(probability, truth):.3f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def claims_table(rows: list[Row], same: np.ndarray, fresh: np.ndarray) -> list[str]:
    lines = [
        "| method | all pairs: claims | wrong | recall | newer reports: claims | wrong | recall |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row.name]
        for among in (row.among, fresh):
            if among is not fresh and not row.among.all():
                cells += ["", "", ""]
                continue
            count, wrong, recall = claims(row.probability[among], same[among], LEAST_TO_SAY)
            cells += [str(count), f"{wrong:.1%}", f"{recall:.2f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def partitions_table(rows: list[tuple[int, bool, np.ndarray]], same: np.ndarray, fresh: np.ndarray) -> list[str]:
    lines = ["| partition | question | AUROC | newer | P@100 | P@200 | claims | wrong | recall |", "|" + "---|" * 9]
    for seed, known, odds in rows:
        count, wrong, recall = claims(chance(odds), same, LEAST_TO_SAY)
        question = "may be known" if known else "unknown"
        figures = f"{auroc(odds, same):.3f} | {auroc(odds[fresh], same[fresh]):.3f}"
        first = f"{precision_at(odds, same, 100):.2f} | {precision_at(odds, same, 200):.2f}"
        lines.append(f"| {seed} | {question} | {figures} | {first} | {count} | {wrong:.1%} | {recall:.2f} |")
    return lines


def weights_table(weights: dict[bool, Weights], values: dict[bool, np.ndarray]) -> list[str]:
    lines = ["| item | operator unknown | operator may be known |", "|---|---|---|"]
    for place, (name, _, _) in enumerate(ITEMS):
        cells = [f"{weights[known].weight[place]:+.2f} ({spread(values, known, place):.2f})" for known in (False, True)]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return [*lines, "| baseline | " + " | ".join(f"{weights[known].baseline:+.2f}" for known in (False, True)) + " |"]


def spread(values: dict[bool, np.ndarray], known: bool, place: int) -> float:
    return float(values[known][:, place].std())


def without_table(rows: list[tuple[str, list[Row]]], same: np.ndarray, fresh: np.ndarray) -> list[str]:
    lines = ["| without | operator unknown: AUROC, newer | may be known: AUROC, newer |", "|---|---|---|"]
    for name, pair in rows:
        cells = [f"{auroc(r.weights, same):.3f}, {auroc(r.weights[fresh], same[fresh]):.3f}" for r in pair]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return lines


def report(asked: Question) -> tuple[list[str], dict[str, dict[str, float]]]:
    same, fresh = asked.pairs.same, asked.fresh
    sample = Bootstrap(*([each.subject for each in side] for side in (asked.pairs.left, asked.pairs.right)))
    ours, baselines = asked.ours(), asked.baselines()
    rows = [*baselines, *asked.axis(), *ours, *asked.crossed(), *(forward := asked.forward())]
    groups = Counter(each.subject for each, mark in zip(asked.pairs.left, same, strict=True) if mark)
    largest = sum(count for _, count in groups.most_common(6))
    low, high = sample.difference(ours[1].weights, baselines[0].weights, same)
    lines = [
        "# Two reports that share software: the same operator, or a shared tool?",
        "",
        f"Written by `{COMMAND}`. ATT&CK {NEW}: {len(same)} pairs of reports (group and citation, at least "
        f"{LEAST_VALUES} techniques or software) that share software, {int(same.sum())} of one group, "
        f"{int((~same).sum())} of two; {int(fresh.sum())} with a report that {OLD} does not have "
        f"({int(same[fresh].sum())} of one group). Two of the pairs of two groups are one document about both. The "
        f"pairs of one group are of {len(groups)} groups; six of them have {largest}.",
        "",
        f"*pairs* rows are held out: fitted without any pair of either subject ({FOLDS} folds of subjects, every pair "
        "of folds). *Operator unknown*: nothing of either subject counts as a third party. *Operator may be known*: "
        "only the two documents are left out; other reports of the same group stand under its name, as in a case that "
        "knows it. Intervals: bootstrap over groups.",
        "",
        *table(rows, same, fresh, sample),
        "",
        f"AUROC of *may be known* less TF-IDF: {auroc(ours[1].weights, same) - auroc(baselines[0].weights, same):+.3f} "
        f"(95 % {low:+.3f} to {high:+.3f}).",
        "",
        f"## *Same operator*, said at p >= {LEAST_TO_SAY}",
        "",
        "Baselines by a one-column fit, held out in the same folds; the operator axis by its own probability.",
        "",
        *claims_table(rows, same, fresh),
        "",
        "## Other partitions of the groups into folds",
        "",
        *partitions_table(asked.partitions(), same, fresh),
        "",
        "## Weights (log-odds per unit; in brackets the standard deviation of the item)",
        "",
        *weights_table(asked.weights, asked.values),
        "",
        "## What each item is worth",
        "",
        *without_table(asked.without(), same, fresh),
    ]
    return lines, {row.name: figures(row, same, fresh) for row in (*ours, *forward)}


def figures(row: Row, same: np.ndarray, fresh: np.ndarray) -> dict[str, float]:
    count, wrong, recall = claims(row.probability[row.among], same[row.among], LEAST_TO_SAY)
    found = {
        "auroc": auroc(row.weights[row.among], same[row.among]),
        "auroc_newer": auroc(row.weights[fresh], same[fresh]),
        "claims": count,
        "claims_wrong": wrong,
        "claims_recall": recall,
    }
    return {name: round(figure, 4) for name, figure in found.items()}


def main() -> None:
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    asked = Question(Path(paths[0]) if paths else DEFAULT_FOLDER)
    lines, measured = report(asked)
    print("\n".join(lines))
    if "--write" in sys.argv:
        days = [each.day for each in asked.new.activities if each.day]
        provenance = {
            "command": COMMAND,
            "data": [{"name": f"attack-{each.name}.json.gz", "sha256": each.sha256} for each in (asked.old, asked.new)],
            "fitted_on": f"all pairs of {NEW}",
            "first": date.fromordinal(min(days)).isoformat(),
            "last": date.fromordinal(max(days)).isoformat(),
            "ridge": RIDGE,
            "pairs": len(asked.pairs.same),
            "same": int(asked.pairs.same.sum()),
            "figures": {
                f"{question}, {name}": figure
                for question in ("operator unknown", "operator may be known")
                for name, figure in measured[f"pairs, {question}"].items()
            },
            "held_out": measured,
        }
        found = document(asked.weights[False], asked.weights[True], provenance)
        MODEL.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
