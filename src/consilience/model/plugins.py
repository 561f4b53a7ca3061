"""Plug-ins: what other distributions add, found by the entry points that they declare.

A plug-in is loaded when it is first needed and never before, so that help stays fast. One that cannot be used is
reported with its name, and the others are used. See docs/reference/plugins.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

READERS = "consilience.readers"
WRITERS = "consilience.writers"
DECODERS = "consilience.decoders"
"""The groups of entry points."""

Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True, slots=True)
class PluginFault:
    """A plug-in that cannot be used: its group and name, the distribution that brings it, and what is wrong."""

    group: str
    name: str
    distribution: str
    what: str

    def __str__(self) -> str:
        return (
            f"the plug-in {self.name!r} of {self.distribution} ({self.group}) is not used: {self.what};"
            " mend or uninstall it"
        )


@dataclass(frozen=True, slots=True)
class Plugins(Generic[Value]):
    """The plug-ins of a group in the order of their names, and those that cannot be used."""

    found: tuple[Value, ...] = ()
    faults: tuple[PluginFault, ...] = ()


def load_plugins(group: str, accept: Callable[[str, object], Value], taken: Collection[str] = ()) -> Plugins[Value]:
    """The plug-ins of a group of entry points.

    `accept` is given the name and the object of an entry point; it returns what is used, and raises whatever it likes
    where that cannot be. `taken` are names that no plug-in may have, because something that is built in has them.
    """
    metadata = import_module("importlib.metadata")  # Reads no package before a plug-in is asked for.
    entries: list[EntryPoint] = sorted(metadata.entry_points(group=group), key=lambda each: (each.name, each.value))
    found: list[Value] = []
    faults: list[PluginFault] = []
    seen = set(taken)
    for entry in entries:
        brought = entry.dist.name if entry.dist is not None else "an unknown distribution"
        if entry.name in seen:
            faults.append(PluginFault(group, entry.name, brought, "the name is taken"))
            continue
        seen.add(entry.name)
        try:
            found.append(accept(entry.name, entry.load()))
        except Exception as fault:  # A plug-in is foreign code: whatever it raises must not stop the others.
            faults.append(PluginFault(group, entry.name, brought, said_by(fault)))
    return Plugins(tuple(found), tuple(faults))


def said_by(fault: Exception) -> str:
    """What an exception of foreign code says, in one line.

    >>> said_by(ValueError("a  b\\nc"))
    'ValueError: a b c'
    """
    text = " ".join(str(fault).split())[:200]
    return f"{type(fault).__name__}: {text}" if text else type(fault).__name__
