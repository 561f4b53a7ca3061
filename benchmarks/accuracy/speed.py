"""How long one query takes against many known clusters, once prepared: 10,000 clusters with 1,000,000 traits.

python benchmarks/accuracy/speed.py [--clusters N] [--traits N]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.open_set import softmax_probabilities
from consilience.attribute.reports import prepare
from consilience.attribute.shipped import reports_model

A_REPORT = 20
QUERIES = 50


def invented(clusters: int, traits: int) -> list[Activity]:
    """Reports of 20 traits as uneven as real ones: ten common techniques each, the rest rare; one seed."""
    chance = np.random.default_rng(1)
    common = chance.zipf(1.2, size=traits) % 700
    found = []
    for number, start in enumerate(range(0, traits, A_REPORT)):
        names = {int(name) for name in common[start : start + A_REPORT // 2]}
        names |= {int(name) for name in chance.integers(700, 700 + traits, A_REPORT - len(names))}
        shown = {("attack-pattern", f"T{name}") if name % 2 else ("malware", f"family{name}") for name in names}
        found.append(Activity(f"P/{number % clusters}", 700_000 + number % 9000, f"r{number}", tuple(sorted(shown))))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clusters", type=int, default=10_000)
    parser.add_argument("--traits", type=int, default=1_000_000)
    options = parser.parse_args()
    known = invented(options.clusters, options.traits)
    model = reports_model()
    start = time.perf_counter()
    engine = prepare(known, (), model)
    print(
        f"prepared {len(engine.subjects):,} clusters, {len(known):,} reports, "
        f"{sum(len(each.traits) for each in known):,} traits: {time.perf_counter() - start:.1f} s"
    )
    taken = []
    for each in known[:: max(len(known) // QUERIES, 1)][:QUERIES]:
        query = Activity("", each.day, "new", each.traits)
        start = time.perf_counter()
        softmax_probabilities(engine.terms(query), model.open_set)
        taken.append(1000 * (time.perf_counter() - start))
    print(f"one query: median {np.median(taken):.1f} ms, slowest of {len(taken)} {max(taken):.1f} ms")


if __name__ == "__main__":
    main()
