"""Writers that other distributions add; see docs/reference/plugins.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from consilience.model.assessment import Assessment
from consilience.model.errors import ConsilienceError, InputError
from consilience.model.parcel import Conversion, Parcel
from consilience.model.plugins import WRITERS, Plugins, load_plugins, said_by
from consilience.model.protocols import ParcelWriter, Writer
from consilience.model.relation import Judgement

Made = TypeVar("Made", bytes, Conversion)


@dataclass(frozen=True, slots=True)
class PluginWriter:
    """A writer of another distribution: of pairs, of many statements, or of both."""

    name: str
    pair: Writer | None
    parcel: ParcelWriter | None

    def write(self, assessment: Assessment, judgements: Sequence[Judgement]) -> bytes:
        """The assessment as the plug-in writes it. Raises InputError where the plug-in fails."""
        pair = self.pair
        if pair is None:
            raise InputError(f"{self.name} holds many statements, not one pair", "format", "name no pair")
        return self._made(bytes, lambda: pair.write(assessment, judgements))

    def convert(self, parcel: Parcel) -> Conversion:
        """The parcel as the plug-in writes it. Raises InputError where the plug-in fails."""
        writer = self.parcel
        if writer is None:
            raise InputError(f"{self.name} holds one pair, not many statements", "format", "name a pair")
        return self._made(Conversion, lambda: writer.convert(parcel))

    def _made(self, form: type[Made], make: Callable[[], Made]) -> Made:
        try:
            made = make()
            if not isinstance(made, form):
                raise TypeError(f"it gave a {type(made).__name__} instead of {form.__name__}")
        except ConsilienceError:
            raise
        except Exception as fault:
            todo = "tell who made the plug-in, or use another format"
            raise InputError(f"the plug-in {self.name!r} failed: {said_by(fault)}", "format", todo) from fault
        return made


@lru_cache(maxsize=1)
def plugin_writers(taken: frozenset[str]) -> Plugins[PluginWriter]:
    """The writers of other distributions, found once; `taken` are the names of formats that are built in."""
    return load_plugins(WRITERS, _accepted, taken)


def _accepted(name: str, loaded: object) -> PluginWriter:
    writer = loaded() if callable(loaded) else loaded
    pair = writer if isinstance(writer, Writer) else None
    parcel = writer if isinstance(writer, ParcelWriter) else None
    names = {each.name for each in (pair, parcel) if each is not None}
    if not names:
        raise TypeError(f"a {type(writer).__name__} has no `name` and `write` or `convert`, as writers have")
    if names != {name}:
        raise ValueError(f"the entry point is called {name!r} and its format {names.pop()!r}")
    return PluginWriter(name, pair, parcel)
