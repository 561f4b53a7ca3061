"""Work on one sample while the one before is still being read: in threads, which wait for locked processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from consilience.model.units import MIB
from consilience.sandbox.pool import processors

T = TypeVar("T")

MOST_BYTES = 256 * MIB
"""Of samples that are worked on before their turn; one that is larger waits until no other is."""


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """Work that gives a value; `size` is the bytes it holds, and what may not be done `early` waits for its turn."""

    work: Callable[[], T]
    size: int = 0
    early: bool = True


def in_order(jobs: Iterable[Job[T]], many: int = 0) -> Iterator[T]:
    """What each job gives, in the order of the jobs; up to `many` (one for each processor) are done side by side.

    What a job raises is raised at its turn. Jobs are asked for no earlier than they may be future.
    """
    many = many or processors()
    if many == 1:
        yield from (job.work() for job in jobs)
        return
    waiting: deque[tuple[Job[T], Future[T] | None]] = deque()
    executor = ThreadPoolExecutor(many)
    try:
        for job in jobs:
            while waiting and (len(waiting) > many or sum(each.size for each, _ in waiting) + job.size > MOST_BYTES):
                yield _result(*waiting.popleft())
            waiting.append((job, executor.submit(job.work) if job.early else None))
        while waiting:
            yield _result(*waiting.popleft())
    finally:
        executor.shutdown(cancel_futures=True)


def _result(job: Job[T], future: Future[T] | None) -> T:
    return future.result() if future else job.work()
