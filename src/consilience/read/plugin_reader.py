"""Readers that other distributions add; see docs/reference/plugins.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from consilience.model.errors import Refusal
from consilience.model.plugins import READERS, Plugins, load_plugins, said_by
from consilience.model.protocols import Progress, Reader
from consilience.model.reading import Reading

_TODO = "tell who made the plug-in, or uninstall it"


class PluginReader:
    """A reader of another distribution, whose errors are refusals of the file that it was given."""

    def __init__(self, name: str, reader: Reader) -> None:
        self.name = name
        self.fault = ""
        self._reader = reader

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the plug-in takes the file for its format; no where it fails, and `fault` then says how."""
        try:
            return bool(self._reader.recognises(head, filename))
        except Exception as fault:
            self.fault = f"the plug-in {self.name!r} failed to recognise a file: {said_by(fault)}; {_TODO}"
            return False

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """What the plug-in reads in a file, always under the name and with the bytes of that file."""
        try:
            reading = self._reader.read(raw, filename, defaults, progress)
            if not isinstance(reading, Reading):
                raise TypeError(f"read gave a {type(reading).__name__} instead of a Reading")
        except Exception as fault:
            refusal = Refusal(filename, 0, "", f"the plug-in {self.name!r} failed: {said_by(fault)}", _TODO)
            return Reading(file=filename, format=self.name, raw=b"", observations=(), refusals=(refusal,))
        return replace(reading, file=filename, format=self.name, raw=raw)


@lru_cache(maxsize=1)
def plugin_readers(taken: frozenset[str]) -> Plugins[PluginReader]:
    """The readers of other distributions, found once; `taken` are the names of formats that are built in."""
    return load_plugins(READERS, _accepted, taken)


def _accepted(name: str, loaded: object) -> PluginReader:
    reader = loaded() if callable(loaded) else loaded
    if not isinstance(reader, Reader):
        raise TypeError(f"a {type(reader).__name__} has no `name`, `recognises` and `read`, as readers have")
    if reader.name != name:
        raise ValueError(f"the entry point is called {name!r} and its format {reader.name!r}")
    return PluginReader(name, reader)
