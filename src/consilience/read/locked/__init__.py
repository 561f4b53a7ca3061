"""Parsing of what may be hostile, in a process that can do nothing else.

`worker` asks and checks the answer · `pool` has a worker for each processor · `zygote` is the process that parses ·
`room` is memory that both see · `landlock`, `seccomp` and `limits` are what it gives up · `protections` tells which of
them this machine has.
"""

from consilience.read.locked.limits import Limits
from consilience.read.locked.pool import Pool
from consilience.read.locked.room import Room
from consilience.read.locked.worker import Analysis, Worker

__all__ = ["Analysis", "Limits", "Pool", "Room", "Worker"]
