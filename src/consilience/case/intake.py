"""Reading files into a case: each is one transaction, and one that would move much waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from consilience.assess import Watch, newest
from consilience.attribute import Models
from consilience.case.counts import counted
from consilience.case.folders import decoder_folders, rule_folders
from consilience.case.pairs import stored_assessment
from consilience.case.provenance import ASSESSMENT, DECISION
from consilience.model.digest import digest
from consilience.model.errors import Notice, Refusal
from consilience.model.knowledge import Knowledge
from consilience.model.protocols import Keeper, Progress
from consilience.model.reading import Reading, Receipt
from consilience.model.shift import Decision, Shift
from consilience.read import Matcher, read_path, readers_with, rule_set
from consilience.vocab import vocabulary

_RULE_FORMAT = "rules"


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
    """Takes files into a case; `folder` is that of the case, empty where it has none."""

    keeper: Keeper
    models: Models
    folder: str = ""

    def read(
        self,
        paths: Sequence[str],
        defaults: Mapping[str, str],
        despite_shift: Decision | None = None,
        progress: Progress | None = None,
        decoders: Sequence[str] = (),
        rules: str = "",
    ) -> list[ReadResult]:
        """What reading these files and folders gave, as of `Case.read`; `defaults` fill what a line leaves out.

        Samples are compared with the rules of a folder and of the case; files with faulty rules come first, with what
        is wrong.
        """
        readers = readers_with(decoder_folders(self.folder, decoders))
        readings = (reading for path in paths for reading in read_path(path, defaults, progress, readers))
        with ExitStack() as opened:
            matchers = [opened.enter_context(Matcher(rule_set(folder))) for folder in rule_folders(self.folder, rules)]
            faulty = [refusal for each in matchers for refusal in each.refusals]
            results = self.take((_matched(reading, matchers) for reading in readings), despite_shift)
        return [*_of_rules(faulty), *results]

    def take(self, readings: Iterable[Reading], despite_shift: Decision | None = None) -> list[ReadResult]:
        """What keeping each of these readings gave; one that would move much is held, unless a person decided.

        What the case knows is read only when a reading concerns an assessment that it keeps.
        """
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        watch, results = self._watch(Knowledge(self.keeper)), []
        for reading in readings:
            moved = watch.shifts(reading.observations)
            held = moved if despite_shift is None else ()
            receipt = Receipt(file=reading.file, sha256=reading.sha256, new=0, known=0)
            if not held:
                receipt = self.keeper.add(reading, recorded)
                watch.took(reading.observations)
            if moved and despite_shift is not None:
                known = Knowledge(self.keeper)
                self._decide(despite_shift, reading, moved, recorded, known)
                watch = self._watch(known)
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

    def _watch(self, known: Knowledge) -> Watch:
        """The assessments of the case, against which each reading is compared; not those made for partners on less."""
        theirs = {entry.assessment for entry in self.keeper.disclosures() if not entry.whole}
        ours = (row for id, row in self.keeper.results() if id.startswith(ASSESSMENT) and id not in theirs)
        return Watch(newest(ours), lambda: known.snapshot().observations, counted, vocabulary())

    def _decide(
        self, decision: Decision, reading: Reading, moved: Sequence[Shift], recorded: str, known: Knowledge
    ) -> None:
        """Keep a decision with what it moved, and each moved assessment as it now is."""
        pairs = dict.fromkeys((row.a, row.b, row.as_of) for row in moved)
        again = {stored_assessment(self.keeper, known.snapshot(as_of), a, b, self.models).id for a, b, as_of in pairs}
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
        yield ReadResult(file, _RULE_FORMAT, 0, 0, tuple(each for each in refusals if each.file == file), ())
