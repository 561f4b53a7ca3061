"""Whether explanations of attributions hold: deletion, injection, popularity, and rival hypotheses.

python benchmarks/accuracy/explanations.py [BUNDLE] [BLOCKS] [--write]

The questions are later reports of an ATT&CK release, and of maltrail's blocks of indicators, asked of what was reported
before them (calibrate.rolling); of the blocks an even sample, because each is asked ten times. The injected traits are
the rarest of another subject, as many as 20 % of the query.
"""

import json
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from maltrail_observations import blocks, lines

from consilience.attribute import attributor_over, known_activities, tool_activities
from consilience.attribute.known import QueryActivity
from consilience.calibrate.rolling import LEAST_TRAITS, cuts
from consilience.model.names import resolved_names
from consilience.model.snapshot import snapshot_of
from consilience.read import read_path
from consilience.vocab import vocabulary

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"
BUNDLE = DATA / "attack" / "attack-11.3.json.gz"
BLOCKS = DATA / "maltrail" / "apt-blocks-to-2023.jsonl.gz"
RESULTS = HERE / "results" / "explanations.md"
QUERIES, SAMPLED, ROUNDS, PART, SURE, RARE = 300, 150, 6, 0.2, 0.9, 3
POPULAR = (("tool", "mimikatz"), ("malware", "cobaltstrike"), ("attack-pattern", "T1059"))


def asked_of(activity):
    """An activity as a query whose observations are its traits."""
    return QueryActivity(activity, tuple((*trait, frozenset({trait})) for trait in activity.traits))


def with_more(activity, traits):
    return replace(activity, traits=tuple(sorted({*activity.traits, *traits})))


def questions(known):
    """For every cut: what was known, and the reports of the time after it without their subject."""
    days = cuts(known, ROUNDS)
    for day, end in zip(days, [*days[1:], max(each.day for each in known)], strict=True):
        earlier = [each for each in known if 0 < each.day <= day]
        cited = {(each.subject, each.origin) for each in earlier}
        later = [
            replace(each, subject="")
            for each in known
            if day < each.day <= end and len(each.traits) >= LEAST_TRAITS and (each.subject, each.origin) not in cited
        ]
        yield day, earlier, later


def rare_traits(known):
    """The traits of each subject that few subjects show, rarest first."""
    holders = {}
    for each in known:
        for trait in each.traits:
            holders.setdefault(trait, set()).add(each.subject)
    found = {}
    for trait in sorted(holders, key=lambda trait: (len(holders[trait]), trait)):
        if len(holders[trait]) <= RARE:
            for subject in sorted(holders[trait]):
                found.setdefault(subject, []).append(trait)
    return found


def measured(known, tools, prepared, most):
    rows = []
    rounds = list(questions(known))
    step = max(1, -(-sum(len(later) for *_, later in rounds) // most))
    for day, earlier, all_later in rounds:
        later = all_later[::step]
        attributor = prepared(earlier, [each for each in tools if 0 < each.day <= day])
        rare = rare_traits(earlier)
        rivals = sorted(rare)
        for query in later:
            found = attributor.attribution(asked_of(query))
            first = found.ranking[0]
            after_deletion = []
            for reason in first.because:
                left = replace(
                    query, traits=tuple(each for each in query.traits if each != (reason.kind, *reason.values))
                )
                again = attributor.attribution(left, explained=0)
                weight = next((each.weight for each in again.ranking if each.subject == first.subject), None)
                if weight is not None:
                    after_deletion.append(abs(first.weight - weight - reason.weight))
            rival = rivals[len(rows) % len(rivals)]
            if rival == first.subject:
                rival = rivals[(len(rows) + 1) % len(rivals)]
            many = max(1, round(PART * len(query.traits)))
            injected = attributor.attribution(with_more(query, rare[rival][:many]), explained=0)
            popular = attributor.attribution(with_more(query, POPULAR), explained=0)
            before = {each.subject: each.probability for each in found.ranking}
            rows.append(
                {
                    "deletion": max(after_deletion, default=0.0),
                    "first": first.probability,
                    "same": next(e.probability for e in injected.ranking if e.subject == first.subject),
                    "other": injected.ranking[0].subject != first.subject,
                    "other_at": injected.ranking[0].probability,
                    "popular": max(abs(each.probability - before[each.subject]) for each in popular.ranking),
                    "rival": found.runner_up is not None and found.runner_up.separates is not None,
                }
            )
    return rows


def figures(rows):
    """Each test with what these questions show."""
    column = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    sure = column["first"] >= SURE
    flips = sure & column["other"] & (column["other_at"] >= SURE)
    lower = column["same"] <= column["first"] + 1e-9
    part = f"injection of {PART:.0%} of another's rarest traits"
    return {
        "questions": str(len(rows)),
        "deletion: largest difference between what is cited and what its removal changes": (
            f"{column['deletion'].max():.6f} dB"
        ),
        f"{part}: the first is no surer": f"{lower.mean():.1%}",
        "injection: mean change of the first's probability": f"{(column['same'] - column['first']).mean():+.3f}",
        f"injection: answers of {SURE:.0%} or more that become another of {SURE:.0%} or more": (
            f"{flips.sum()} of {sure.sum()}"
        ),
        "popularity (Mimikatz, Cobalt Strike, T1059 added): largest move of a probability": (
            f"{column['popular'].max():.4f}"
        ),
        "popularity: questions in which one moves by more than .01": str((column["popular"] > 0.01).sum()),
        "rivals: the runner-up and what separates it are named": f"{column['rival'].mean():.1%}",
    }


def report(found):
    names = list(found)
    every = [each for rows in found.values() for each in rows]
    columns = [*(figures(rows) for rows in found.values()), figures(every)]
    return [
        "# Explanations of attributions",
        "",
        f"Written by `python benchmarks/accuracy/explanations.py --write` on {len(every)} questions.",
        "",
        "| test | " + " | ".join([*names, "all"]) + " |",
        "|---" * (len(columns) + 1) + "|",
        *(f"| {test} | " + " | ".join(column[test] for column in columns) + " |" for test in columns[0]),
    ]


def rows_of(paths, most):
    """The questions of the observations in a file, judged."""
    snapshot = snapshot_of(tuple(seen for reading in read_path(paths, {}) for seen in reading.observations))
    names = resolved_names(snapshot.observations)
    known = known_activities(snapshot, vocabulary(), "intrusion-set")
    prepared = partial(attributor_over, names=names, vocabulary=vocabulary())
    return measured(known, tool_activities(snapshot, vocabulary()), prepared, most)


def main() -> None:
    paths = [Path(each) for each in sys.argv[1:] if not each.startswith("--")]
    bundle, trails = [*paths, *(BUNDLE, BLOCKS)[len(paths) :]]
    found = {bundle.name: rows_of(bundle, QUERIES)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "blocks.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for block in blocks(trails) for line in lines(block)), "utf-8")
        found[trails.name] = rows_of(file, SAMPLED)
    told = report(found)
    print("\n".join(told))
    if "--write" in sys.argv:
        RESULTS.write_text("\n".join(told) + "\n", "utf-8")


if __name__ == "__main__":
    main()
