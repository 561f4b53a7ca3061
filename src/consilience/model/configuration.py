"""What a program was told to do: the configuration that was taken out of one sample of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TYPES = ("text", "number", "flag", "host", "address", "port", "cidr", "url", "key", "protocol")
"""The types of a setting's value; `value` is its text, a flag's *true* or *false*."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of an entry: its name (empty where the entry has but one), its type, and the value as text."""

    name: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Settings that belong together, such as host and port of one server, and what the program uses them for.

    `usage` is *decoy* for what is there to be found and never used, *default* for what every user of the family has,
    *leftover* for what was left in by mistake; empty where nothing is stated. `key_role` tells for a key whether each
    operator, build or builder of the family has one of its own.
    """

    name: str
    settings: tuple[Setting, ...]
    usage: str = ""
    key_role: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """The values of the settings of this name, in their order."""
        return tuple(each.value for each in self.settings if each.name == name)

    def value(self, *names: str) -> str:
        """The first value under any of these names, empty where there is none."""
        return next((each.value for name in names for each in self.settings if each.name == name), "")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration of one sample of a family: its entries in the order in which they stand.

    `layout` names the form in which the family wrote it; empty where nobody says.
    """

    family: str
    entries: tuple[Entry, ...]
    layout: str = ""

    def settings(self) -> Iterator[tuple[Entry, Setting]]:
        """Every setting with its entry, in order."""
        return ((entry, each) for entry in self.entries for each in entry.settings)

    def as_record(self) -> dict[str, Any]:
        """The configuration as JSON; settings are [name, type, value] in their order."""
        entries = [
            {"name": entry.name, "settings": [[each.name, each.type, each.value] for each in entry.settings]}
            | ({"usage": entry.usage} if entry.usage else {})
            | ({"key_role": entry.key_role} if entry.key_role else {})
            for entry in self.entries
        ]
        return {"family": self.family, "entries": entries} | ({"layout": self.layout} if self.layout else {})
