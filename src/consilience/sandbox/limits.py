"""What one analysis may use: processor, memory, descriptors, answer, time."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

from consilience.model.units import MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one analysis; `cpu` and `wall` in seconds, `memory` (of addresses) and `answer` in bytes.

    One that `compiles` may run what it made in memory and start threads: rules are compiled, and watched by a thread.
    """

    cpu: int = 10
    wall: float = 20.0
    memory: int = 512 * MIB
    answer: int = 4 * MIB
    descriptors: int = 16
    compiles: bool = False

    def as_record(self) -> dict[str, float]:
        """The limits as JSON."""
        return asdict(self)


def apply(limits: Limits) -> list[str]:
    """The names of the limits that this system accepted; they cannot be raised again."""
    if sys.platform == "win32":
        return []
    import resource

    limits_by_name = {
        "cpu": (resource.RLIMIT_CPU, limits.cpu),
        "memory": (resource.RLIMIT_AS, limits.memory),
        "file size": (resource.RLIMIT_FSIZE, 0),
        "descriptors": (resource.RLIMIT_NOFILE, limits.descriptors),
        "core dump": (resource.RLIMIT_CORE, 0),
    }
    accepted = []
    for name, (which, value) in limits_by_name.items():
        try:
            resource.setrlimit(which, (value, value + (1 if name == "cpu" else 0)))
        except (ValueError, OSError):
            continue
        accepted.append(name)
    return accepted
