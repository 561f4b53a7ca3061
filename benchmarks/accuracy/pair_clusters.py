"""Two clusters of several reports that share software: which of their pairs of reports should speak for them?

python benchmarks/accuracy/pair_clusters.py [FOLDER]          the table
python benchmarks/accuracy/pair_clusters.py [FOLDER] --write  also results/pair-clusters.md

The pairs of reports and their held-out probabilities (operator unknown) are those of `pairs.py`. Two groups are two
clusters of different operators. A group with two reports or more, cut in two by the order of its reports, is two
clusters of one.
"""

import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from attack_reports import DEFAULT_FOLDER, release
from pairs import NEW, chance, pair_model_or_none
from ranking import auroc, brier, claims

from consilience.attribute.pairs import LEAST_TO_SAY, prepare
from consilience.calibrate.pairs import SharingPairs, held_out, sharing_pairs

RESULTS = Path(__file__).resolve().parent / "results" / "pair-clusters.md"
WAYS: tuple[tuple[str, Callable[[np.ndarray], float]], ...] = (
    ("the likeliest pair", np.max),
    ("the mean of the log-odds", np.mean),
    ("the median pair", np.median),
    ("the least likely pair", np.min),
    ("the first pair by the order of reports", lambda odds: odds[0]),
)
SIZES = ((1, 1), (2, 4), (5, 10**9))


def clusters(pairs: SharingPairs, odds: np.ndarray) -> list[tuple[bool, np.ndarray]]:
    """For every two clusters that have such a pair of reports: whether one operator, and the log-odds of the pairs."""
    reports = {each for side in (pairs.left, pairs.right) for each in side}
    order: dict[str, list] = defaultdict(list)
    for each in sorted(reports):
        order[each.subject].append(each)
    half = {each: place % 2 for group in order.values() for place, each in enumerate(group)}
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for a, b, value in zip(pairs.left, pairs.right, odds, strict=True):
        if a.origin != b.origin and (a.subject != b.subject or half[a] != half[b]):
            found[a.subject, b.subject].append(value)
    return [(a == b, np.array(values)) for (a, b), values in sorted(found.items())]


def table(rows: list[tuple[bool, np.ndarray]]) -> list[str]:
    same = np.array([is_same for is_same, _ in rows])
    size = np.array([len(values) for _, values in rows])
    lines = ["| what speaks for two clusters | AUROC | Brier | claims | wrong | recall |", "|---|---|---|---|---|---|"]
    for name, way in WAYS:
        odds = np.array([way(values) for _, values in rows])
        count, wrong, recall = claims(chance(odds), same, LEAST_TO_SAY)
        figures = f"{auroc(odds, same):.3f} | {brier(chance(odds), same):.4f} | {count} | {wrong:.1%} | {recall:.2f}"
        lines.append(f"| {name} | {figures} |")
    lines += ["", "| pairs of reports | two clusters | of one operator | claims by the likeliest | wrong |"]
    lines.append("|---|---|---|---|---|")
    likeliest = chance(np.array([values.max() for _, values in rows]))
    for low, high in SIZES:
        here = (low <= size) & (size <= high)
        count, wrong, _ = claims(likeliest[here], same[here], LEAST_TO_SAY)
        words = str(low) if low == high else f"{low} to {high}" if high < 10**9 else f"{low} or more"
        lines.append(f"| {words} | {here.sum()} | {same[here].sum()} | {count} | {wrong:.1%} |")
    return lines


def main() -> None:
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    corpus = release(Path(paths[0]) if paths else DEFAULT_FOLDER, NEW)
    pairs = sharing_pairs(corpus.activities)
    values = pairs.values(prepare(corpus.activities, pair_model_or_none(), corpus.techniques), known=False)
    rows = clusters(pairs, held_out(pairs, values))
    same = sum(is_same for is_same, _ in rows)
    lines = [
        "# Two clusters that share software: which pair of their reports speaks for them",
        "",
        f"Written by `python benchmarks/accuracy/pair_clusters.py --write`. ATT&CK {NEW}: {len(rows)} pairs "
        f"of clusters, {same} of them the two halves of one group. Claims are *same operator* at "
        f"p >= {LEAST_TO_SAY}, held out.",
        "",
        *table(rows),
    ]
    print("\n".join(lines))
    if "--write" in sys.argv:
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
