"""The audit chain: each write is an entry that holds the digest of what was written and of the entry before.

Whoever edits, removes or reorders a row breaks the chain at its entry. A chain alone cannot show that its end was cut
off, or that all of it was computed anew: for that, keep the newest hash somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from consilience.model.canonical import digest

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One write: its place in the chain, what was done (`import`, `judgement`, `result`), to which id."""

    seq: int
    act: str
    of: str
    content: str
    previous: str
    hash: str

    @property
    def expected(self) -> str:
        """The hash that the other fields give."""
        return digest([self.seq, self.act, self.of, self.content, self.previous])


def entry_after(seq: int, hash: str, act: str, of: str, content: str) -> Entry:
    """The entry that follows the one with this number and hash."""
    fields = [seq + 1, act, of, content, hash]
    return Entry(seq + 1, act, of, content, hash, digest(fields))


def broken(entries: Iterable[Entry]) -> list[str]:
    """What does not hold of the chain itself, in its order; empty when every entry follows the one before."""
    faults, seq, hash = [], 0, BEGINNING
    for entry in entries:
        if entry.seq != seq + 1 or entry.previous != hash:
            faults.append(f"audit entry {entry.seq} does not follow entry {seq}")
        if entry.hash != entry.expected:
            faults.append(f"audit entry {entry.seq} was changed")
        seq, hash = entry.seq, entry.hash
    return faults


def content_digest(observations: Iterable[str], judgements: Iterable[str]) -> str:
    """The digest of a case by the sorted ids of its observations and judgements."""
    whole = hashlib.sha256()
    for name, ids in (("observations", observations), ("judgements", judgements)):
        whole.update(f"{name}\n".encode())
        for id in ids:
            whole.update(f"{id}\n".encode())
    return whole.hexdigest()
