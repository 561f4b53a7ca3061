"""Many pairs at once: the columns beside the plain comparisons in the same run, and the list of the heaviest pairs."""

import random
import time
from itertools import combinations

import numpy as np

from consilience.case import counted
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.relate import candidates, heaviest, relate
from consilience.vocab import vocabulary
from consilience.weigh import weigh
from consilience.weigh.columns import fact_table, shared_rows, totals

SUBJECTS, TRAITS, VALUES, SEED = 400, 30, 4_000, 7
KINDS = ("domain-name", "ipv4-addr", "attack-pattern", "registrar", "mutex", "c2:port")


def invented():
    """A snapshot of clusters that show values of very different popularity."""
    draw = random.Random(SEED)
    rows = []
    for place in range(SUBJECTS):
        for _ in range(TRAITS):
            value = int(VALUES * draw.random() ** 3)
            rows.append(
                Observation(
                    subject=Subject("P", f"Cluster {place}"),
                    trait=Trait(KINDS[value % len(KINDS)], f"value {value}"),
                    source=Source(publisher="P", id=f"report {place}", reliability="B"),
                    first_seen=f"20{draw.randint(10, 23)}-0{draw.randint(1, 9)}",
                )
            )
    return snapshot_of(rows)


def timed(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def main() -> None:
    snapshot, vocab = invented(), vocabulary()
    counts = counted(snapshot)
    pairs = candidates(snapshot, counts, vocab)
    table, making = timed(lambda: fact_table(snapshot, vocab))
    place = {key: number for number, key in enumerate(table.subjects)}
    ends = np.array([(place[a], place[b]) for a, b in pairs])
    rows, columns = timed(lambda: shared_rows(table, ends, counts, vocab))
    _, summing = timed(lambda: totals(rows, table, len(pairs), vocab))
    some = random.Random(SEED).sample(pairs, 500)
    _, plain = timed(
        lambda: [weigh(snapshot, *(snapshot.subjects[key] for key in pair), counts, vocab) for pair in some]
    )
    per_plain, per_columns = plain / len(some), (making + columns + summing) / len(pairs)
    every = len(list(combinations(table.subjects, 2)))
    print(
        f"{SUBJECTS} clusters, {len(snapshot.observations)} observations: {len(pairs)} of {every} pairs are candidates"
    )
    print(
        f"plain: {per_plain * 1e6:,.0f} us a pair; columns: {per_columns * 1e6:,.1f} us a pair, "
        f"{per_plain / per_columns:,.0f} x faster"
    )
    weighings = []

    def weighed(a, b):
        weighings.append((a, b))
        return relate(snapshot, snapshot.subjects[a], snapshot.subjects[b], counts, vocab)

    _, sweeping = timed(lambda: heaviest(snapshot, counts, vocab, weighed, "", 20))
    print(
        f"the 20 heaviest pairs: {sweeping:.2f} s, {len(weighings)} weighed one by one; "
        f"weighing all would take about {per_plain * len(pairs):.1f} s, {per_plain * len(pairs) / sweeping:.0f} x"
    )


if __name__ == "__main__":
    main()
