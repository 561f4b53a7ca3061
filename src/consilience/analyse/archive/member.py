"""One member of an archive, before it is known what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from consilience.analyse.containers.bounds import Damaged


class Stream(Protocol):
    """Bytes that can be read once, a piece at a time."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, `size` at most; none at the end. Raises Damaged."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member: its name, its bytes (`size` of them), their CRC-32 where it is stated, and why it is refused."""

    name: str
    size: int = 0
    stream: Stream | None = None
    check: int | None = None
    fault: Damaged | None = None


Members = Iterator[Member]
"""The members of an archive in their order. The bytes of one must be read before the next is asked for."""
