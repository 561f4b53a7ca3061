"""Memory for what a locked process takes out of a sample: it can neither grow nor shrink, and no file holds it."""

from __future__ import annotations

import mmap
import os
from types import TracebackType


class SharedMemory:
    """So many bytes, all zero and not yet used, that a locked process may write and this one then reads.

    A context manager; what `view` gave stays readable after it. Raises OSError where the system has no memory that can
    be sealed.
    """

    def __init__(self, size: int) -> None:
        if not hasattr(os, "memfd_create"):
            raise OSError("this system has no memory that can be sealed")
        self.descriptor = os.memfd_create("memory", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, max(size, 1))
        _seal(self.descriptor, "F_SEAL_GROW", "F_SEAL_SHRINK")

    def __enter__(self) -> SharedMemory:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self.descriptor)

    def view(self) -> memoryview:
        """The bytes, which nobody can change any more. Raises OSError while a process that may write is alive."""
        _seal(self.descriptor, "F_SEAL_WRITE", "F_SEAL_SEAL")
        return memoryview(mmap.mmap(self.descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ))


def _seal(descriptor: int, *names: str) -> None:
    # Not every system has this module, and those that lack it have no such memory either.
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, sum(getattr(fcntl, name) for name in names))
