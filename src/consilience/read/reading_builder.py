"""What one file gave so far: good observations, refusals, and what the user should know once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from consilience.model.errors import Notice, Refusal, Rejected
from consilience.model.observation import Observation
from consilience.model.printable import escaped, quoted
from consilience.model.reading import Reading
from consilience.read import fields
from consilience.read.line import observation_from_line
from consilience.vocab import vocabulary

MAX_NAMED = 100
"""So many unknown fields, and so many unknown kinds, of one file are named; the rest are only mentioned."""

MAX_REFUSED = 100_000
"""So many refusals of one file are kept one by one; the rest are counted."""

NOTHING = "nothing in this file is an observation"
_NEAR = 3


class ReadingBuilder:
    """Takes the lines of one file one by one; unknown fields and kinds are noticed once each."""

    def __init__(self, file: str, defaults: Mapping[str, str]) -> None:
        self.file = file
        self.defaults = defaults
        self.observations: list[Observation] = []
        self.refusals: list[Refusal] = []
        self.notices: list[Notice] = []
        self._more, self._more_from = 0, 0
        self._seen: dict[str, set[str]] = {"field": set(), "kind": set()}

    def take(self, record: Mapping[str, object], line: int, place: str = "") -> None:
        """Adds the observation of a line, or its refusals; `place` says where, in a file that is not made of lines."""
        self._notice_fields(record, line)
        found = observation_from_line(record, self.file, line, self.defaults)
        if isinstance(found, list):
            self._keep([replace(each, field=f"{place} {each.field}".strip()) for each in found], line)
            return
        self.observations.append(found)
        kind = found.trait.kind
        if kind not in vocabulary().kinds and self._is_new("kind", kind, line):
            near = near_kinds(kind)
            meant = f"; near to it: {', '.join(near)}" if near else "; `consilience kinds` lists those that weigh"
            self.notices.append(
                Notice(self.file, line, "kind", f"the kind {quoted(kind)} is unknown, kept, and weighs 0{meant}")
            )

    def refuse(self, line: int, field: str, unfit: Rejected) -> None:
        """Adds a refusal; line 0 stands for the file as a whole."""
        self._keep([Refusal(self.file, line, escaped(field), unfit.what, unfit.todo)], line)

    def reading(self, form: str, raw: bytes) -> Reading:
        """Everything builder, as the reading of a file of this format; one that gave nothing at all says so."""
        if self._more:
            what = f"{self._more:,} more refusals, from line {self._more_from} on, are not told one by one"
            self.refusals.append(Refusal(self.file, 0, "", what, "mend those above, and read the file again"))
            self._more = 0
        if not self.observations and not self.refusals and not self.notices:
            self.notices.append(Notice(self.file, 0, "", NOTHING))
        return Reading(
            file=self.file,
            format=form,
            raw=raw,
            observations=tuple(self.observations),
            refusals=tuple(self.refusals),
            notices=tuple(self.notices),
        )

    def _keep(self, refusals: Sequence[Refusal], line: int) -> None:
        free = max(0, MAX_REFUSED - len(self.refusals))
        self.refusals += refusals[:free]
        if len(refusals) > free:
            self._more_from = self._more_from or line
            self._more += len(refusals) - free

    def _notice_fields(self, record: Mapping[str, object], line: int) -> None:
        source = record.get("source")
        within = source if isinstance(source, Mapping) else {}
        if fields.KNOWN.issuperset(record) and fields.KNOWN_OF_SOURCE.issuperset(within):
            return
        unknown = record.keys() - fields.KNOWN
        unknown |= {f"source.{key}" for key in within.keys() - fields.KNOWN_OF_SOURCE}
        for field in sorted(unknown):
            if self._is_new("field", field, line):
                self.notices.append(
                    Notice(self.file, line, escaped(field[:80]), "this field is unknown and was not read")
                )

    def _is_new(self, what: str, name: str, line: int) -> bool:
        seen = self._seen[what]
        if name in seen or len(seen) > MAX_NAMED:
            return False
        seen.add(name)
        if len(seen) <= MAX_NAMED:
            return True
        self.notices.append(Notice(self.file, line, what, f"more than {MAX_NAMED} are unknown; no more are named"))
        return False


def near_kinds(kind: str) -> tuple[str, ...]:
    """The known kinds that an unknown one may have meant, nearest first.

    >>> near_kinds("domain")[0]
    'domain-name'
    """
    wanted = kind[:80].lower().replace("_", "-")
    known = list(vocabulary().kinds)
    near = difflib.get_close_matches(wanted, known, n=_NEAR, cutoff=0.7)
    holding = [name for name in known if len(wanted) > 2 and wanted in name.replace(":", "-").split("-")]
    return tuple(dict.fromkeys((*near, *holding)))[:_NEAR]
