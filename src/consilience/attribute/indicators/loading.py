"""The engine for indicators from a cache: as it was kept, grown by what is new since, or made from the beginning.

A cache is trusted for what was made of the same reports by the same rules, and these are in its key: the reports by
their `marks`, the rules by the vocabulary, the model, the code and the libraries that take traits apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import metadata
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from consilience.attribute.activity import Activity
from consilience.attribute.indicators.cached_arrays import (
    Arrays,
    columns_as_arrays,
    derived_as_arrays,
    derived_from_arrays,
    kinds_from_arrays,
    marks,
)
from consilience.attribute.indicators.engine import IndicatorEngine, Prepared
from consilience.attribute.indicators.features import Columns, bag
from consilience.attribute.indicators.model import IndicatorModel
from consilience.model.digest import digest
from consilience.vocab import Vocabulary

FORMAT = 2
LEAST_REPORTS = 200
"""Of fewer reports an engine is made sooner than a file is read."""

_ROOMS = ("consilience.attribute.indicators", "consilience.weigh")
_LIBRARIES = ("consilience", "publicsuffixlist", "numpy", "scipy")
_UNFIT = (KeyError, IndexError, ValueError, TypeError)


class Cache(Protocol):
    """Keeps named arrays by the rules they were made by and a key; what is damaged or by other rules is not there."""

    def get(self, rules: str, key: str) -> Arrays | None:
        """The arrays kept by these rules under this key."""

    def latest(self, rules: str) -> Arrays | None:
        """The arrays kept last by these rules, under whatever key."""

    def put(self, rules: str, key: str, arrays: Arrays) -> None:
        """Keep arrays; those by other rules go."""


def engine_from(
    activities: Iterable[Activity], vocabulary: Vocabulary, model: IndicatorModel, cache: Cache | None
) -> IndicatorEngine:
    """The engine that `IndicatorEngine.of` makes, by way of a cache where there is one and the case is large."""
    known = sorted(each for each in activities if each.subject)
    if cache is None or len(known) < LEAST_REPORTS:
        return IndicatorEngine.of(known, vocabulary, model)
    marked, rules = marks(known), rules_of(vocabulary, model)
    key = hashlib.sha256(marked.tobytes()).hexdigest()
    found = _as_kept(cache.get(rules, key), known, vocabulary, model)
    if found:
        return found
    made = _grown(cache.latest(rules), known, marked, vocabulary, model) or IndicatorEngine.of(known, vocabulary, model)
    prepared = made.prepared() if made.subjects else None
    if prepared:
        cache.put(rules, key, _arrays(prepared, known, marked))
    return made


def rules_of(vocabulary: Vocabulary, model: IndicatorModel) -> str:
    """A digest of all that an engine is made by but the reports."""
    versions = {name: metadata.version(name) for name in _LIBRARIES}
    return digest([FORMAT, vocabulary.digest, model.as_record(), versions, _code()])


@lru_cache(maxsize=1)
def _code() -> str:
    """A digest of the code that takes reports apart, so that a change of it in place is noticed."""
    texts = []
    for room in _ROOMS:
        entries = sorted(files(room).iterdir(), key=lambda entry: entry.name)
        texts += [(entry.name, entry.read_text("utf-8")) for entry in entries if entry.name.endswith(".py")]
    return digest(texts)


def _arrays(prepared: Prepared, known: Sequence[Activity], marked: NDArray[np.uint8]) -> Arrays:
    shown = set(map(id, prepared.case.activities))
    return {
        "marks": marked,
        "rows": np.array([place for place, each in enumerate(known) if id(each) in shown], dtype=np.int64),
        **columns_as_arrays(prepared.case),
        **derived_as_arrays(prepared.profiles, prepared.nearest, prepared.telling),
    }


def _as_kept(
    kept: Arrays | None, known: Sequence[Activity], vocabulary: Vocabulary, model: IndicatorModel
) -> IndicatorEngine | None:
    """The engine as it was kept, or nothing where what was kept does not fit."""
    if kept is None:
        return None
    try:
        shown = [known[place] for place in kept["rows"].tolist()]
        case = Columns.over(shown, kinds_from_arrays(kept, len(shown)))
        prepared = Prepared.over(case, *derived_from_arrays(kept, case))
    except _UNFIT:
        return None
    return IndicatorEngine.on(case, vocabulary, model, prepared)


def _grown(
    kept: Arrays | None,
    known: Sequence[Activity],
    marked: NDArray[np.uint8],
    vocabulary: Vocabulary,
    model: IndicatorModel,
) -> IndicatorEngine | None:
    """The engine for what is known now, of which only what is new since is taken apart."""
    if kept is None:
        return None
    try:
        if kept["rows"].max(initial=0) >= len(kept["marks"]):
            raise ValueError("rows of other reports")
        # A report that showed no indicator has no row.
        row = {place: number for number, place in enumerate(kept["rows"].tolist())}
        before = {mark: row.get(place) for place, mark in enumerate(_each(kept["marks"]))}
        kinds = kinds_from_arrays(kept, len(row))
        old = [(each, before[mark]) for each, mark in zip(known, _each(marked), strict=True) if mark in before]
        chosen = [(each, place) for each, place in old if place is not None]
        case = Columns.chosen([each for each, _ in chosen], kinds, [place for _, place in chosen])
    except _UNFIT:
        return None
    fresh = (bag(each, vocabulary) for each, mark in zip(known, _each(marked), strict=True) if mark not in before)
    more = Columns.in_order(each for each in fresh if each.counts)
    return IndicatorEngine.on(case.grown(more), vocabulary, model)


def _each(marked: NDArray[Any]) -> Iterator[bytes]:
    return (row.tobytes() for row in marked)
