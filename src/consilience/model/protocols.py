"""The plug points: what a reader, a keeper and a writer must do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from consilience.model.assessment import Assessment
from consilience.model.audit import AuditEntry, Fault
from consilience.model.channel import ApiKey, LogEntry
from consilience.model.code import SampleCode
from consilience.model.observation import Observation
from consilience.model.parcel import Conversion, Parcel
from consilience.model.partner import Disclosure
from consilience.model.reading import ImportRow, Reading, Receipt
from consilience.model.relation import Judgement
from consilience.model.ruling import Ruling

Progress = Callable[[int, int], None]
"""Called with what is done and what there is in all: bytes of a file as it lies on disk, or pairs, or reports."""


class Keeper(Protocol):
    """Keeps a case: append-only, bitemporal, idempotent, one transaction an import.

    Every method leaves the case either as it was or wholly changed, also when the process is killed.
    """

    def add(self, reading: Reading, recorded: str) -> Receipt:
        """What keeping this reading changed; its raw bytes are kept under their SHA-256.

        `recorded` (ISO date and time, UTC) is when we learned it. An observation that the case has keeps the date at
        which it was first recorded.
        """

    def observations(self, recorded_by: str = "") -> Iterator[Observation]:
        """The observations recorded up to and including this time (all when empty), in the order of their ids."""

    def codes(self) -> Iterator[SampleCode]:
        """What the code of the samples of this case is made of, in the order of their ids."""

    def imports(self) -> Sequence[ImportRow]:
        """What was read, oldest first."""

    def raw(self, sha256: str) -> bytes:
        """The raw bytes kept under this digest. Raises UnknownId when the case has none."""

    def digest(self) -> str:
        """A digest of the set of observations and judgements: equal for equal content in any order of reading."""

    def judge(self, judgement: Judgement) -> None:
        """Keep a named analyst's word on a pair; nothing is replaced."""

    def judgements(self, a: str = "", b: str = "") -> Sequence[Judgement]:
        """The judgements on a pair in either order (on all pairs when empty), oldest first."""

    def keep_result(self, id: str, document: Mapping[str, object]) -> None:
        """Keep a result document under its id, so that `why` can walk its numbers later; the same id once only."""

    def results(self) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """The kept result documents with their ids, newest first."""

    def rule(self, ruling: Ruling) -> None:
        """Keep a decision of a named person; nothing is replaced."""

    def rulings(self) -> Sequence[Ruling]:
        """The rulings in the order in which they were kept."""

    def disclose(self, disclosure: Disclosure, document: Mapping[str, object]) -> None:
        """Keep the result document that is told, as `keep_result` does, and to whom, in one transaction."""

    def disclosures(self, partner: str = "") -> Sequence[Disclosure]:
        """What was told, to this partner or (when empty) to anybody, in the order in which it was told."""

    def secret(self) -> bytes:
        """The secret of this case, made at the first call and the same ever after; it never leaves the case."""

    def publish(self, partner: str, entries: Sequence[LogEntry]) -> None:
        """Add entries to what this partner may fetch, in one transaction; their `seq` goes on from its end, from 1.

        Nothing is added, and CaseError raised, when somebody else added entries meanwhile.
        """

    def release_log(self, partner: str, after: int = 0) -> Iterable[LogEntry]:
        """What was added for this partner beyond this place, in the order in which it was added."""

    def keep_key(self, key: ApiKey) -> None:
        """Keep this state of a key of a partner; the newest state of an id holds."""

    def api_keys(self) -> Sequence[ApiKey]:
        """The keys as they now are, in the order of their ids."""

    def audit(self) -> Iterable[AuditEntry]:
        """The entries of the audit chain, newest first: one for each write of any of the methods above."""

    def verify(self) -> Sequence[Fault]:
        """What does not hold of the audit chain and of what it tells of; empty when all is as it was written.

        Every row, and the raw bytes of every file, are read for it. It cannot tell that the end of a chain was cut off
        together with its rows, or that all of it was made anew: for that, keep the newest hash somewhere else.
        """

    def close(self) -> None:
        """Let go of files and connections."""


@runtime_checkable
class Reader(Protocol):
    """Reads one format."""

    name: str

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the first bytes of a file (and, where content cannot tell, its name) are of this format."""

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations of a file; `defaults` fill fields a line leaves out. Bad lines become refusals."""


@runtime_checkable
class Writer(Protocol):
    """Writes an assessment in one format."""

    name: str

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The assessment as a document, with these judgements of analysts beside it; the same bytes for the same.

        Raises InputError when there are judgements and the format has no place for them.
        """


@runtime_checkable
class ParcelWriter(Protocol):
    """Writes many statements at once, and the assessments made on them, in one format."""

    name: str

    def convert(self, parcel: Parcel) -> Conversion:
        """The parcel as a document, and what the format could not hold; the same bytes for the same.

        Nothing is lost without a line in the losses: they are shown before anything is written.
        """
