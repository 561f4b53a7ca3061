"""Whether explanations of attributions hold: deletion, injection, popularity, and rival hypotheses.

python benchmarks/accuracy/explanations.py [BUNDLE] [--write]

The questions are later reports of an ATT&CK release, asked of what was reported before them (calibrate.rolling). The
injected traits are the rarest of another subject, as many as 20 % of the query.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from consilience.attribute import attributor_over, known_activities, tool_activities
from consilience.attribute.known import Asked
from consilience.calibrate.rolling import LEAST_TRAITS, cuts
from consilience.model.names import resolved_names
from consilience.model.snapshot import snapshot_of
from consilience.read import read_path
from consilience.vocab import vocabulary

HERE = Path(__file__).resolve().parent
BUNDLE = HERE.parents[2] / "shared" / "data" / "attack" / "attack-11.3.json.gz"
RESULTS = HERE / "results" / "explanations.md"
QUERIES, ROUNDS, PART, SURE, RARE = 300, 6, 0.2, 0.9, 3
POPULAR = (("tool", "mimikatz"), ("malware", "cobaltstrike"), ("attack-pattern", "T1059"))


def asked_of(activity):
    """An activity as a query whose observations are its traits."""
    return Asked(activity, tuple((*trait, frozenset({trait})) for trait in activity.traits))


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


def measured(known, tools, prepared):
    rows = []
    for day, earlier, later in questions(known):
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
            if len(rows) == QUERIES:
                return rows
    return rows


def report(rows, name):
    column = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    sure = column["first"] >= SURE
    flips = sure & column["other"] & (column["other_at"] >= SURE)
    lower = column["same"] <= column["first"] + 1e-9
    return [
        "# Explanations of attributions",
        "",
        f"Written by `python benchmarks/accuracy/explanations.py --write` on {len(rows)} questions of {name}.",
        "",
        "| test | figure |",
        "|---|---|",
        f"| deletion: largest difference between what is cited and what its removal changes | "
        f"{column['deletion'].max():.6f} dB |",
        f"| injection of {PART:.0%} of another's rarest traits: the first is no surer | {lower.mean():.1%} |",
        f"| injection: mean change of the first's probability | {(column['same'] - column['first']).mean():+.3f} |",
        f"| injection: answers of {SURE:.0%} or more that become another of {SURE:.0%} or more | "
        f"{flips.sum()} of {sure.sum()} |",
        f"| popularity (Mimikatz, Cobalt Strike, T1059 added): largest move of a probability | "
        f"{column['popular'].max():.4f} |",
        f"| popularity: questions in which one moves by more than .01 | {(column['popular'] > 0.01).sum()} |",
        f"| rivals: the runner-up and what separates it are named | {column['rival'].mean():.1%} |",
    ]


def main() -> None:
    paths = [Path(each) for each in sys.argv[1:] if not each.startswith("--")]
    bundle = paths[0] if paths else BUNDLE
    (reading,) = read_path(bundle, {})
    snapshot = snapshot_of(reading.observations)
    names = resolved_names(snapshot.observations)
    known = known_activities(snapshot, vocabulary(), "intrusion-set")
    prepared = partial(attributor_over, names=names, vocabulary=vocabulary())
    lines = report(measured(known, tool_activities(snapshot, vocabulary()), prepared), bundle.name)
    print("\n".join(lines))
    if "--write" in sys.argv:
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
