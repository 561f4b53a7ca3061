"""Holds the rules of a team against the samples that are read; matches become observations of the sample."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from types import TracebackType
from typing import Any

from consilience.model.errors import Refusal
from consilience.model.observation import Observation
from consilience.model.printable import escaped
from consilience.model.reading import Reading
from consilience.model.trait import Trait
from consilience.model.units import MIB
from consilience.read.rules.ruleset import LENGTH, SCAN_SECONDS, RuleFile, RuleSet
from consilience.sandbox import Limits, Worker

KIND = "code:rule"
LIMITS = Limits(cpu=300, wall=600.0, memory=3072 * MIB, answer=160 * MIB, compiles=True)
"""Compiling thousands of rules takes minutes; one sample is stopped long before, by the time-out of the scanner."""

NAMED = ("family", "malware", "malware_family", "description", "author", "reference")
"""The metadata of a rule that go into the note. A family that a rule names is its author's claim and merges nothing."""

_DIGITS, _LONGEST, _PLACES = 12, 500, 5


class Matcher:
    """Rules, compiled once, for any number of readings; a context manager, because it holds a process.

    `refusals` tell what is wrong with the rules, all of it at once; the rules that are in order are used.
    """

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.refusals = list(rules.refusals)
        self._worker: Worker | None = None
        self._compiled = self._compile() if rules.files else b""

    def __enter__(self) -> Matcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._worker is not None:
            self._worker.close()

    def applied(self, reading: Reading) -> Reading:
        """The reading with an observation for each rule that a sample in it matches; of what holds none, as it is.

        A sample on which the rules take too long, or fail, is read without them, and a refusal says so.
        """
        if self._compiled and self._worker is not None:
            for seen, sample in _samples_in(reading):
                reading = self._matched(self._worker, reading, seen, sample)
        return reading

    def _matched(self, worker: Worker, reading: Reading, seen: Observation, sample: bytes) -> Reading:
        asked = len(self._compiled).to_bytes(LENGTH, "big") + self._compiled + sample
        found = worker.analyse("match", asked, reading.file)
        answer = found.answer if isinstance(found.answer, dict) else {}
        failed = found.failed
        if answer.get("timed_out"):
            failed = f"the rules took longer than {SCAN_SECONDS} seconds on it"
        try:
            matches = () if failed else tuple(self._observations(answer, seen))
        except (LookupError, TypeError, ValueError):
            matches, failed = (), "the answer about rules is not what an answer must be"
        if failed:
            todo = "what the rules say of it is not known; leave out slow rules and read it again"
            refusal = Refusal(reading.file, 0, "rules", escaped(failed), todo)
            return replace(reading, refusals=(*reading.refusals, refusal))
        return replace(reading, observations=(*reading.observations, *matches))

    def _compile(self) -> bytes:
        """The compiled rules; empty, with a refusal for each file, when nothing can be compiled."""
        if find_spec("yara_x") is None:
            self._refuse_all("is not used: YARA-X is not installed", "pip install 'consilience[rules]'")
            return b""
        module = "consilience.read.rules.matching"
        self._worker = Worker({"compile": f"{module}:compile_rules", "match": f"{module}:match"}, LIMITS)
        texts = json.dumps([each.text for each in self.rules.files]).encode()
        found = self._worker.analyse("compile", texts)
        if found.failed:
            self._refuse_all(f"is not used: {escaped(found.failed)}", "divide the rules into smaller folders")
            return b""
        try:
            for number, line, what in found.answer["faults"]:
                file = self._file(number)
                todo = "correct the rule; the others are used"
                self.refusals.append(Refusal(file.path, int(line), "rule", escaped(str(what)), todo))
            return base64.b64decode(found.answer["rules"], validate=True)
        except (LookupError, TypeError, ValueError):
            self._refuse_all("is not used: the answer about rules is not what an answer must be", "report this")
            return b""

    def _file(self, number: Any) -> RuleFile:
        if not isinstance(number, int) or not 0 <= number < len(self.rules.files):
            raise ValueError("no file has this number")
        return self.rules.files[number]

    def _refuse_all(self, what: str, todo: str) -> None:
        self.refusals += [Refusal(each.path, 0, "", what, todo) for each in self.rules.files]

    def _observations(self, answer: dict[str, Any], sample: Observation) -> Iterator[Observation]:
        for number, rule, meta, places, more in answer["matches"]:
            file = self._file(number)
            value = escaped(f"{file.name}:{rule}"[:_LONGEST])
            metadata = [f"{key}: {text}" for key, text in meta if str(key).lower() in NAMED]
            note = "; ".join([f"rules {self.rules.digest[:_DIGITS]}", *metadata])
            yield replace(
                sample,
                id="",
                trait=Trait(KIND, value),
                printed=value,
                where=escaped(_places_text(places, int(more)))[:_LONGEST],
                note=escaped(note[:_LONGEST]),
            )


def _samples_in(reading: Reading) -> list[tuple[Observation, bytes]]:
    """What is said of the digest of each sample whose bytes are in the reading, with these bytes."""
    held = {**reading.parts, reading.sha256: reading.raw}
    found = {
        seen.trait.value: seen
        for seen in reversed(reading.observations)
        if seen.trait.kind == "file:sha256" and seen.trait.value in held
    }
    return [(seen, bytes(held[value])) for value, seen in reversed(found.items())]


def _places_text(places: list[Any], more: int) -> str:
    shown = ", ".join(f"{pattern} at {int(offset):#x}" for pattern, offset in places[:_PLACES])
    more += max(0, len(places) - _PLACES)
    if not shown:
        return "the whole file"
    return f"{shown} and {more} more" if more else shown
