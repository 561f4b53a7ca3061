"""Every error of the product, in one tree; each reads *what, where, what to do*.

    ConsilienceError
    ├── InputError          something the user gave cannot be used (exit status 2)
    │   ├── UnknownName     no subject of the case has this name; carries suggestions
    │   ├── AmbiguousName   several publishers use this name; carries them
    │   ├── UnknownId       no item with this id in the case
    │   ├── MissingInput    a file or folder that does not exist or cannot be opened
    │   ├── Rejected        a line or field that cannot be taken; readers catch it and report it as a `Refusal`
    │   ├── DecoderError    (decode) descriptions of decoders that cannot be used; lists every fault
    │   └── DumpError       (analyse.lua) bytes that are no whole dump of Lua; carries the offset
    ├── CaseError           the case folder cannot be opened, is newer, or is damaged
    └── VocabularyError     a table in vocab/ breaks its own rules; lists every fault

Refused input lines are not exceptions: they are `Refusal` values, collected and shown together, so that a broken
line never costs a good one.
"""

from __future__ import annotations

from dataclasses import dataclass


class ConsilienceError(Exception):
    """An error that says what is wrong, where, and what to do about it."""

    def __init__(self, what: str, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(what, where, todo)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" ({self.todo})" if self.todo else ""
        return f"{place}{self.what}{remedy}"


class InputError(ConsilienceError):
    """What the user gave cannot be used as it is."""


class MissingInput(InputError):
    """A named file or folder is not there, or cannot be opened."""


class Rejected(InputError):
    """A line or a field cannot be taken; readers catch it and report it as a `Refusal`, so that good lines are kept."""


class UnknownName(InputError):
    """No subject of the case has this name; `suggestions` holds near names with a reason each."""

    def __init__(self, name: str, suggestions: tuple[tuple[str, str], ...] = (), where: str = "") -> None:
        self.name = name
        self.suggestions = suggestions
        if suggestions:
            todo = "did you mean " + " or ".join(f"{near!r} ({reason})" for near, reason in suggestions) + "?"
        else:
            todo = "`consilience names` lists the names of the case"
        super().__init__(f"no subject is called {name!r}", where, todo)


class AmbiguousName(InputError):
    """Several publishers have a subject of this bare name; `candidates` holds the full names."""

    def __init__(self, name: str, candidates: tuple[str, ...], where: str = "") -> None:
        self.name = name
        self.candidates = candidates
        super().__init__(
            f"{name!r} is the name of {len(candidates)} subjects", where, "say which: " + ", ".join(candidates)
        )


class UnknownId(InputError):
    """Nothing in the case has this id."""


class CaseError(ConsilienceError):
    """The case cannot be opened, is newer than this program, or is damaged."""


class VocabularyError(ConsilienceError):
    """A table in `vocab/` breaks its own rules; `faults` lists all of them."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} faults in the vocabulary: " + "; ".join(faults), "vocab", "mend the tables")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One piece of input that was not taken: which file, line and field, what is wrong, and what to do."""

    file: str
    line: int
    field: str
    what: str
    todo: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f" [{self.field}]" if self.field else ""
        return f"{place}{field}: {self.what}; {self.todo}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Input that was taken, with something the user should know about it (an unknown kind, a mended name)."""

    file: str
    line: int
    field: str
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} [{self.field}]: {self.what}"
