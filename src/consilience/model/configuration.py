"""What a program was told to do: the configuration that was taken out of one sample of it."""

from __future__ import annotations

from dataclasses import dataclass

TYPES = ("text", "number", "flag")
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

    `usage` is *decoy* for what is there to be found and never used; empty where nothing is stated.
    """

    name: str
    settings: tuple[Setting, ...]
    usage: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """The values of the settings of this name, in their order."""
        return tuple(each.value for each in self.settings if each.name == name)

    def value(self, *names: str) -> str:
        """The first value under any of these names, empty where there is none."""
        return next((each.value for name in names for each in self.settings if each.name == name), "")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration of one sample of a family: its entries in the order in which they stand."""

    family: str
    entries: tuple[Entry, ...]
