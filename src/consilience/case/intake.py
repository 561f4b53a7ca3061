"""Reading files into a case: each is one transaction, and one that would move much waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from consilience.assess import Watch, newest
from consilience.case.pairs import counted
from consilience.case.provenance import ASSESSMENT, DECISION
from consilience.model.assessment import Assessment
from consilience.model.digest import digest
from consilience.model.errors import Notice, Refusal
from consilience.model.protocols import Keeper, Reader
from consilience.model.reading import Reading, Receipt
from consilience.model.shift import Decision, Shift
from consilience.model.snapshot import Snapshot
from consilience.read import READERS, Matcher, read_path, rule_set
from consilience.release.rulings import Rulings
from consilience.vocab import vocabulary

RULES = "rules"
"""The format of a file of rules; also the folder of a case whose rules are always used."""


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
    desk: Rulings
    snapshot: Callable[[], Snapshot]
    assess: Callable[[str, str, str], Assessment]

    def read(
        self,
        paths: Sequence[str],
        defaults: Mapping[str, str],
        despite_shift: Decision | None = None,
        progress: Callable[[int, int], None] | None = None,
        readers: Sequence[Reader] = READERS,
        rules: Sequence[str] = (),
    ) -> list[ReadResult]:
        """What reading these files and folders gave, as of `Case.read`; `defaults` fill what a line leaves out.

        The rules of these folders are held against samples; files with faulty rules come first, with what is wrong.
        """
        readings = (reading for path in paths for reading in read_path(path, defaults, progress, readers))
        with ExitStack() as held:
            matchers = [held.enter_context(Matcher(rule_set(folder))) for folder in rules]
            faulty = [refusal for each in matchers for refusal in each.refusals]
            results = self.take((_matched(reading, matchers) for reading in readings), despite_shift)
        return [*_of_rules(faulty), *results]

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


def _matched(reading: Reading, matchers: Iterable[Matcher]) -> Reading:
    for each in matchers:
        reading = each.applied(reading)
    return reading


def _of_rules(refusals: Sequence[Refusal]) -> Iterator[ReadResult]:
    """What is wrong with rules, file by file."""
    for file in dict.fromkeys(each.file for each in refusals):
        yield ReadResult(file, RULES, 0, 0, tuple(each for each in refusals if each.file == file), ())
