"""What a case keeps to show that nobody changed it: an entry for each write, and what no longer agrees with them."""

from __future__ import annotations

from dataclasses import dataclass

from consilience.model.digest import digest


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One write: its place in the chain, what was done, to which id.

    `act` is import, judgement, result, ruling, disclosure or secret.
    `content` is the digest of what was written, `hash` that of this entry with the hash of the one before, `previous`.
    """

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


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold of a kept case: where, what, and what to do about it."""

    where: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} ({self.todo})"
