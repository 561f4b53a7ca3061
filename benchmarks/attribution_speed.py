"""How long one attribution takes against a case of many clusters, with invented reports: indicators, then equal values.

python benchmarks/attribution_speed.py [CLUSTERS] [TRAITS]     by default 10,000 clusters that show 1,000,000 traits

All times are CPU times of one core. The engine for indicators is made twice: taken apart, and from the cache that the
first left.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from consilience.attribute import attributor_over
from consilience.attribute.activity import Activity
from consilience.attribute.exact import ExactEngine
from consilience.attribute.indicators.loading import engine_from
from consilience.attribute.known import QueryActivity
from consilience.attribute.shipped import indicator_model
from consilience.case.cache import FolderCache
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


def told(what: str, times: Iterator[float]) -> None:
    ordered = sorted(times)
    print(f"{what}: median {ordered[len(ordered) // 2]:.1f} ms of CPU, slowest {ordered[-1]:.1f} ms")


def hashes(subject: str, number: int, draw: random.Random) -> Activity:
    traits = {("file:sha256", f"{draw.getrandbits(256):064x}") for _ in range(A_REPORT)}
    return Activity(subject, 736_000 + draw.randrange(2_000), f"report {number}", tuple(sorted(traits)))


def exact(clusters: int, traits: int) -> None:
    draw = random.Random(1)
    reports = [hashes(f"P/{n % clusters}", n, draw) for n in range(traits // A_REPORT)]
    start = time.process_time()
    engine = ExactEngine.of(reports, vocabulary())
    loaded = time.process_time() - start
    queries = []
    for number in range(QUERIES):
        shown = {trait for _ in range(2) for trait in draw.choice(reports).traits[:5]}
        queries.append(Activity("", 738_000, f"query {number}", tuple(sorted(shown))))
    print(f"equal values: loaded in {loaded:.1f} s")
    told("one query of ten values that two clusters show", taken_by(engine.terms, queries))


def main() -> None:
    clusters, traits = (int(each) for each in (*sys.argv[1:], *("10000", "1000000")[len(sys.argv) - 1 :]))
    draw = random.Random(1)
    reports = [report(f"P/{n % clusters}", n, draw) for n in range(traits // A_REPORT)]
    print(f"{len(reports):,} reports of {clusters:,} clusters, {traits:,} traits")
    with tempfile.TemporaryDirectory() as folder:
        cache = FolderCache(Path(folder) / "cache", "speed")
        start = time.process_time()
        engine_from(reports, vocabulary(), indicator_model(), cache)
        taken = time.process_time() - start
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.npz"))
        start = time.process_time()
        engine = engine_from(reports, vocabulary(), indicator_model(), cache)
        again = time.process_time() - start
        start = time.process_time()
        asked_of = attributor_over(reports, (), {}, vocabulary(), cache=cache)
        whole = time.process_time() - start
    print(f"indicators: taken apart, prepared and kept in {taken:.1f} s ({size / 1e6:.0f} MB), loaded in {again:.1f} s")
    queries = [report("", -n, draw) for n in range(1, QUERIES + 1)]
    told("one attribution", taken_by(engine.probabilities, queries))
    told("the parts of one subject", taken_by(lambda query: engine.reasons(query, 0, 8), queries))
    print(f"all engines, that for indicators from the cache: {whole:.1f} s")
    asked = [QueryActivity(each, tuple((*trait, frozenset({trait})) for trait in each.traits)) for each in queries]
    told("one answer of all engines, not explained", taken_by(lambda each: asked_of.attribution(each, 0), asked))
    told("one answer of all engines, explained", taken_by(asked_of.attribution, asked))
    exact(clusters, traits)


if __name__ == "__main__":
    main()
