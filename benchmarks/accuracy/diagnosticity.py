"""How much likelier reports of one operator are to share a software or technique, by the number of reports with it.

python benchmarks/accuracy/diagnosticity.py [FOLDER]          the table
python benchmarks/accuracy/diagnosticity.py [FOLDER] --write  also results/diagnosticity.md

Every pair of reports of the release counts, also those that share nothing. LR is the share of pairs of one operator
that have such a value in common, over the share of pairs of two operators. Maltrail's blocks are asked too where their
file stands beside the folder.
"""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
from attack_reports import DEFAULT_FOLDER, release
from diagnosticity_indicators import indicator_lines

from consilience.attribute.pairs.reports import SOFTWARE, TECHNIQUE, reports_of, third_parties, values_of
from consilience.calibrate.pairs import LEAST_VALUES

NEW = "11.3"
BLOCKS = Path("maltrail") / "apt-blocks-to-2023.jsonl.gz"
RESULTS = Path(__file__).resolve().parent / "results" / "diagnosticity.md"
BINS = ((1, 3, "in at most 3 reports"), (4, 10, "in 4 to 10"), (11, 10**9, "in more than 10"))
THIRD = ((0, 0, "no third party"), (1, 1, "one"), (2, 3, "2 or 3"), (4, 10, "4 to 10"), (11, 10**9, "more than 10"))
PUBLISHED = {(SOFTWARE, 0): (168, 0.68), (SOFTWARE, 1): (28, 0.26), (SOFTWARE, 2): (2.4, 0.03)} | {
    (TECHNIQUE, 0): (20, 0.20),
    (TECHNIQUE, 1): (9.7, 0.11),
    (TECHNIQUE, 2): (1.3, 0.016),
}


class Pairs:
    """All pairs of reports of a release, and for each what it shares in every bin."""

    def __init__(self, activities) -> None:
        self.reports = reports_of(activities)
        self.units = [each for each in self.reports.activities if len(values_of(each)) >= LEAST_VALUES]
        self.pairs = list(combinations(self.units, 2))
        self.same = np.array([a.subject == b.subject for a, b in self.pairs])
        self.shared = [sorted(values_of(a) & values_of(b)) for a, b in self.pairs]

    def rate(self, has: np.ndarray) -> tuple[float, float, int]:
        """Likelihood ratio, the share of one operator among pairs that have it, and the number of such pairs."""
        mine, others = has[self.same].mean(), has[~self.same].mean()
        return float(mine / others) if others else float("inf"), float(self.same[has].mean()), int(has.sum())

    def by_reports(self, kind: str, low: int, high: int) -> np.ndarray:
        """Which pairs share a value of a kind that so many reports show, these two among them."""
        count = dict(zip(self.reports.values, np.bincount(self.reports.value).tolist(), strict=True))
        return np.array(
            [any(value[0] == kind and low <= count[value] <= high for value in shared) for shared in self.shared]
        )

    def by_third_parties(self) -> dict[str, np.ndarray]:
        """For pairs that share software: the least number of third-party subjects with a shared malware, or tool."""
        found = {sort: np.full(len(self.pairs), -1) for sort in ("malware", "tool")}
        for row, ((a, b), shared) in enumerate(zip(self.pairs, self.shared, strict=True)):
            families = [value for value in shared if value[0] == SOFTWARE]
            if not families:
                continue
            counts = third_parties(self.reports, a, b).by_subjects
            for sort in found:
                holders = [
                    int(counts[self.reports.place[value]])
                    for value in families
                    if (value[1] in self.reports.tools) == (sort == "tool")
                ]
                found[sort][row] = min(holders, default=-1)
        return found


def table(pairs: Pairs) -> list[str]:
    lines = [
        "| shared | pairs | LR | P(same given shared) | earlier figures, another release |",
        "|---|---|---|---|---|",
    ]
    for kind in (SOFTWARE, TECHNIQUE):
        for place, (low, high, words) in enumerate(BINS):
            ratio, share, count = pairs.rate(pairs.by_reports(kind, low, high))
            before = "LR {:g}, P {:g}".format(*PUBLISHED[kind, place])
            lines.append(f"| {kind} {words} | {count} | {ratio:.3g} | {share:.3f} | {before} |")
    lines += ["", "| rarest shared, third parties with it | pairs | LR | P(same given shared) |", "|---|---|---|---|"]
    for sort, least in pairs.by_third_parties().items():
        for low, high, words in THIRD:
            ratio, share, count = pairs.rate((low <= least) & (least <= high))
            lines.append(f"| {sort}, {words} | {count} | {ratio:.3g} | {share:.3f} |")
    return lines


def main() -> None:
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    folder = Path(paths[0]) if paths else DEFAULT_FOLDER
    pairs = Pairs(release(folder, NEW).activities)
    trails = folder.parent / BLOCKS
    lines = [
        "# Diagnosticity: one operator against two",
        "",
        f"Written by `python benchmarks/accuracy/diagnosticity.py --write`. ATT&CK {NEW}: {len(pairs.units)} reports, "
        f"{len(pairs.pairs)} pairs, {int(pairs.same.sum())} of one group. The second table leaves out everything of "
        "both groups; it counts subjects.",
        "",
        *table(pairs),
        *(indicator_lines(trails) if trails.exists() else ()),
    ]
    print("\n".join(lines))
    if "--write" in sys.argv:
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
