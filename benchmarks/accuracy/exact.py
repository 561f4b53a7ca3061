"""How `attribute` does on the golden cases, each source left out in turn, with the engine for equal values and without.

python benchmarks/accuracy/exact.py

All golden cases are one case. A query is what one source says of one cluster; the case is asked without that source
and without what repeats it or is repeated by it. *Known* are queries whose cluster another source still speaks of.
"""

import math
from pathlib import Path

from consilience.attribute import attributor, query_activity
from consilience.calibrate.golden import read_cases
from consilience.model.query import Query
from consilience.model.snapshot import snapshot_of
from consilience.vocab import vocabulary

RULES = vocabulary()
AMONG = "intrusion-set"
LEAST = 0.05
CLAIMED = (0.1, 0.3, 0.5, 0.7, 0.9)


def observations():
    folder = Path(__file__).resolve().parents[2] / "cases"
    return {seen.id: seen for case in read_cases(folder) for seen in case.observations}.values()


def queries(snapshot):
    """The cluster, the source and the statements of every query, sorted."""
    found = {}
    for key, subject in snapshot.subjects.items():
        for seen in snapshot.of(key) if subject.type == AMONG else ():
            kind = RULES.kinds.get(seen.trait.kind)
            if seen.present and kind is not None and kind.form == "trait":
                found.setdefault((key, seen.source.key), []).append(seen)
    return sorted(found.items())


def related(seen, source, repeated):
    return seen.source.key == source or seen.source.derived_from == source or seen.source.key in repeated


def answers(snapshot):
    """Each query's cluster, whether it is still known, and the answers by all engines, by this one, without it."""
    for (subject, source), rows in queries(snapshot):
        repeated = {seen.source.derived_from for seen in rows} - {""}
        left = snapshot_of(seen for seen in snapshot.observations if not related(seen, source, repeated))
        whole = attributor(left, RULES, AMONG)
        query = query_activity(Query(id=source, observations=tuple(rows)), RULES)
        found = [only(whole, names).attribution(query, 0, 0) for names in (None, {"exact"}, {"reports", "indicators"})]
        yield subject, subject in whole.subjects, found


def only(whole, names):
    """The attributor with some of its engines; with all of them where none are named."""
    if names is None:
        return whole
    engines = [each for each in whole._engines if each.engine.name in names]
    return type(whole)(engines, whole._holders, whole._commonplace)


def place(found, subject):
    ranks = [each.subject for each in found.ranking]
    return ranks.index(subject) if subject in ranks else math.inf


def row(name, known, novel):
    tops = [1 / (1 + place(found, subject)) for subject, found in known]
    right = [(found.ranking[0].probability, place(found, subject) == 0) for subject, found in known if found.ranking]
    stated = [found.ranking[0].probability for _, found in novel if found.ranking]
    own = [next((e.probability for e in found.ranking if e.subject == subject), 0.0) for subject, found in known]
    best = math.fsum(p for p, _ in right) + math.fsum(stated)
    claimed = [
        f"{sum(hit for p, hit in right if p >= least)}/"
        f"{sum(p >= least for p, _ in right) + sum(p >= least for p in stated)}"
        for least in CLAIMED
    ]
    return (
        name,
        f"{sum(each == 1 for each in tops)}/{len(tops)}",
        f"{math.fsum(tops) / len(tops):.3f}",
        f"{math.fsum(own) / len(own):.3f}",
        f"{best:.1f}",
        sum(hit for _, hit in right),
        *claimed,
    )


def main() -> None:
    snapshot = snapshot_of(observations())
    done = list(answers(snapshot))
    clusters = sum(subject.type == AMONG for subject in snapshot.subjects.values())
    known = [(subject, found) for subject, is_known, found in done if is_known]
    novel = [(subject, found) for subject, is_known, found in done if not is_known]
    print(f"{clusters} clusters; {len(known)} queries of known clusters, {len(novel)} of others")
    shared = [(subject, found[1].ranking[0]) for subject, _, found in done if found[1].ranking]
    weighs = [each for each in shared if each[1].weight > LEAST]
    own = [
        subject
        for subject, _, found in done
        if any(each.subject == subject and each.weight > LEAST for each in found[1].ranking)
    ]
    print(f"{len(shared)} show an equal-value kind, {len(weighs)} share one with somebody, {len(own)} with their own\n")
    print("| engines | first right | MRR | mean p of the right one | first right, expected | found |", end="")
    print("".join(f" right at ≥ {least} |" for least in CLAIMED) + "\n" + "|---" * (6 + len(CLAIMED)) + "|")
    for number, name in enumerate(("all", "equal values alone", "reports and indicators")):
        cells = row(
            name,
            [(subject, found[number]) for subject, found in known],
            [(subject, found[number]) for subject, found in novel],
        )
        print("| " + " | ".join(map(str, cells)) + " |")


if __name__ == "__main__":
    main()
