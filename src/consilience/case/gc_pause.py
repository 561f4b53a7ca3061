"""A pause of the garbage collector, for work that makes many values and drops few."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Within the block the garbage collector does not run: a case has very many values, and each run looks at all.

    Values that nothing refers to are freed as usual. Where the collector was off before, it stays off.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
