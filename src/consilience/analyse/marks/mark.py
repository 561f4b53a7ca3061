"""One thing that a program shows about itself, on its way out of the locked process."""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """A kind of `vocab/kinds.toml` with its value, where in the file it stands, and what is odd about it.

    `confidence` is *low* for what anybody can set; `role` is that of an observation. It leaves the locked process as a
    list of its six texts.
    """

    kind: str
    value: str
    where: str = ""
    note: str = ""
    confidence: str = ""
    role: str = ""
