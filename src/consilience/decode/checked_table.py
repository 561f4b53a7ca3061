"""A table of TOML that is asked for what it must hold; everything that is wrong with it is gathered."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from consilience.model.errors import InputError, Refusal
from consilience.model.printable import escaped, quoted

LONGEST_TEXT = 2_000
MOST_ITEMS = 256


class DecoderError(InputError):
    """Descriptions of decoders that cannot be used; `faults` lists everything that is wrong with them."""

    def __init__(self, faults: Sequence[Refusal]) -> None:
        self.faults = tuple(faults)
        listed = "; and ".join(map(str, self.faults[:20]))
        super().__init__(
            f"{len(self.faults)} faults in descriptions of decoders: {listed}", "", "correct them and try again"
        )


class CheckedTable:
    """One table at its place in a file. A wrong value is a fault, and what is given back can be gone on with."""

    def __init__(self, value: object, file: str, path: str, faults: list[Refusal]) -> None:
        self.file, self.path, self.faults = file, path, faults
        self._value: Mapping[str, object] = value if isinstance(value, Mapping) else {}
        self._asked: set[str] = set()
        if not isinstance(value, Mapping):
            self.fault("", f"is {quoted(value)}, not a table", "write it as [name] with keys below")

    def fault(self, key: str, what: str, todo: str) -> None:
        """Adds a fault of a key of this table, or of the table."""
        place = ".".join(filter(None, (self.path, key)))
        self.faults.append(Refusal(self.file, 0, escaped(place)[:120], what, todo))

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self._asked.add(key)
        return key in self._value

    def text(self, key: str, default: str | None = None, legal: Sequence[str] = ()) -> str:
        """The text under a key, one of `legal` where there are any; without a default it must be there."""
        if not self.has(key) and default is not None:
            return default
        found = self._value.get(key)
        if key not in self._value:
            self.fault(key, "is missing", f"write {key} = one of: {' '.join(legal)}" if legal else f"write {key}")
        elif not _is_short_text(found):
            self.fault(key, f"{quoted(found)} is not a text, or too long", "write a short text in quotes")
        elif self._is_legal(key, found, legal):
            return found
        return default or (legal[0] if legal else "")

    def number(self, key: str, default: int | None, least: int, most: int) -> int:
        """The whole number under a key, within bounds."""
        if not self.has(key) and default is not None:
            return default
        found = self._value.get(key)
        if type(found) is not int or not least <= found <= most:
            what = "is missing" if key not in self._value else f"{quoted(found)} is not a number from {least} to {most}"
            self.fault(key, what, f"write a whole number from {least} to {most}")
            return least if default is None else default
        return found

    def flag(self, key: str) -> bool:
        """Whether a flag is set; it is not where it is left out."""
        found = self._value.get(key, False) if self.has(key) else False
        if not isinstance(found, bool):
            self.fault(key, f"{quoted(found)} is neither true nor false", "write true or false without quotes")
        return found is True

    def texts(self, key: str, required: bool = True, legal: Sequence[str] = ()) -> tuple[str, ...]:
        """The texts of a list; a text alone is a list of one."""
        if not self.has(key) and not required:
            return ()
        listed = self._listed(key)
        good = [each for each in listed if _is_short_text(each)]
        if len(good) < len(listed):
            self.fault(key, "an item is not a text, or empty or too long", "write short texts in quotes")
        return tuple(each for each in good if self._is_legal(key, each, legal))

    def _listed(self, key: str) -> list[object]:
        """The items of a list, or a text alone as one; an empty list, with a fault, where it is neither."""
        found = self._value.get(key)
        listed = [found] if isinstance(found, str) else found
        if isinstance(listed, list) and 0 < len(listed) <= MOST_ITEMS:
            return listed
        what = "is missing" if key not in self._value else f"{quoted(found)} is not a list, or too long or empty"
        self.fault(key, what, f"write a list of at most {MOST_ITEMS} texts")
        return []

    def _is_legal(self, key: str, text: str, legal: Sequence[str]) -> bool:
        """Whether a text is one of `legal`, or all are; adds a fault where it is not."""
        if not legal or text in legal:
            return True
        near = difflib.get_close_matches(text, legal, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        self.fault(key, f"{quoted(text)} is not one of its words", f"{meant}one of: {' '.join(legal)}")
        return False

    def table(self, key: str) -> CheckedTable:
        """The table under a key; an empty one, with a fault, where there is none."""
        if not self.has(key):
            self.fault(key, "is missing", f"write [{key}] with its keys below")
        return self._below(key, self._value.get(key, {}))

    def tables(self, key: str, required: bool = True) -> list[CheckedTable]:
        """The tables of a list of tables."""
        if not self.has(key):
            if required:
                self.fault(key, "is missing", f"write [[{key}]] with its keys below, once for each")
            return []
        found = self._value[key]
        if not isinstance(found, list) or len(found) > MOST_ITEMS:
            self.fault(key, f"{quoted(found)} is not a list of tables, or too long", f"write [[{key}]], once for each")
            return []
        return [self._below(f"{key}[{place}]", each) for place, each in enumerate(found)]

    def named(self, key: str, required: bool = True) -> Iterator[tuple[str, CheckedTable]]:
        """The tables below a table, with their names."""
        if not self.has(key):
            if required:
                self.fault(key, "is missing", f"write [{key}.NAME] with its keys below, once for each")
            return
        found = self._value[key]
        if not isinstance(found, Mapping) or len(found) > MOST_ITEMS:
            self.fault(key, f"{quoted(found)} is not a table of tables, or too long", f"write [{key}.NAME]")
            return
        for name, each in found.items():
            yield name, self._below(f"{key}.{name}", each)

    def pairs(self, key: str, required: bool = True) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The keys of a table below with their texts, in order."""
        if not self.has(key) and not required:
            return ()
        below = self.table(key)
        names = list(below._value)[:MOST_ITEMS]
        return tuple((name, below.texts(name)) for name in names)

    def ended(self) -> None:
        """Adds a fault for every key that nothing asked for."""
        for key in sorted(set(self._value) - self._asked):
            near = difflib.get_close_matches(key, self._asked, n=1)
            todo = f"did you mean {near[0]}?" if near else "take it out; here stand: " + " ".join(sorted(self._asked))
            self.fault(str(key), "nothing has this key", todo)

    def _below(self, key: str, value: object) -> CheckedTable:
        path = f"{self.path}.{key}" if self.path else key
        return CheckedTable(value, self.file, path, self.faults)


def _is_short_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT
