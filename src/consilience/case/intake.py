"""Reading files into a case: each is one transaction, and one that would move much waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from consilience.assess import Watch, newest
from consilience.case.pairs import counted
from consilience.case.walking import ASSESSMENT, DECISION
from consilience.model.assessment import Assessment
from consilience.model.canonical import digest
from consilience.model.errors import Notice, Refusal
from consilience.model.protocols import Keeper
from consilience.model.reading import Reading, Receipt
from consilience.model.shift import Decision, Shift
from consilience.model.snapshot import Snapshot
from consilience.read import READERS, read_path
from consilience.read.content import Format
from consilience.share.desk import Desk
from consilience.vocab import vocabulary


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading one file gave; where `held` has a row, it waits for a person and nothing of it was kept."""

    file: str
    format: str
    new: int
    known: int
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]
    held: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes files into a case; `snapshot` gives what it knows, `assess` assesses a pair again and keeps the result."""

    keeper: Keeper
    desk: Desk
    snapshot: Callable[[], Snapshot]
    assess: Callable[[str, str, str], Assessment]

    def read(
        self,
        paths: Sequence[str],
        defaults: Mapping[str, str],
        despite_shift: Decision | None = None,
        progress: Callable[[int, int], None] | None = None,
        readers: Sequence[Format] = READERS,
    ) -> list[ReadResult]:
        """What reading these files and folders gave, as of `Case.read`; `defaults` fill what a line leaves out."""
        readings = (reading for path in paths for reading in read_path(path, defaults, progress, readers))
        return self.take(readings, despite_shift)

    def take(self, readings: Iterable[Reading], despite_shift: Decision | None = None) -> list[ReadResult]:
        """What keeping each of these readings gave; one that would move much is held, unless a person decided."""
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        watch, results = self._watch(), []
        for reading in readings:
            moved = watch.shifts(reading.observations)
            held = moved if despite_shift is None else ()
            receipt = Receipt(file=reading.file, sha256=reading.sha256, new=0, known=0)
            if not held:
                receipt = self.keeper.add(reading, recorded)
                watch.took(reading.observations)
            if moved and despite_shift is not None:
                self._decide(despite_shift, reading, moved, recorded)
                watch = self._watch()
            results.append(
                ReadResult(
                    reading.file,
                    reading.format,
                    receipt.new,
                    receipt.known,
                    reading.refusals,
                    reading.notices,
                    held,
                )
            )
        return results

    def _watch(self) -> Watch:
        theirs = self.desk.partial()
        ours = (row for id, row in self.keeper.results() if id.startswith(ASSESSMENT) and id not in theirs)
        return Watch(newest(ours), lambda: self.snapshot().observations, counted, vocabulary())

    def _decide(self, decision: Decision, reading: Reading, moved: Sequence[Shift], recorded: str) -> None:
        """Keep a decision with what it moved, and each moved assessment as it now is."""
        again = {self.assess(row.a, row.b, row.as_of).id for row in moved}
        document = {
            "file": reading.file,
            "sha256": reading.sha256,
            **asdict(decision),
            "recorded": recorded,
            "moved": [asdict(row) for row in moved],
            "assessed_again": sorted(again),
        }
        self.keeper.keep_result(DECISION + digest(document)[:20], document)
