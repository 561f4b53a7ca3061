"""How fast programs are turned into profiles: beside SMDA on the same files, from a cold start, and when locked in.

    python -m benchmarks.samples.speed CORPUS [-o RESULTS.md]

SMDA is slow, so it gets few files, none above a megabyte. All figures are processor seconds of one core, the median of
three runs that take turns. All is run in the surroundings of the process that parses, which decide how memory is taken.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from consilience.analyse.code.features import code_of
from consilience.analyse.sample import analyse, image_of, profile_in, profile_of
from consilience.model.code import CodeProfile
from consilience.read.samples.analyser import LIMITS
from consilience.read.samples.side_by_side import Job, in_order
from consilience.sandbox import Pool, Worker
from consilience.sandbox.worker import ENVIRONMENT

RESULTS = Path(__file__).parent / "results" / "speed.md"
RUNS, MOST, FEW, LARGE, SMALL, BIG = 3, 24, 10, 1_000_000, 200_000, 2_000_000
FORMATS = {"pe": "64-bit PE", "pe32": "32-bit PE", "elf": "64-bit ELF"}
OURS = """
import sys; from pathlib import Path
from consilience.analyse.sample import image_of, profile_of
profile_of(image_of(Path(sys.argv[1]).read_bytes()))
"""
SMDA = """
import sys; from pathlib import Path
from smda.Disassembler import Disassembler
Disassembler().disassembleFile(sys.argv[1])
"""

Work = Callable[[bytes], object]


def spent(works: Sequence[Work], raws: Sequence[bytes]) -> list[float]:
    """Processor seconds of each kind of work for all of these files, taking turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS):
        for place, work in enumerate(works):
            started = time.process_time()
            for raw in raws:
                work(raw)
            times[place].append(time.process_time() - started)
    return [statistics.median(each) for each in times]


def cold(script: str, path: Path) -> float:
    """Processor seconds of a process of its own for one file."""
    times = []
    for _ in range(RUNS):
        before = os.times()
        subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True)
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(times)


def chosen(paths: list[Path], many: int) -> list[Path]:
    """As many of these as asked for, evenly."""
    return paths[:: max(1, len(paths) // many)][:many]


def batch(paths: dict[str, list[Path]]) -> list[str]:
    lines = [
        "| files | how many | MB | with strings and imports, MB/s | code, MB/s | parts, MB/s |",
        "|---|---|---|---|---|---|",
    ]
    for name, title in FORMATS.items():
        raws = [path.read_bytes() for path in chosen(paths.get(name, []), MOST)]
        if not raws:
            continue
        size = sum(map(len, raws)) / 1e6
        whole, code, parts = spent(
            (lambda raw: profile_of(image_of(raw)), lambda raw: code_of(image_of(raw)), image_of), raws
        )
        lines.append(
            f"| {title} | {len(raws)} | {size:.1f} | {size / whole:.1f} | {size / code:.1f} | {size / parts:.0f} |"
        )
    return lines


def beside(paths: list[Path]) -> list[str]:
    """Ours and SMDA on the same files, each file by itself."""
    try:
        from smda.Disassembler import Disassembler
    except ImportError:
        return ["SMDA is not installed."]
    few = chosen([path for path in paths if path.stat().st_size <= LARGE], FEW)
    ratios, sizes, mine, theirs = [], 0, 0.0, 0.0
    for path in few:
        raw = path.read_bytes()
        (ours,) = spent((lambda raw: profile_of(image_of(raw)),), [raw])
        started = time.process_time()
        Disassembler().disassembleFile(str(path))
        other = time.process_time() - started
        sizes, mine, theirs = sizes + len(raw), mine + ours, theirs + other
        ratios.append(other / ours)
    one = min(few, key=lambda path: abs(path.stat().st_size - SMALL))
    start, other = cold(OURS, one), cold(SMDA, one)
    return [
        f"The same {len(few)} files of 64-bit PE up to 1 MB, {sizes / 1e6:.2f} MB: ours {sizes / 1e6 / mine:.1f} MB/s, "
        f"SMDA {sizes / 1e6 / theirs:.3f} MB/s: **{theirs / mine:.0f} times less** processor time, "
        f"by file {min(ratios):.0f} to {max(ratios):.0f}, in the middle {statistics.median(ratios):.0f}.\n",
        f"A process of its own for one file of {one.stat().st_size / 1e3:.0f} kB, start and all: "
        f"ours {start:.2f} s, SMDA {other:.2f} s, ratio {start / other:.2f}.",
    ]


def locked(raws: list[bytes]) -> tuple[float, float, float]:
    """Processor seconds without and with the locked process, both sides of it, and seconds by the clock with it."""
    free, shut, clock = [], [], []
    with Worker({"program": "consilience.analyse.sample:analyse"}, LIMITS) as worker:
        worker.analyse("program", raws[0], "")
        analyse(raws[0], "")
        for _ in range(RUNS):
            free.append(spent((lambda raw: analyse(raw, ""),), raws)[0])
            started, began = _taken(worker), time.monotonic()
            for raw in raws:
                profile_in(worker.analyse("program", raw, "").answer, hashlib.sha256(raw).hexdigest())
            shut.append(_taken(worker) - started)
            clock.append(time.monotonic() - began)
    return statistics.median(free), statistics.median(shut), statistics.median(clock)


def side_by_side(raws: list[bytes]) -> float:
    """Seconds by the clock for all of these, with a locked process for each processor."""
    clock = []
    pool = Pool({"program": "consilience.analyse.sample:analyse"}, LIMITS)

    def profiled(raw: bytes) -> CodeProfile:
        return profile_in(pool.analyse("program", raw).answer, hashlib.sha256(raw).hexdigest())

    jobs = [Job(partial(profiled, raw), len(raw)) for raw in raws]
    try:
        list(in_order(jobs))
        for _ in range(RUNS):
            began = time.monotonic()
            list(in_order(jobs))
            clock.append(time.monotonic() - began)
    finally:
        pool.close()
    return statistics.median(clock)


def _taken(worker: Worker) -> float:
    """Processor seconds of this process, of the one that parses, and of its children that have ended."""
    process = worker._process
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split() if process else ["0"] * 15
    return time.process_time() + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def isolation(paths: list[Path]) -> list[str]:
    lines = ["| files | MB each | free, s | locked, s | more | ms a sample more | samples a second | side by side |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    small = chosen([path for path in paths if path.stat().st_size <= SMALL], MOST)
    big = chosen([path for path in paths if path.stat().st_size >= BIG], MOST)
    for title, which in (("of all sizes", chosen(paths, MOST)), ("up to 200 kB", small), ("of 2 MB or more", big)):
        raws = [path.read_bytes() for path in which]
        free, shut, clock = locked(raws)
        each, together = sum(map(len, raws)) / 1e6 / len(raws), len(raws) / side_by_side(raws)
        lines.append(
            f"| {len(raws)} {title} | {each:.2f} | {free:.2f} | {shut:.2f} | {shut / free - 1:.0%} "
            f"| {(shut - free) / len(raws) * 1e3:.0f} | {len(raws) / clock:.1f} | {together:.1f} |"
        )
    return lines


def report(folder: Path, manifest: str) -> list[str]:
    rows = [json.loads(line) for line in (folder / manifest).read_text("utf-8").splitlines()]
    paths: dict[str, list[Path]] = {}
    for row in rows:
        if row["rank"] == 0:
            paths.setdefault(row["fmt"], []).append(folder / row["file"])
    profile_of(image_of(paths["pe"][0].read_bytes()))
    lines = [
        "# Speed of reading programs\n",
        "Made by `python -m benchmarks.samples.speed CORPUS`. MB of file a second",
    ]
    lines += ["of processor time of one core, on a machine shared with other work: compare ratios.\n", *batch(paths)]
    lines += ["\n## Beside SMDA\n", *beside(paths["pe"])]
    lines += ["\n## Through the locked process\n", *isolation(paths["pe"])]
    return lines


def main() -> None:
    if not ENVIRONMENT.items() <= os.environ.items():
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **ENVIRONMENT})
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--manifest", default="manifest.jsonl", help="the list of files in CORPUS")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    text = "\n".join(report(given.corpus, given.manifest)) + "\n"
    print(text)
    given.output.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
