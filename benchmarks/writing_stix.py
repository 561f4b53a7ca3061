"""How long statements take to become a STIX bundle and to come back, and whether what comes back is the same case.

Writes what the bundle of `reading.py` states (100,000 objects go in, more come out) and, where the file is there, what
a release of ATT&CK states: in both profiles, then reads the lossless one and compares the digests of the cases. Last,
how soon bundles nested 100,000 levels deep are refused. With the paths of other files, those are read instead.
"""

import json
import resource
import sys
import time
from pathlib import Path

from reading import bundle

from consilience.keep import MemoryKeeper
from consilience.model.parcel import Parcel
from consilience.model.reading import Reading
from consilience.read.stix import StixBundle
from consilience.share import convert

ATTACK = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "attack" / "attack-11.3.json.gz"
DEPTH = 100_000


def case_of(observations):
    """A case of these statements alone."""
    keeper = MemoryKeeper()
    keeper.add(Reading(file="f", format="stix", raw=b"", observations=tuple(observations)), "2024-01-01T00:00:00Z")
    return keeper


def timed(what, *args):
    """What a call gives, with its seconds on the clock and of the processor."""
    start = time.perf_counter(), time.process_time()
    found = what(*args)
    return found, time.perf_counter() - start[0], time.process_time() - start[1]


def told(seconds, cpu, objects):
    return f"{seconds:.2f} s ({cpu:.2f} s of the processor), {seconds * 100_000 / objects:.2f} s for 100,000 objects"


def report(name, raw):
    reading, seconds, _ = timed(StixBundle().read, raw, name, {"publisher": "P"})
    before = case_of(reading.observations)
    parcel = Parcel(observations=tuple(before.observations()))
    print(f"{name}: {len(parcel.observations):,} statements, read in {seconds:.2f} s")
    for form in ("stix-plain", "stix"):
        made, *spent = timed(convert, parcel, form)
        objects = made.content.count(b"\n") - 2
        size = len(made.content) / 1e6
        print(f"  {form}: {objects:,} objects, {size:.0f} MB, {told(*spent, objects)}, {len(made.losses)} losses")
    again, *spent = timed(StixBundle().read, made.content, "again", {})
    same = case_of(again.observations).digest() == before.digest()
    print(f"  read back: {told(*spent, objects)}, {len(again.refusals)} refused, digest of the case the same: {same}")
    print(f"  peak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def deep():
    """Bundles that are deep as a whole, and in one object."""
    brackets = b"[" * DEPTH + b"]" * DEPTH
    within = b'{"type":"bundle","objects":[{"type":"tool","id":"tool--1","name":"x","x":' + brackets + b"}]}"
    for where, raw in (("as a whole", b'{"type":"bundle","objects":' + brackets + b"}"), ("in one object", within)):
        found, seconds, _ = timed(StixBundle().read, raw, "deep", {})
        print(f"{DEPTH:,} levels deep {where}: {len(found.refusals)} refused in {seconds:.2f} s")


def main() -> None:
    if sys.argv[1:]:
        for path in map(Path, sys.argv[1:]):
            report(path.name, path.read_bytes())
        return
    report("bundle of 100,000 objects", json.dumps(bundle()).encode())
    if ATTACK.exists():
        report(ATTACK.name, ATTACK.read_bytes())
    deep()


if __name__ == "__main__":
    main()
