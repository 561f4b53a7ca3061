"""A worker for each processor, so that samples are read side by side, each still in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from queue import LifoQueue

from consilience.sandbox.limits import Limits
from consilience.sandbox.worker import Analysis, Worker

MOST = 8


def processors() -> int:
    """How many samples are read side by side on this machine."""
    return max(1, min(MOST, os.cpu_count() or 1))


class Pool:
    """Workers of the same parsers, safe between threads; who asks waits while all are busy.

    A worker starts at its first sample, and the one that was used last is taken first: who reads one sample after
    another never starts a second.
    """

    def __init__(self, parsers: Mapping[str, str], limits: Limits | None = None, many: int = 0) -> None:
        self._workers = [Worker(parsers, limits) for _ in range(many or processors())]
        self._idle: LifoQueue[Worker] = LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def analyse(
        self, parser: str, sample: bytes | memoryview, name: str = "", *, shared: int = -1, limits: Limits | None = None
    ) -> Analysis:
        """How the analysis of a sample ended, as of `Worker.analyse`."""
        worker = self._idle.get()
        try:
            return worker.analyse(parser, sample, name, shared=shared, limits=limits)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()
