"""Imports into cases in children that are killed; run as a program of its own by `test_kill`.

It is warm (everything is imported and the reading is built), has one thread, and forks one child for each line
`folder<TAB>seconds` on its input. The child imports, and the kernel ends it, with no chance to tidy up, when it has
used so many seconds of the processor: those of a clock would depend on what else the machine does. A child that has
finished is killed then. For each it prints whether the import was acknowledged, and the processor seconds it used.
"""

import math
import os
import signal
import sys

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


def child(folder, seconds, given, pipe):
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # which ends the process
    if not seconds:
        os.kill(os.getpid(), signal.SIGKILL)
    signal.setitimer(signal.ITIMER_PROF, 0 if math.isinf(seconds) else seconds)
    open_case(folder).add(given, WHEN)
    os.write(pipe, b"done")
    signal.pause()


def killed(folder, seconds, given):
    mine, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            child(folder, seconds, given, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    done = os.read(mine, 4) == b"done"
    if done:
        os.kill(pid, signal.SIGKILL)
    os.close(mine)
    _, status, used = os.wait4(pid, 0)
    assert os.WIFSIGNALED(status), "the import failed"
    return done, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    READING = reading()
    for line in sys.stdin:
        place, wait = line.rstrip("\n").split("\t")
        acknowledged, passed = killed(place, float(wait), READING)
        print(int(acknowledged), passed, flush=True)
