"""What was met often and is told once: a count for each matter, with the first few it concerns."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.model.errors import Notice
from consilience.model.printable import escaped

NAMED = 3
MAX_MATTERS = 200


class NoticeCounts:
    """Counts matters of one file by what they are; the same in any order of counting."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._met: dict[tuple[str, str], tuple[int, list[str]]] = {}

    def add(self, field: str, what: str, about: str) -> None:
        """Counts one more of a matter, about an object of this id."""
        count, names = self._met.get((field, what), (0, []))
        self._met[field, what] = (count + 1, sorted({*names, about})[:NAMED])

    def notices(self) -> Iterator[Notice]:
        """One notice for each matter, in the order of their fields and words."""
        for place, ((field, what), (count, names)) in enumerate(sorted(self._met.items())):
            if place == MAX_MATTERS:
                yield Notice(self.file, 0, "", f"{len(self._met) - place} other matters are not named")
                return
            first = ", ".join(escaped(name[:100].strip()) for name in names)
            more = ", ..." if count > len(names) else ""
            yield Notice(self.file, 0, escaped(field[:80]), f"{escaped(what[:300])}: {count:,} ({first}{more})")
