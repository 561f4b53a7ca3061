"""Imports into cases in children that it kills; run as a program of its own by `test_kill`.

It is warm (everything is imported and the reading is built), has one thread, and forks one child for each line
`folder<TAB>seconds` on its input. The child imports; after so many seconds it is killed (`0`: before it begins, `inf`:
when it has finished), so that at either end it does not matter how loaded the machine is.
For each it prints whether the import was acknowledged before, and the seconds from its beginning to the kill.
"""

import math
import os
import select
import signal
import sys
import time

import alembic.command  # noqa: F401 (warm)

from consilience.keep import open_case
from consilience.keep.store import SqlKeeper  # noqa: F401 (warm)
from consilience.model.observation import Observation
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

MANY = 2_000
WHEN = "2024-01-01T00:00:00Z"


def reading():
    source = Source(publisher="Vendor", title="Report")
    return Reading(
        file="many.jsonl",
        format="jsonl",
        raw=b"line\n" * MANY,
        observations=tuple(
            Observation(
                subject=Subject("Vendor", f"S{n % 50}"), trait=Trait("domain-name", f"h{n}.example"), source=source
            )
            for n in range(MANY)
        ),
    )


def child(folder, given, pipe, begins):
    os.write(pipe, b"begun ")
    if not begins:
        signal.pause()
    open_case(folder).add(given, WHEN)
    os.write(pipe, b"done")
    signal.pause()


def killed(folder, seconds, given):
    mine, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            child(folder, given, theirs, begins=seconds > 0)
        finally:
            os._exit(1)
    os.close(theirs)
    said = os.read(mine, 6)
    began = time.perf_counter()
    if math.isinf(seconds):
        select.select([mine], [], [])
    else:
        time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    took = time.perf_counter() - began
    os.waitpid(pid, 0)
    while more := os.read(mine, 64):
        said += more
    os.close(mine)
    return b"done" in said, took


if __name__ == "__main__":
    READING = reading()
    for line in sys.stdin:
        place, wait = line.rstrip("\n").split("\t")
        acknowledged, passed = killed(place, float(wait), READING)
        print(int(acknowledged), passed, flush=True)
