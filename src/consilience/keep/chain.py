"""The audit chain: each write is an entry that holds the digest of what was written and of the entry before.

Whoever edits, removes or reorders a row breaks the chain at its entry. A chain alone cannot show that its end was cut
off, or that all of it was computed anew: for that, keep the newest hash somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from consilience.model.audit import AuditEntry, Fault

BEGINNING = AuditEntry(0, "", "", "", "", "0" * 64)
_RESTORE = "restore the case from a copy, or find in one what was changed"


def entry_after(last: AuditEntry, act: str, of: str, content: str) -> AuditEntry:
    """The entry that follows this one."""
    entry = AuditEntry(last.seq + 1, act, of, content, last.hash, "")
    return replace(entry, hash=entry.expected)


def faults_of(
    entries: Sequence[AuditEntry], content: Callable[[str, str], str], held: Mapping[str, int]
) -> Iterator[Fault]:
    """What does not hold of a chain and of what it records; the first names the earliest broken entry.

    `content` gives the digest of what one act wrote under one id, as it now is; `held` how many ids of each act the
    case holds.
    """
    yield from broken(entries)
    for entry in entries:
        if content(entry.act, entry.of) != entry.content:
            yield Fault(f"{entry.act} {entry.of}", f"is not as audit entry {entry.seq} recorded it", _RESTORE)
    for act, count in held.items():
        noted = len({entry.of for entry in entries if entry.act == act})
        if count != noted:
            yield Fault(f"every {act}", f"the case holds {count}, and the audit chain {noted}", _RESTORE)


def raw_fault(sha256: str, raw: bytes | None) -> Iterator[Fault]:
    """A fault when these are not the bytes that were read under this digest."""
    if raw is None or hashlib.sha256(raw).hexdigest() != sha256:
        state = "is missing" if raw is None else "is damaged"
        yield Fault(f"raw {sha256}", state, "read the original file again; its bytes are then kept anew")


def broken(entries: Iterable[AuditEntry]) -> Iterator[Fault]:
    """What does not hold of the chain itself, in its order; nothing when every entry follows the one before."""
    last = BEGINNING
    for entry in entries:
        where = f"audit entry {entry.seq}"
        if entry.seq != last.seq + 1 or entry.previous != last.hash:
            yield Fault(where, f"does not follow entry {last.seq}", _RESTORE)
        if entry.hash != entry.expected:
            yield Fault(where, "was changed", _RESTORE)
        last = entry


def cut_off(seq: int) -> Fault:
    """The fault of a chain that has no entry of the hash that was kept elsewhere, and ends at this one."""
    return Fault(f"after audit entry {seq}", "the entry whose hash was kept elsewhere is missing", _RESTORE)


def content_digest(observations: Iterable[str], judgements: Iterable[str]) -> str:
    """The digest of a case by the sorted ids of its observations and judgements."""
    whole = hashlib.sha256()
    for name, ids in (("observations", observations), ("judgements", judgements)):
        whole.update(f"{name}\n".encode())
        for id in ids:
            whole.update(f"{id}\n".encode())
    return whole.hexdigest()
