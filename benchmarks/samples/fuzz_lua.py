"""Fuzzing targets of the Lua readers: whatever the bytes, only DumpError, and never for long.

    benchmarks/samples/fuzz_lua.py [--seconds 120] SEED_FILE...

With atheris installed (a coverage-guided fuzzer) it drives `one_input`; without it, the seeds are damaged by chance.
Seeds are dumps or sources; what breaks is written beside the program as crash-DIGEST.
"""

import argparse
import hashlib
import random
import resource
import sys
import time
from pathlib import Path

from consilience.read.sample.lua import (
    DumpError,
    components,
    conformance,
    features,
    find_dumps,
    read_dump,
    read_source,
    source_features,
)

LONGEST = 5.0
MEMORY = 512 * 1024**2


def one_input(data):
    """Everything that may be done with bytes of unknown origin."""
    for target in (_dump, _within, _source):
        try:
            target(data)
        except DumpError:
            continue


def _dump(data):
    dump = read_dump(data)
    conformance(dump)
    components(dump)
    features(dump)


def _within(data):
    list(find_dumps(data))


def _source(data):
    source_features(read_source(data))


def _damaged(seeds, chance):
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            data[at : at + 1] = bytes((chance.randrange(256),))
        elif kind == 1:
            del data[at : at + chance.randint(1, 16)]
        elif kind == 2:
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            data[at:at] = other[start : start + chance.randint(1, 64)]
        elif kind == 3:
            data[at : at + 5] = b"\xff\xff\xff\xff\x0f"
        else:
            data[at : at + 1] = bytes((chance.choice((0, 1, 5, 0x7F, 0x80, 0xFF)),))
    return bytes(data)


def _by_chance(seeds, seconds):
    chance = random.Random(0)
    end = time.monotonic() + seconds
    inputs = slowest = 0
    while time.monotonic() < end:
        data = _damaged(seeds, chance)
        begun = time.process_time()
        try:
            one_input(data)
        except Exception:
            Path(f"crash-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
            raise
        slowest = max(slowest, time.process_time() - begun)
        inputs += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{inputs:,} inputs, only our own error; slowest {slowest:.2f} s of CPU, memory at most {peak} MiB")
    return 1 if slowest > LONGEST or peak * 1024**2 > MEMORY else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("seeds", type=Path, nargs="+")
    options = parser.parse_args()
    try:
        import atheris
    except ImportError:
        sys.exit(_by_chance([path.read_bytes() for path in options.seeds], options.seconds))
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={options.seconds:.0f}", *map(str, options.seeds)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
