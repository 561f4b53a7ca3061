"""How fast containers are read, and what damage does to their readers: only their own error, and never for long.

    python -m benchmarks.samples.containers FILE... [--mutations 2000] [--seed 1]

FILE is a Mach-O, a PE with .NET metadata, another program or an archive, all benign. Of each the parser is timed alone
(headers, names, marks; for an archive the unpacking) and with the code; then copies that are changed or cut by chance
are parsed. What raises anything but the reader's own error is told with its seed, and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import mmap
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from consilience.analyse.archive.kinds import HEAD, kind_of
from consilience.analyse.archive.tree import unpack
from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.macho import is_universal, slices
from consilience.analyse.sample import analyse, image_of

ROOM = 512 * 1024**2
AT_LEAST = 0.3


def parse(data: bytes, room: mmap.mmap) -> object:
    """What the parser alone does."""
    if kind_of(data[:HEAD]):
        return unpack(data, "x", room)
    if is_universal(data[:8]):
        return [image_of(data[each.offset : each.offset + each.size]) for each in slices(data)]
    return image_of(data)


def kind(data: bytes) -> str:
    """What the file is called in the table."""
    if told := kind_of(data[:HEAD]):
        return told
    return "universal" if is_universal(data[:8]) else image_of(data).format


def rate(work: Callable[[], object], size: int) -> float:
    """MB a second of processor time, over at least a third of a second."""
    turns, started = 0, time.process_time()
    while (spent := time.process_time() - started) < AT_LEAST or not turns:
        work()
        turns += 1
    return size * turns / 1e6 / spent


def damaged(data: bytes, picked: random.Random) -> bytes:
    """A copy with a few bytes changed, mostly near its ends, where headers and directories lie, or cut."""
    raw, near = bytearray(data), min(len(data), 4_096)
    for _ in range(picked.randrange(1, 6)):
        anywhere, first, last = (
            picked.randrange(len(raw)),
            picked.randrange(near),
            len(raw) - 1 - picked.randrange(near),
        )
        raw[picked.choice([anywhere, first, first, last])] = picked.choice([0, 0x7F, 0xFF, picked.randrange(256)])
    return bytes(raw[: picked.randrange(len(raw))] if picked.random() < 0.2 else raw)


def row(path: Path, mutations: int, seed: int, room: mmap.mmap) -> tuple[str, int]:
    """A row of the table, and how many errors there were that no reader may raise."""
    data = path.read_bytes()
    what, alone = kind(data), rate(lambda: parse(data, room), len(data))
    whole = f"{rate(lambda: analyse(data, path.name), len(data)):.0f}" if not kind_of(data[:HEAD]) else ""
    refused = wrong = 0
    longest = 0.0
    for turn in range(mutations):
        cut = damaged(data, random.Random(seed * 1_000_003 + turn))
        started = time.process_time()
        try:
            told = parse(cut, room)
            refused += isinstance(told, dict) and bool(told["refusals"])
        except Damaged:
            refused += 1
        except Exception as error:
            wrong += 1
            print(f"{path.name} seed {seed} turn {turn}: {type(error).__name__}: {error}", file=sys.stderr)
        longest = max(longest, time.process_time() - started)
    cells = (path.name[:40], what, f"{len(data) / 1e6:.2f}", f"{alone:.0f}", whole, mutations, refused, wrong)
    return "| " + " | ".join(str(cell) for cell in (*cells, f"{1000 * longest:.0f}")) + " |", wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--mutations", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    room, wrong = mmap.mmap(-1, ROOM), 0
    print("| file | kind | MB | parser MB/s | with code MB/s | damaged copies | refused | other errors | longest ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in given.files:
        told, many = row(path, given.mutations, given.seed, room)
        wrong += many
        print(told, flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
