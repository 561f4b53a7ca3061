"""How long one attribution takes against a case of many clusters, with invented reports: indicators, then equal values.

python benchmarks/attribution_speed.py [CLUSTERS] [TRAITS]     by default 10,000 clusters that show 1,000,000 traits
"""

import random
import sys
import time
from collections.abc import Callable, Iterator

from consilience.attribute.activity import Activity
from consilience.attribute.exact import ExactEngine
from consilience.attribute.indicators import IndicatorEngine
from consilience.attribute.shipped import indicator_model
from consilience.vocab import vocabulary

A_REPORT = 20
QUERIES = 20
SYLLABLES = [a + b + c for a in "bcdfgklmnprst" for b in "aeiou" for c in ("", "n", "r", "s")]


def host(draw: random.Random) -> str:
    words = ("".join(draw.choices(SYLLABLES, k=draw.randrange(2, 4))) for _ in range(draw.randrange(1, 3)))
    return "-".join(words) + draw.choice((".com", ".net", ".org", ".info", ".ddns.net", ".example", ".test"))


def report(subject: str, number: int, draw: random.Random) -> Activity:
    hosts = [("domain-name", host(draw)) for _ in range(A_REPORT - 4)]
    addresses = [("ipv4-addr", ".".join(str(draw.randrange(1, 255)) for _ in range(4))) for _ in range(4)]
    return Activity(subject, 736_000 + draw.randrange(2_000), f"report {number}", tuple(sorted({*hosts, *addresses})))


def taken_by(answer: Callable[[Activity], object], queries: list[Activity]) -> Iterator[float]:
    """The CPU time of each answer in milliseconds."""
    for query in queries:
        start = time.process_time()
        answer(query)
        yield 1000 * (time.process_time() - start)


def hashes(subject: str, number: int, draw: random.Random) -> Activity:
    traits = {("file:sha256", f"{draw.getrandbits(256):064x}") for _ in range(A_REPORT)}
    return Activity(subject, 736_000 + draw.randrange(2_000), f"report {number}", tuple(sorted(traits)))


def exact(clusters: int, traits: int) -> None:
    draw = random.Random(1)
    reports = [hashes(f"P/{n % clusters}", n, draw) for n in range(traits // A_REPORT)]
    start = time.perf_counter()
    engine = ExactEngine.of(reports, vocabulary())
    loaded = time.perf_counter() - start
    queries = []
    for number in range(QUERIES):
        shown = {trait for _ in range(2) for trait in draw.choice(reports).traits[:5]}
        queries.append(Activity("", 738_000, f"query {number}", tuple(sorted(shown))))
    times = sorted(taken_by(engine.terms, queries))
    print(f"equal values: loaded in {loaded:.1f} s; one query of ten values that two clusters show:", end=" ")
    print(f"median {times[QUERIES // 2]:.1f} ms of CPU, slowest {times[-1]:.1f} ms")


def main() -> None:
    clusters, traits = (int(each) for each in (*sys.argv[1:], *("10000", "1000000")[len(sys.argv) - 1 :]))
    draw = random.Random(1)
    reports = [report(f"P/{n % clusters}", n, draw) for n in range(traits // A_REPORT)]
    start = time.perf_counter()
    engine = IndicatorEngine.of(reports, vocabulary(), indicator_model())
    taken = time.perf_counter() - start
    start = time.perf_counter()
    engine.prepared()
    prepared = time.perf_counter() - start
    queries = [report("", -n, draw) for n in range(1, QUERIES + 1)]
    times = sorted(taken_by(engine.probabilities, queries))
    reasons = sorted(taken_by(lambda query: engine.because(query, 0, 8), queries))
    print(f"{len(reports):,} reports of {len(engine.subjects):,} clusters, {traits:,} traits")
    print(f"taken apart in {taken:.1f} s, prepared in {prepared:.1f} s")
    print(f"one attribution: median {times[QUERIES // 2]:.1f} ms of CPU, slowest {times[-1]:.1f} ms")
    print(f"the parts of one subject: median {reasons[QUERIES // 2]:.1f} ms of CPU, slowest {reasons[-1]:.1f} ms")
    exact(clusters, traits)


if __name__ == "__main__":
    main()
