"""Attribution by techniques and software on ATT&CK releases (protocol A), beside plain baselines in the same run.

python benchmarks/accuracy/attack.py [--data FOLDER]          the table; writes results/attack.md
python benchmarks/accuracy/attack.py --shape NAME=VALUE       the same with another shape of the engine; writes nothing
python benchmarks/accuracy/attack.py --fit [--data FOLDER]    fits the shipped model on all rounds and writes it

Every round is judged by a model fitted on earlier rounds and on dated reports inside its earlier release only; what
is fitted and what is judged are checked apart, and a known activity may not be dated after its round.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import numpy as np
from baselines import BASELINES, rank, training
from releases import DATA, LEAST, Release, between, releases

from consilience.attribute.open_set import softmax_probabilities
from consilience.attribute.reports import ReportsModel, prepare
from consilience.attribute.reports.traits import report_traits
from consilience.attribute.shipped import FORMAT
from consilience.calibrate import measures
from consilience.calibrate.reports import fit_reports
from consilience.calibrate.rounds import Round, check_apart, rounds_inside, without_judged

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "src" / "consilience" / "attribute" / "models" / "reports.json"
FIRST_YEAR = 2015
LEFT_OUT = ("TF-IDF cosine", "BM25", "kNN", "complement naive Bayes")
COMMON = (
    ("tool", "mimikatz"),
    ("tool", "psexec"),
    ("malware", "cobaltstrike"),
    ("malware", "plugx"),
    ("attack-pattern", "T1059"),
    ("attack-pattern", "T1059.001"),
    ("attack-pattern", "T1105"),
    ("attack-pattern", "T1027"),
)
CLAIMS = (0.5, 0.6, 0.7, 0.8, 0.9)
OURS, OURS_WITHOUT = "consilience", "consilience, size prior off"


@dataclass(frozen=True)
class Judged:
    """One question: the ranks that methods gave its answer, and what our probabilities said."""

    round: str
    answer: str
    ranks: dict[str, float]
    stands_out: dict[str, float]
    best: float
    none: float
    right: bool
    of_answer: float


def rounds_before(earlier: Release, done: Sequence[Round]) -> list[Round]:
    """What the model of a round may be fitted on: rounds between older releases, and those inside the earlier one."""
    known = [each for each in earlier.clusters if each.day <= earlier.day]
    years = range(FIRST_YEAR, date.fromordinal(earlier.day).year + 1)
    return [*done, *rounds_inside(known, earlier.tools, years)]


def judged(all_releases: Sequence[Release], rule: str, shape: ReportsModel, with_baselines: bool) -> list[Judged]:
    found: list[Judged] = []
    rounds = [between(a, b, rule) for a, b in pairwise(all_releases)]
    for place, (earlier, one) in enumerate(zip(all_releases, rounds, strict=False)):
        fitting = without_judged(rounds_before(earlier, rounds[:place]), one)
        check_apart(fitting, one)
        model = fit_reports(fitting, earlier.names, shape)
        found += of_round(earlier, one, model, with_baselines)
    return found


def of_round(earlier: Release, one: Round, model: ReportsModel, with_baselines: bool) -> list[Judged]:
    engine = prepare(one.known, one.tools, model, earlier.names)

    def tokens(activity):
        return ["/".join(trait) for trait in report_traits(activity, earlier.names)]

    known = training((each.subject, tokens(each), each.day) for each in one.known)
    assert list(engine.subjects) == known.labels
    methods = {name: prepared(known) for name, prepared in BASELINES.items()} if with_baselines else {}
    found = []
    for asked in one.questions:
        terms = engine.terms(asked.query)
        weights = {OURS: terms.weight + terms.prior, OURS_WITHOUT: terms.weight}
        weights |= {name: weigh(tokens(asked.query)) for name, weigh in methods.items()}
        given = softmax_probabilities(terms, model.open_set)
        place = known.labels.index(asked.answer) if asked.answer else -1
        best = int(np.argmax(given.known))
        found.append(
            Judged(
                round=one.name,
                answer=asked.answer,
                ranks={name: rank(each, place) for name, each in weights.items()} if asked.answer else {},
                stands_out={name: float(np.subtract(*np.sort(each)[[-1, -2]])) for name, each in weights.items()},
                best=float(given.known[best]),
                none=given.none,
                right=best == place,
                of_answer=float(given.known[place]) if asked.answer else given.none,
            )
        )
    return found


def ranking_table(rows: Sequence[Judged]) -> list[str]:
    known = [row for row in rows if row.answer]
    drawn = measures.resamples([row.answer for row in known])
    ranks = {name: np.array([row.ranks[name] for row in known]) for name in known[0].ranks}
    ours = {name: [measures.ranking(ranks[name][at]) for at in drawn] for name in ranks}
    strata = [row.round for row in rows]
    is_known = np.array([bool(row.answer) for row in rows])
    lines = [
        "| method | top-1 | top-5 | MRR | ours minus it, MRR | known or not, AUROC of the lead |",
        "|---|---|---|---|---|---|",
    ]
    for name in ranks:
        value, (low, high) = measures.ranking(ranks[name]), measures.interval(ours[name])
        cells = [f"{value[i]:.3f} ({low[i]:.2f}-{high[i]:.2f})" for i in range(3)]
        less = [mine[2] - theirs[2] for mine, theirs in zip(ours[OURS], ours[name], strict=True)]
        bounds = measures.interval(less)
        paired = f"{np.mean(1 / ranks[OURS] - 1 / ranks[name]):+.3f} ({bounds[0]:+.2f} to {bounds[1]:+.2f})"
        lead, _ = measures.separation(np.array([row.stands_out[name] for row in rows]), is_known, strata)
        lines.append(f"| {name} | {' | '.join(cells)} | {paired if name != OURS else ''} | {lead:.3f} |")
    return lines


def calibration_lines(rows: Sequence[Judged]) -> list[str]:
    best, right = np.array([row.best for row in rows]), np.array([float(row.right) for row in rows])
    is_known, none = np.array([bool(row.answer) for row in rows]), np.array([row.none for row in rows])
    pooled, each = measures.separation(-none, is_known, [row.round for row in rows])
    total, reliability, resolution, constant = measures.brier(best, right)
    error, by_chance = measures.calibration_error(best, right), measures.error_by_chance(best)
    per = ", ".join(f"{name}: {value:.2f}" for name, value in each.items())
    lines = [
        f"None of the known: AUROC {pooled:.3f} over pairs within a release, {np.mean(list(each.values())):.3f} as the "
        f"mean of the releases ({per}).",
        "",
        f"Probability of the best known subject: Brier {total:.3f} (reliability {reliability:.3f}, resolution "
        f"{resolution:.3f}, a constant would have {constant:.3f}); equal-mass ECE over 10 bins {error:.3f} "
        f"(perfectly calibrated values would show {by_chance:.3f} by chance at this n); log loss over all subjects "
        f"and none {measures.log_loss(np.array([row.of_answer for row in rows])):.3f}.",
        "",
        "| claims at | claims | right | known answered | unknown abstained from |",
        "|---|---|---|---|---|",
    ]
    for bound in CLAIMS:
        said = best >= bound
        share = f"{right[said].mean():.2f}" if said.any() else ""
        answered, abstained = said[is_known].mean(), 1 - said[~is_known].mean()
        lines.append(f"| p >= {bound} | {said.sum()} | {share} | {answered:.2f} | {abstained:.3f} |")
    order = np.argsort(-best, kind="stable")
    lines += ["", "| coverage of all questions | least p | right |", "|---|---|---|"]
    for part in (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0):
        at = order[: max(round(part * len(order)), 1)]
        lines.append(f"| {part:.0%} | {best[at].min():.2f} | {right[at].mean():.2f} |")
    lines += ["", "| bin | n | mean p | right |", "|---|---|---|---|"]
    for number, at in enumerate(np.array_split(np.argsort(best, kind="stable"), 10), 1):
        lines.append(f"| {number} | {len(at)} | {best[at].mean():.3f} | {right[at].mean():.3f} |")
    return lines


def report(all_releases: Sequence[Release], shape: ReportsModel) -> str:
    start = time.perf_counter()
    lines = ["# Attribution by techniques and software, ATT&CK release to release", ""]
    for rule in ("release", "address", "page"):
        rows = judged(all_releases, rule, shape, with_baselines=True)
        known = sum(bool(row.answer) for row in rows)
        lines += [f"## Questions by the rule `{rule}`: {known} of known groups, {len(rows) - known} of others", ""]
        lines += [*ranking_table(rows), "", *calibration_lines(rows), ""]
    lines += [*popularity_lines(all_releases, shape), *left_out_lines(all_releases, shape)]
    print(f"{time.perf_counter() - start:.0f} s")
    return "\n".join([*lines, *command_lines(all_releases)])


def popularity_lines(all_releases: Sequence[Release], shape: ReportsModel) -> list[str]:
    """By how much a trait that everybody shows, added to a query of the newest round, moves any probability."""
    earlier, newest = all_releases[-2:]
    rounds = [between(a, b) for a, b in pairwise(all_releases[:-1])]
    one = between(earlier, newest)
    model = fit_reports(without_judged(rounds_before(earlier, rounds), one), earlier.names, shape)
    engine = prepare(one.known, one.tools, model, earlier.names)
    lines = [f"## A common trait added to each of {len(one.questions)} queries, {one.name}", ""]
    lines += ["| added | largest change of any probability | mean of the largest |", "|---|---|---|"]
    for trait in COMMON:
        moved = []
        for query in (asked.query for asked in one.questions if trait not in asked.query.traits):
            more = replace(query, traits=tuple(sorted((*query.traits, trait))))
            before, after = (softmax_probabilities(engine.terms(each), model.open_set) for each in (query, more))
            moved.append(max(np.abs(before.known - after.known).max(), abs(before.none - after.none)))
        lines.append(f"| {trait[1]} | {max(moved):.4f} | {np.mean(moved):.4f} |")
    return [*lines, ""]


def left_out_lines(all_releases: Sequence[Release], shape: ReportsModel) -> list[str]:
    """Each source of the newest release asked of all others; a group needs another source to be found by.

    The few weights are those of the newest round, fitted on the release before it, whose dated reports are among the
    questions; profiles and rarities never hold the source that is asked.
    """
    earlier, newest = all_releases[-2:]
    fitting = rounds_before(earlier, [between(a, b) for a, b in pairwise(all_releases[:-1])])
    engine = prepare(newest.clusters, newest.tools, fit_reports(fitting, earlier.names, shape), newest.names)
    bags = {each: ["/".join(trait) for trait in report_traits(each, newest.names)] for each in newest.clusters}
    counts = Counter(each.subject for each in bags)
    ranks: dict[str, list[float]] = {}
    answers = []
    for each, tokens in bags.items():
        if (
            len(tokens) < LEAST
            or counts[each.subject] < 2
            or (newest.numbers[each.subject], each.origin) not in newest.living
        ):
            continue
        rest = training((other.subject, told, other.day) for other, told in bags.items() if other.origin != each.origin)
        if each.subject not in rest.labels:
            continue
        answers.append(each.subject)
        terms = engine.terms(replace(each, subject=""))
        place = engine.subjects.index(each.subject)
        ranks.setdefault(OURS, []).append(rank(terms.weight + terms.prior, place))
        ranks.setdefault(OURS_WITHOUT, []).append(rank(terms.weight, place))
        for name in LEFT_OUT:
            ranks.setdefault(name, []).append(rank(BASELINES[name](rest)(tokens), rest.labels.index(each.subject)))
    drawn = measures.resamples(answers)
    lines = [f"## One source left out, {newest.name}: {len(answers)} questions", ""]
    lines += ["| method | top-1 | top-5 | MRR | ours minus it, MRR |", "|---|---|---|---|---|"]
    ours = np.array(ranks[OURS])
    for name, found in ((name, np.array(found)) for name, found in ranks.items()):
        value, (low, high) = measures.ranking(found), measures.interval([measures.ranking(found[at]) for at in drawn])
        cells = " | ".join(f"{value[i]:.3f} ({low[i]:.2f}-{high[i]:.2f})" for i in range(3))
        less = 1 / ours - 1 / found
        bounds = measures.interval([np.mean(less[at]) for at in drawn])
        paired = f"{np.mean(less):+.3f} ({bounds[0]:+.2f} to {bounds[1]:+.2f})" if name != OURS else ""
        lines.append(f"| {name} | {cells} | {paired} |")
    return [*lines, ""]


def command_lines(all_releases: Sequence[Release]) -> list[str]:
    lines = ["Made by `python benchmarks/accuracy/attack.py` from", ""]
    return [*lines, *(f"- ATT&CK {each.name}, sha256 `{each.sha256}`" for each in all_releases), ""]


def fitted(all_releases: Sequence[Release], shape: ReportsModel) -> None:
    """Fits on every round there is and writes the model with its provenance."""
    rounds = [between(a, b) for a, b in pairwise(all_releases)]
    newest = all_releases[-1]
    fitting = rounds_before(newest, rounds)
    model = fit_reports(fitting, newest.names, shape)
    judgements = judged(all_releases, "release", shape, with_baselines=False)
    ranks = np.array([row.ranks[OURS] for row in judgements if row.answer])
    best, right = np.array([r.best for r in judgements]), np.array([float(r.right) for r in judgements])
    top_1, top_5, mean = measures.ranking(ranks)
    document = {
        "format": FORMAT,
        "model": model.as_record(),
        "provenance": {
            "command": "python benchmarks/accuracy/attack.py --fit",
            "version": version("consilience"),
            "data": [{"name": f"ATT&CK {each.name}", "sha256": each.sha256} for each in all_releases],
            "newest_change": date.fromordinal(newest.day).isoformat(),
            "rounds": [{"name": one.name, "questions": len(one.questions)} for one in fitting],
            "figures": {
                "how": "each pair of releases judged by a model fitted on earlier data",
                "questions": len(judgements),
                "known": len(ranks),
                "top_1": round(float(top_1), 3),
                "top_5": round(float(top_5), 3),
                "mean_reciprocal_rank": round(float(mean), 3),
                "brier": round(measures.brier(best, right)[0], 3),
            },
        },
    }
    MODEL.parent.mkdir(exist_ok=True)
    MODEL.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    print(f"wrote {MODEL.name}: {document['provenance']['figures']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=VALUE", help="a field of ReportsModel")
    options = parser.parse_args()
    found = releases(options.data)
    given = dict(each.split("=", 1) for each in options.shape)
    shape = replace(ReportsModel(), **{name: float(value) for name, value in given.items()})
    if options.fit:
        fitted(found, shape)
        return
    text = report(found, shape)
    print(text)
    if given:
        return
    target = HERE / "results" / "attack.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
