"""How long a question takes among a million functions, and what the index costs.

    python -m benchmarks.samples.query_speed CORPUS [--functions 1000000] [-o RESULTS.md]

The known samples are those of a lineage corpus, and then copies of them as families of their own in which four of five
features are replaced by others, so that rarity is spread as in real programs: some features are everywhere, most are in
one family. The newest version of each project is asked about, with its profile at hand.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.samples.corpus import File, files_of

from consilience.attribute.code import CODE, WHOLE, Kinship, Lineage
from consilience.attribute.shipped import lineage_model
from consilience.model.code import Channel, CodeProfile, SampleCode
from consilience.model.subject import Subject

RESULTS = Path(__file__).parent / "results" / "query_speed.md"
KEPT, STEP = 0.2, np.uint64(0x9E3779B97F4A7C15)


def altered(profile: CodeProfile, turn: int) -> CodeProfile:
    """A copy in which one feature of five is kept and the others are of this turn alone."""
    channels = {}
    for name, each in profile.channels.items():
        value = each.value.copy()
        other = (value * STEP >> np.uint64(40)).astype(np.float64) / (1 << 24) >= KEPT
        value[other] = (value[other] + np.uint64(turn)) * STEP
        order = np.argsort(value, kind="stable")
        channels[name] = Channel(value[order], each.address[order])
    return replace(profile, sample=f"{turn:08x}{profile.sample[8:]}", channels=channels)


def samples(files: list[File], functions: int) -> Iterator[SampleCode]:
    """The known files, and altered copies of them, until there are so many functions."""
    turn = 0
    while functions > 0:
        for each in files:
            profile = altered(each.profile, turn) if turn else each.profile
            name = f"{each.project} {turn}" if turn else each.project
            yield SampleCode(Subject("corpus", name, "malware"), profile)
            functions -= len(profile.channel("function").value)
            if functions <= 0:
                return
        turn += 1


def report(folder: Path, functions: int) -> Iterator[str]:
    files = [each for each in files_of(folder)[0] if each.profile.channel("function").value.size]
    known = list(samples([each for each in files if each.rank > 0], functions))
    many = sum(len(each.profile.channel("function").value) for each in known)
    started = time.process_time()
    lineage = Lineage(known, lineage_model())
    built = time.process_time() - started
    held = lineage.kinship.postings
    columns = [
        getattr(each, part).nbytes for each in held.values() for part in ("keys", "begin", "samples", "families")
    ]
    yield "# Speed of questions\n"
    yield f"Made by `python -m benchmarks.samples.query_speed CORPUS --functions {functions}`: {len(known)} samples of"
    features = sum(len(each.keys) for each in held.values())
    yield f"{len(lineage.kinship.families)} families, {many:,} functions, {features:,} features.\n"
    yield f"Index: {built:.1f} s of processor time, {sum(columns) / 1e6:.0f} MB; the process at its most"
    yield f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB, profiles of all samples included.\n"
    yield "| what | queries | median ms | 95 in 100 below |"
    yield "|---|---|---|---|"
    queries = [each for each in files if each.rank == 0]
    for name, work in (
        ("likeness to all families, code", lambda each: _likeness(lineage.kinship, each, CODE)),
        (
            "likeness to all families, code with strings and imports",
            lambda each: _likeness(lineage.kinship, each, WHOLE),
        ),
        (
            "the whole answer, five reasons for each of five families",
            lambda each: lineage.attribution(each.profile, "q"),
        ),
    ):
        spent = []
        for each in queries:
            started = time.process_time()
            work(each)
            spent.append(1000 * (time.process_time() - started))
        yield f"| {name} | {len(spent)} | {np.median(spent):.1f} | {np.quantile(spent, 0.95):.1f} |"


def _likeness(kinship: Kinship, file: File, channels: tuple[str, ...]) -> None:
    kinship.similarity(file.profile, channels, kinship.cosines(file.profile, channels))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--functions", type=int, default=1_000_000)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    lines = []
    for line in report(given.corpus, given.functions):
        lines.append(line)
        print(line, flush=True)
    given.output.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
