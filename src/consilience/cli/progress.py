"""A bar on standard error for long work."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 0.7
"""Seconds of work before a bar appears; what ends sooner needs none."""


class Bar:
    """A bar that appears when work has taken a while; call it with how much is done and how much there is."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._started = time.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` is done, once the work has taken a while."""
        if self._shown is None:
            if time.monotonic() - self._started < PATIENCE:
                return
            self._shown = self._appear(total)
        progress, task = self._shown
        progress.update(task, completed=done, total=total)

    def _appear(self, total: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import Progress

        progress = Progress(console=Console(stderr=True), transient=True)
        progress.start()
        return progress, progress.add_task(self._title, total=total)

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown[0].stop()


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar while the block runs, or None when nobody watches standard error."""
    if not sys.stderr.isatty():
        yield None
        return
    shown = Bar(title)
    try:
        yield shown
    finally:
        shown.close()
