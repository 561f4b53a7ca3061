"""How fast programs are turned into profiles, beside SMDA on the same files, and one small file from a cold start.

    python -m benchmarks.samples.speed CORPUS [-o RESULTS.md]

SMDA is slow, so it gets few and small files. All figures are processor seconds of one core.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "speed.md"
MOST, SMALL, LARGE = 24, 6, 400_000
OURS = """
import sys; from pathlib import Path
from consilience.read.sample.measured import image_of, profile_of
profile_of(image_of(Path(sys.argv[1]).read_bytes()))
"""
SMDA = """
import sys; from pathlib import Path
from smda.Disassembler import Disassembler
Disassembler().disassembleFile(sys.argv[1])
"""


def spent(work: Callable[[bytes], object], raws: list[bytes]) -> float:
    """Processor seconds for all of these files, the best of two."""
    times = []
    for _ in range(2):
        started = time.process_time()
        for raw in raws:
            work(raw)
        times.append(time.process_time() - started)
    return min(times)


def cold(script: str, path: Path) -> float:
    """Processor seconds of a process of its own for one file, the best of three."""
    times = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True)
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(times)


def report(folder: Path) -> list[str]:
    from consilience.read.sample.code.features import code_of
    from consilience.read.sample.measured import image_of, profile_of

    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]
    paths = [folder / row["file"] for row in rows if row["fmt"] == "pe" and row["rank"] == 0]
    raws = [path.read_bytes() for path in paths[:: max(1, len(paths) // MOST)]]
    profile_of(image_of(raws[0]))
    size, whole = sum(map(len, raws)) / 1e6, spent(lambda raw: profile_of(image_of(raw)), raws)
    code = spent(lambda raw: code_of(image_of(raw)), raws)
    lines = ["# Speed of reading programs\n", "Made by `python -m benchmarks.samples.speed CORPUS`.\n"]
    lines += ["| work | files | MB | MB of file a processor second |", "|---|---|---|---|"]
    lines.append(f"| code, strings and imports | {len(raws)} | {size:.1f} | {size / whole:.1f} |")
    lines.append(f"| code | {len(raws)} | {size:.1f} | {size / code:.1f} |")
    small = [path for path in paths if path.stat().st_size <= LARGE]
    few = small[:: max(1, len(small) // SMALL)][:SMALL]
    try:
        from smda.Disassembler import Disassembler
    except ImportError:
        return [*lines, "\nSMDA is not installed."]
    ours_of = [path.read_bytes() for path in few]
    megabytes, ours = sum(map(len, ours_of)) / 1e6, spent(lambda raw: profile_of(image_of(raw)), ours_of)
    started = time.process_time()
    for path in few:
        Disassembler().disassembleFile(str(path))
    theirs = time.process_time() - started
    lines.append(f"| the same on small files | {len(few)} | {megabytes:.2f} | {megabytes / ours:.1f} |")
    lines.append(f"| SMDA on those | {len(few)} | {megabytes:.2f} | {megabytes / theirs:.3f} |")
    lines.append(f"\nOn the same files ours takes {theirs / ours:.0f} times less processor time than SMDA.")
    one = min(few, key=lambda path: abs(path.stat().st_size - LARGE // 2))
    mine, other = cold(OURS, one), cold(SMDA, one)
    told = f"A process of its own for one file of {one.stat().st_size / 1e3:.0f} kB, start and all"
    lines.append(f"{told}: ours {mine:.2f} s, SMDA {other:.2f} s, ratio {mine / other:.2f}.")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    text = "\n".join(report(given.corpus)) + "\n"
    print(text)
    given.output.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
