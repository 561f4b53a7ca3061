"""Parsing of what may be hostile, in a process that can do nothing else, and limits on what is parsed anywhere.

`worker` asks and checks the answer · `pool` has a worker for each processor · `fork_server` is the process that
parses · `shared_memory` both sides see · `landlock`, `seccomp` and `limits` are what it gives up · `protections` says
which of them this machine has · `content` unpacks up to limits · `strict_json` reads JSON that has one meaning.
"""

from consilience.sandbox.limits import Limits
from consilience.sandbox.pool import Pool
from consilience.sandbox.shared_memory import SharedMemory
from consilience.sandbox.worker import Analysis, Worker

__all__ = ["Analysis", "Limits", "Pool", "SharedMemory", "Worker"]
