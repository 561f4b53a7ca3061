"""Reading files into a case: each is one transaction, and one that would move much waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from consilience.assess import Watch, newest
from consilience.case.pairs import counted
from consilience.case.walking import ASSESSMENT, DECISION
from consilience.model.assessment import Assessment
from consilience.model.canonical import digest
from consilience.model.channel import Feed
from consilience.model.errors import Notice, Refusal
from consilience.model.protocols import Keeper
from consilience.model.reading import Reading, Receipt
from consilience.model.shift import Decision, Shift
from consilience.model.snapshot import Snapshot
from consilience.read import read_path
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
    ) -> list[ReadResult]:
        """What reading these files and folders gave, as of `Case.read`; `defaults` fill what a line leaves out."""
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        watch, results = self._watch(), []
        for path in paths:
            for reading in read_path(path, defaults, progress):
                result, moved = self._taken(reading, watch, recorded, despite_shift)
                if moved and not result.held:
                    watch = self._watch()
                results.append(result)
        return results

    def take(self, reading: Reading, despite_shift: Decision | None = None, feed: Feed | None = None) -> ReadResult:
        """What keeping one reading gave; the feed it came from moves on in the same transaction."""
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        return self._taken(reading, self._watch(), recorded, despite_shift, feed)[0]

    def _taken(
        self,
        reading: Reading,
        watch: Watch,
        recorded: str,
        despite_shift: Decision | None,
        feed: Feed | None = None,
    ) -> tuple[ReadResult, Sequence[Shift]]:
        """What keeping a reading gave, or that it is held; and what it moves."""
        moved = tuple(watch.shifts(reading.observations))
        held = moved if despite_shift is None else ()
        receipt = Receipt(file=reading.file, sha256=reading.sha256, new=0, known=0)
        if not held:
            receipt = self.keeper.add(reading, recorded, feed)
            watch.took(reading.observations)
        if moved and despite_shift is not None:
            self._decide(despite_shift, reading, moved, recorded)
        told = (receipt.new, receipt.known, reading.refusals, reading.notices)
        return ReadResult(reading.file, reading.format, *told, held), moved

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
