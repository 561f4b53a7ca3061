"""Work that builds many values and drops few, without the interpreter looking through all of them again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Inside, no search for values that hold each other: a case has very many, and each search sees all.

    What nobody holds is let go of as ever. Who was without the search before stays without it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
