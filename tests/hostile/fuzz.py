"""A coverage-guided search for bytes that break a parser: `make fuzz TARGET=stix SECONDS=120`, or all with TARGET=all.

It begins with the good file of the format and with damaged copies of it. What breaks a parser, takes more than five
seconds or more than 512 MiB is written beside as crash-DIGEST, and ends the run with an error.

The search goes on in rounds, each in a process of its own that begins with what the ones before found: watching the
comparisons of columns keeps memory that the parsers themselves give back.
"""

import math
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEBIBYTES, LONGEST, LARGEST = 512, 5, 65_536
COPIES = 200
ROUND = 30
WATCHING = 4096
"""The mebibytes of a whole round."""


def corpus(name, folder):
    """A folder with a good file of the format and damaged copies of it."""
    from tests.hostile.damage import damaged_bytes, damaged_value
    from tests.hostile.seeds import DOCUMENTS, SEEDS

    chance = random.Random(0)
    made = SEEDS.get(name, b"\x1bLJ\x02\x02")
    copies = [made, *(damaged_bytes(made, chance) for _ in range(COPIES))]
    if name in DOCUMENTS:
        copies += [damaged_value(DOCUMENTS[name], chance) for _ in range(COPIES)]
    for number, copy in enumerate(copies):
        Path(folder, str(number)).write_bytes(copy)
    return folder


def frugal(target):
    """The target, which fails where one input takes more memory than it may."""

    def watched(data):
        before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        target(data)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if after > highest and after * 1024 - before > MEBIBYTES << 20:
            raise MemoryError(f"{after * 1024 - before:,} bytes for one input")

    return watched


def search(name, seconds, folder):
    """Search in this process, beginning with what lies in the folder."""
    import atheris

    with atheris.instrument_imports(include=["consilience"]):
        from tests.hostile.targets import TARGETS
    limits = [f"-rss_limit_mb={WATCHING}", f"-timeout={LONGEST}", f"-max_len={LARGEST}", "-verbosity=0"]
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", *limits, folder], frugal(TARGETS[name]))
    atheris.Fuzz()


def main(name, seconds):
    """Search for so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        corpus(name, folder)
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            one = [sys.executable, "-m", "tests.hostile.fuzz", name, str(min(ROUND, math.ceil(left))), folder]
            if failed := subprocess.run(one, check=False).returncode:
                sys.exit(failed)
    print(f"{name}: nothing broke it in {seconds} s")


if __name__ == "__main__":
    if len(sys.argv) > 3:
        search(*sys.argv[1:])
    else:
        main(sys.argv[1], int(sys.argv[2]))
