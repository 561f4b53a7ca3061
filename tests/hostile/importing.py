"""Reads files into a case one after the other, measured: `importing.py CASE NEXT FILE...`.

Prints a line of JSON a file: processor seconds, the most mebibytes so far of this process and of those it started, and
the reasons that the case keeps. NEXT is a good file that is read after each.
"""

import json
import os
import resource
import sys
from pathlib import Path

from consilience.case import Case


def imported(case, path, next_file):
    """What came of reading a file and then another one."""
    began = spent()
    try:
        (result,) = case.read([path], publisher="Vendor", subject="Fam", subject_type="malware")
    except BaseException as fault:  # whatever escapes is what this looks for
        return {"escaped": f"{type(fault).__name__}: {fault}"[:300]}
    took = spent() - began
    (after,) = case.read([next_file])
    reasons = [each.what for each in (*result.refusals[:3], *result.notices[:3])]
    told = {"seconds": took, "mebibytes": peak(), "read": result.new + result.known, "reasons": reasons}
    return {**told, "next": after.new + after.known}


def spent():
    """The processor seconds of this process and of those it waited for; seconds of a clock depend on the machine."""
    return sum(os.times()[:4])


def peak():
    """The most mebibytes that this process, or one that it started, ever had in memory."""
    # What the kernel counts for a process begins with what its parent had before; for this one it is asked elsewhere.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    own = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return max(int(own.split()[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


if __name__ == "__main__":
    with Case.open(sys.argv[1]) as opened:
        for given in sys.argv[3:]:
            print(json.dumps({"file": Path(given).name, **imported(opened, given, sys.argv[2])}), flush=True)
