"""MCRIT on the same small files in the same run, beside ours and TLSH.

    python -m benchmarks.samples.mcrit CORPUS [--functions 250] [--queries 1] [-o RESULTS.md]

To be run in an environment of its own, with mcrit, smda, py-tlsh and this package installed and the repository on the
path; MCRIT keeps its index in memory and works its queue off at once. Of each project the largest of the
small files (so many queries) are asked about, and the files of the same names of the version before are known. MCRIT
indexes about a hundred functions a second, so that the tier is bounded by the functions of a file.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.samples.corpus import File, files_of
from benchmarks.samples.lineage import others, table, task
from benchmarks.samples.others import tlsh_values
from benchmarks.samples.ranks import Ranks, by_family

RESULTS = Path(__file__).parent / "results" / "mcrit.md"
KINDS = ("unweighted", "frequency_weighted")


def tier(files: list[File], functions: int, many: int) -> tuple[list[File], list[File]]:
    """The queries of each project, and the files of the version before that have the same module name."""
    small = [f for f in files if f.format == "pe" and len(f.profile.channel("function").value) <= functions]
    known = {(each.project, module(each)): each for each in small if each.rank == 1}
    queries: list[File] = []
    for project in sorted({each.project for each in small}):
        mine = [f for f in small if f.project == project and f.rank == 0 and (project, module(f)) in known]
        queries += sorted(mine, key=lambda each: (-each.profile.size, each.path.name))[:many]
    return queries, [known[each.project, module(each)] for each in queries]


def module(file: File) -> str:
    return file.path.name.split(".")[0]


class Index:
    """An index of MCRIT in memory."""

    def __init__(self) -> None:
        from mcrit.config.McritConfig import McritConfig
        from mcrit.index.MinHashIndex import MinHashIndex
        from mcrit.queue.QueueFactory import QueueFactory
        from mcrit.storage.StorageFactory import StorageFactory
        from smda.Disassembler import Disassembler

        config = McritConfig(log_level=logging.ERROR)
        config.STORAGE_CONFIG.STORAGE_METHOD = StorageFactory.STORAGE_METHOD_MEMORY
        config.QUEUE_CONFIG.QUEUE_METHOD = QueueFactory.QUEUE_METHOD_FAKE
        config.MINHASH_CONFIG.MINHASH_POOL_INDEXING = False
        config.MINHASH_CONFIG.MINHASH_POOL_MATCHING = False
        self.index, self.disassembler = MinHashIndex(config), Disassembler()

    def report(self, file: File) -> Any:
        """What SMDA tells of a file."""
        told = self.disassembler.disassembleUnmappedBuffer(file.path.read_bytes())
        told.family, told.filename = file.family, file.path.name
        return told

    def values(self, file: File, families: tuple[str, ...]) -> dict[str, np.ndarray]:
        """For each family the highest of the percentages of its samples, by their kind."""
        answer = self.index.getResultForJob(self.index.getMatchesForSmdaReport(self.report(file).toDict()))
        found = answer["matches"]["samples"]
        rows = [each["family"] for each in found]
        percent = {kind: np.array([each["matched"]["percent"][kind] for each in found], dtype=float) for kind in KINDS}
        return {kind: np.maximum(by_family(each, rows, families), 0) for kind, each in percent.items()}


def mcrit(queries: list[File], known: list[File]) -> tuple[dict[str, Ranks], list[str]]:
    """The ranks of MCRIT, and what it cost."""
    families, ranks = tuple(sorted({each.family for each in known})), {kind: Ranks() for kind in KINDS}
    index, started = Index(), time.process_time()
    reports = [index.report(each) for each in known]
    disassembled = time.process_time()
    for each in reports:
        index.index.addReport(each)
    indexed = time.process_time()
    for each in queries:
        for kind, values in index.values(each, families).items():
            ranks[kind].add(values, families, each.family, each.path.name)
    asked, many = time.process_time() - indexed, sum(each.num_functions for each in reports)
    cost = [
        f"SMDA {version('smda')}: {disassembled - started:.0f} s of processor time for {many} functions known;",
        f"MCRIT {version('mcrit')}: {indexed - disassembled:.0f} s to index them,",
        f"{asked / len(queries):.1f} s a question, its disassembly included.",
    ]
    return {f"MCRIT, {kind.replace('_', ' ')}": each for kind, each in ranks.items()}, cost


def report(folder: Path, functions: int, many: int) -> Iterator[str]:
    queries, known = tier(files_of(folder)[0], functions, many)
    yield "# Beside MCRIT\n"
    yield f"Made by `python -m benchmarks.samples.mcrit CORPUS --functions {functions} --queries {many}`: PE files"
    yield f"of at most {functions} functions."
    started = time.process_time()
    ranks = task(queries, known)
    spent = (time.process_time() - started) / len(queries)
    theirs, cost = mcrit(queries, known)
    ranks = {**ranks, "TLSH": others(queries, known, tlsh_values), **theirs}
    yield from table(f"{len(queries)} queries, {len(known)} known files", ranks, queries)
    yield f"\nOurs: {1000 * spent:.1f} ms a question over all rows of the table, profiles at hand."
    yield from cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--functions", type=int, default=250)
    parser.add_argument("--queries", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    lines = []
    for line in report(given.corpus, given.functions, given.queries):
        lines.append(line)
        print(line, flush=True)
    given.output.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
