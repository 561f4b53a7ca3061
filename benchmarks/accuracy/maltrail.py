"""Indicators to actors, forward in time: the engine beside plain methods, in one run, on maltrail's blocks.

python benchmarks/accuracy/maltrail.py                    the table, written to benchmarks/accuracy/results/maltrail.md
python benchmarks/accuracy/maltrail.py BLOCKS --split 2022-12-31:2023-12-31    the same on other blocks and dates
python benchmarks/accuracy/maltrail.py --fit MODEL.json   fits the shipped model on everything up to 2023

The blocks go through the product's own reader. Train: blocks up to the split, those without a stated date by the last
day they can have been. Test: blocks of a stated later date with 3 indicators or more that share no report's address
with train (pages of VirusTotal are no reports). `unclassified` is no actor.
"""

import argparse
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from actors import biggest, bootstrap, ranking, ranks
from baselines import BASELINES, training
from maltrail_observations import PUBLISHER, blocks, lines

from consilience.attribute.activity import activities
from consilience.attribute.indicators.engine import NAMES, PRIOR, IndicatorEngine, PreparedCase, weighed
from consilience.attribute.indicators.features import ReportFeatures, feature_counts
from consilience.attribute.shipped import FORMAT, indicator_model
from consilience.calibrate.indicators import YEAR, fit_open_set, fit_over, folds
from consilience.calibrate.measures import (
    bins,
    brier,
    calibration_error,
    coverage_at,
    error_by_chance,
    risk_coverage,
    separation,
)
from consilience.read import read_path
from consilience.vocab import vocabulary
from consilience.weigh.secondary import SECONDARY

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "maltrail" / "apt-blocks-to-2023.jsonl.gz"
RESULTS = ROOT / "benchmarks" / "accuracy" / "results" / "maltrail.md"
SPLITS = (("2021-12-31", "2023-12-31"), ("2022-12-31", "2023-12-31"))
LEAST_INDICATORS = 3
QUARTER = 91
SIX_MONTHS = 183
AFTER_BY = ("share", "margin", "reports of best")
"""What the curves of the second table see: six months of answers can carry no more."""
NO_REPORT = "virustotal.com"
OURS = "Consilience"


@dataclass(frozen=True)
class Blocks:
    """All activities, their bags, and for each what only the block says."""

    bags: list
    references: list
    asked: list
    seconds: float


def day_of(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def read(path: Path) -> Blocks:
    """The blocks as the product reads them."""
    found = blocks(path)
    references, indicators, stated = {}, {}, {}
    for block in found:
        key = (f"{PUBLISHER}/{block['actor']}", day_of(block["day"]), block["references"][0])
        references.setdefault(key, set()).update(each for each in block["references"] if NO_REPORT not in each)
        indicators[key] = indicators.get(key, 0) + len(block["indicators"])
        stated[key] = block["date"] is not None
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "blocks.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for block in found for line in lines(block)), "utf-8")
        observations = [seen for reading in read_path(file, {}) for seen in reading.observations]
    vocab = vocabulary()
    bags = [feature_counts(each, vocab) for each in activities(observations, vocab)]
    seconds = time.perf_counter() - start
    keys = [(each.activity.subject, each.activity.day, each.activity.origin) for each in bags]
    asked = [stated[key] and indicators[key] >= LEAST_INDICATORS for key in keys]
    return Blocks(bags, [references[key] for key in keys], asked, seconds)


def split(data: Blocks, until: str, end: str) -> tuple[list, list]:
    """The bags of train and test."""
    last, stop = day_of(until), day_of(end)
    train = [place for place, each in enumerate(data.bags) if each.activity.day <= last]
    printed = set().union(*(data.references[place] for place in train))
    test = [
        place
        for place, each in enumerate(data.bags)
        if last < each.activity.day <= stop and data.asked[place] and not data.references[place] & printed
    ]
    return [data.bags[place] for place in train], [data.bags[place] for place in test]


def tokens(each) -> list[str]:
    """The secondary traits of a bag as plain tokens."""
    return sorted(f"{kind} {value}" for kind, counts in each.counts.items() for value in counts)


def table(rows: list[dict], columns: list[str]) -> str:
    head = "| " + " | ".join(columns) + " |\n|" + "---|" * len(columns) + "\n"
    return head + "".join("| " + " | ".join(str(row.get(name, "")) for name in columns) + " |\n" for row in rows)


def interval(low_high: tuple[float, float]) -> str:
    return f"({low_high[0]:.2f}-{low_high[1]:.2f})".replace("0.", ".")


def ranked(name: str, rank: np.ndarray, right: np.ndarray, big: set[int]) -> dict:
    """One line of the table of rankings, with intervals over actors."""
    row = {"method": name}
    spread = bootstrap(lambda chosen: ranking(rank[chosen], right[chosen], big), right)
    for measure, value in ranking(rank, right, big).items():
        row[measure] = f"{value:.3f} {interval(spread[measure])}"
    return row


def odds_of(found: np.ndarray, weights: dict) -> np.ndarray:
    return found @ np.array([weights.get(name, 0.0) for name in NAMES])


def refreshed(data: Blocks, until: str, test: list, subjects: list, weights: dict) -> np.ndarray:
    """Log-odds for the known queries with the case refreshed each quarter and the weights as they were."""
    odds = np.full((len(test), len(subjects)), -1e9)
    start = day_of(until)
    while any(each.activity.day > start for each in test):
        asked = [place for place, each in enumerate(test) if start < each.activity.day <= start + QUARTER]
        if asked:
            origins = {test[place].activity.origin for place in asked}
            known = [b for b in data.bags if b.activity.day <= start and b.activity.origin not in origins]
            prepared = PreparedCase.of(ReportFeatures.of(known))
            place_of = {subject: place for place, subject in enumerate(prepared.case.subjects)}
            columns = [place_of.get(subject, -1) for subject in subjects]
            later = odds_of(prepared.terms(prepared.rows([test[place] for place in asked])), weights)
            odds[asked] = np.where(np.array(columns) >= 0, later[:, columns], -1e9)
        start += QUARTER
    return odds


def ablations(weights: dict, found: np.ndarray, right: np.ndarray, big: set[int]) -> str:
    """What is lost when the terms of one kind or family say nothing, the other weights as they are."""
    groups = {kind: {f"profile {kind}", f"nearest {kind}"} for kind in SECONDARY}
    for family in ("profile ", "nearest ", "rarest "):
        groups[f"all {family.strip()} terms"] = {name for name in NAMES if name.startswith(family)}
    groups |= {"discriminant": {"discriminant"}, "priors of activity": set(PRIOR)}
    rows = [{"without": "(nothing)", **plain(odds_of(found, weights), right, big)}]
    for name, gone in groups.items():
        if gone & weights.keys():
            left = {term: weight for term, weight in weights.items() if term not in gone}
            rows.append({"without": name, **plain(odds_of(found, left), right, big)})
    return table(rows, ["without", "top-1", "MRR", "macro", "without five"])


def plain(odds: np.ndarray, right: np.ndarray, big: set[int]) -> dict:
    return {name: f"{value:.3f}" for name, value in ranking(ranks(odds, right), right, big).items()}


def one_split(data: Blocks, until: str, end: str) -> str:
    train, test = split(data, until, end)
    some = folds(train)
    model = fit_over(some, folds(train, YEAR))
    prepared = PreparedCase.of(ReportFeatures.of(train))
    rows = prepared.rows(test)
    found = prepared.terms(rows)
    subjects = list(prepared.case.subjects)
    place = {subject: number for number, subject in enumerate(subjects)}
    right = np.array([place.get(each.activity.subject, -1) for each in test])
    known = right >= 0
    big = biggest(right[known])
    odds = odds_of(found, model.weights)
    out = [f"\n## Train up to {until}, asked up to {end}\n"]
    out.append(f"{len(train)} reports of {len(subjects)} actors; {known.sum()} queries of known actors, ")
    small = int((~np.isin(right[known], sorted(big))).sum())
    out.append(f"{(~known).sum()} of unknown ones; {small} without the five biggest.\n\n")
    first = {OURS: ranks(odds[known], right[known])}
    report_rows = training([(each.activity.subject, tokens(each), each.activity.day) for each in train])
    asked = [tokens(each) for each, is_known in zip(test, known, strict=True) if is_known]
    for name, prepare in BASELINES.items():
        weigh = prepare(report_rows)
        assert report_rows.labels == subjects
        first[name] = ranks(np.array([weigh(each) for each in asked]), right[known])
    fresh = refreshed(data, until, [e for e, k in zip(test, known, strict=True) if k], subjects, dict(model.weights))
    first[f"{OURS}, refreshed each quarter"] = ranks(fresh, right[known])
    columns = ["method", "top-1", "top-3", "MRR", "macro", "without five"]
    out.append(table([ranked(name, rank, right[known], big) for name, rank in first.items()], columns))
    out.append(gains(first, right[known], big))
    terms = weighed(found, rows, model.weights, prepared.discriminant.recognition)
    out.append("\n### Probabilities, unknown actors included\n\n")
    out.append(probabilities(model.open_set, terms, right))
    later = rows.days > day_of(until) + SIX_MONTHS
    out.append(
        "\n### Probabilities calibrated on the six months after the split alone, only what is later is judged\n\n"
    )
    out.append(calibrated_after(terms, right, later))
    out.append("\nThe same later queries with the curves as they are shipped, from before the split:\n\n")
    out.append(
        probabilities(model.open_set, [t for t, is_later in zip(terms, later, strict=True) if is_later], right[later])
    )
    out.append(
        "\n### Without one kind or family (other weights as they are; `discriminant` and `rarest` keep all kinds)\n\n"
    )
    out.append(ablations(dict(model.weights), found[known], right[known], big))
    return "".join(out)


def gains(first: dict, right: np.ndarray, big: set[int]) -> str:
    ours, svm = first[OURS], first["linear SVM"]
    text = ["\nGain over the linear SVM, paired, 95 % over actors: "]

    def gain(chosen: np.ndarray) -> dict[str, float]:
        both = [ranking(each[chosen], right[chosen], big) for each in (ours, svm)]
        return {measure: both[0][measure] - both[1][measure] for measure in both[0]}

    spread = bootstrap(gain, right)
    for measure, value in gain(np.arange(len(right))).items():
        text.append(f"{measure} {value:+.3f} ({spread[measure][0]:+.3f} to {spread[measure][1]:+.3f}); ")
    return "".join(text)[:-2] + ".\n"


def calibrated_after(terms: list, right: np.ndarray, later: np.ndarray) -> str:
    """The tables for the later queries with curves from the queries before them."""
    early = [
        (each, bool(place >= 0), int((each.weight + each.prior).argmax()) == place)
        for each, place, is_later in zip(terms, right, later, strict=True)
        if not is_later
    ]
    rule = fit_open_set(early, early, AFTER_BY, AFTER_BY)
    judged = [each for each, is_later in zip(terms, later, strict=True) if is_later]
    return f"Calibrated on {len(early)} queries. " + probabilities(rule, judged, right[later])


def probabilities(rule, terms: list, right: np.ndarray) -> str:
    """The tables of calibration, unknown actors included."""
    given = np.array([rule.probabilities(each.weight + each.prior, each.features) for each in terms])
    said, none = given[:, :-1].max(axis=1), given[:, -1]
    held = np.array([(each.weight + each.prior).argmax() for each in terms]) == right
    sure = said >= 0.9
    novel = right < 0
    score, reliability, resolution, constant = brier(said, held)
    text = [f"{len(terms)} queries. Brier {score:.3f} (constant {constant:.3f}, reliability {reliability:.3f}, "]
    text.append(f"resolution {resolution:.3f}); equal-mass ECE {calibration_error(said, held):.3f} ")
    text.append(f"(a perfect forecaster shows {error_by_chance(said):.3f} by chance on so many queries); answered at ")
    text.append(f".90 precision {coverage_at(said, held, 0.9):.1%}, at .95 {coverage_at(said, held, 0.95):.1%}; ")
    text.append(f"claims at .90 or more: {sure.sum()} ({sure.mean():.1%}), right {held[sure].mean():.3f}, ")
    above, _ = separation(none, novel, ["all"] * len(none))
    text.append(f"{int((sure & novel).sum())} of {novel.sum()} unknown named so; novelty AUROC {above:.3f}.\n\n")
    rows = [{"n": each.count, "said": f"{each.said:.3f}", "right": f"{each.right:.3f}"} for each in bins(said, held)]
    text.append(table(rows, ["n", "said", "right"]))
    answered = risk_coverage(said, held, [part / 10 for part in range(1, 11)])
    parts = [{"answered": f"{part:.0%}", "right": f"{holds:.3f}"} for part, _, holds in answered]
    text.append("\n" + table(parts, ["answered", "right"]))
    return "".join(text)


def refreshing(data: Blocks) -> str:
    """How long a refresh takes: a new quarter's reports into the case, then one attribution."""
    vocab = vocabulary()
    last = max(each.activity.day for each in data.bags) - QUARTER
    old = [each for each in data.bags if each.activity.day <= last]
    new = [each.activity for each in data.bags if each.activity.day > last]
    engine = IndicatorEngine.over(old, vocab, indicator_model())
    engine.prepared()
    start = time.perf_counter()
    grown = engine.extended(new)
    grown.prepared()
    middle = time.perf_counter()
    grown.probabilities(type(new[0])("", new[-1].day, "", new[-1].traits))
    return (
        f"Reading all {len(data.bags)} reports took {data.seconds:.1f} s; taking {len(new)} new ones into a case of "
        f"{len(old)} and preparing it again {middle - start:.1f} s; one attribution then "
        f"{1000 * (time.perf_counter() - middle):.0f} ms.\n"
    )


def fit(path: Path, out: Path) -> None:
    """Fits the shipped model and writes it with where it comes from."""
    data = read(path)
    some = folds(data.bags)
    provenance = {
        "data": [{"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}],
        "data_licence": "MIT (maltrail static trails)",
        "reports": len(data.bags),
        "first": date.fromordinal(min(each.activity.day for each in data.bags)).isoformat(),
        "last": date.fromordinal(max(each.activity.day for each in data.bags)).isoformat(),
        "half_years": len(some),
        "queries": int(sum(len(fold.right) for fold in some)),
        "command": "python benchmarks/accuracy/maltrail.py --fit src/consilience/attribute/models/indicators.json",
        "figures": {"how": "see benchmarks/accuracy/results/maltrail.md"},
    }
    record = {"format": FORMAT, "model": fit_over(some, folds(data.bags, YEAR)).as_record(), "provenance": provenance}
    out.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("blocks", type=Path, nargs="?", default=DATA)
    parser.add_argument("--fit", type=Path, help="write the shipped model here and stop")
    parser.add_argument(
        "--split",
        action="append",
        metavar="TRAIN_UP_TO:ASKED_UP_TO",
        help="two dates as 2022-12-31:2023-12-31, repeatable; stands in for the splits of the development data",
    )
    options = parser.parse_args()
    splits = [tuple(each.split(":")) for each in options.split or ()] or SPLITS
    if options.fit:
        fit(options.blocks, options.fit)
        return
    data = read(options.blocks)
    text = ["# Indicators to actors, forward in time\n\n", "Written by `benchmarks/accuracy/maltrail.py`.\n"]
    text.extend(one_split(data, until, end) for until, end in splits)
    text.append("\n## Speed\n\n" + refreshing(data))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("".join(text), "utf-8")
    print("".join(text))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
