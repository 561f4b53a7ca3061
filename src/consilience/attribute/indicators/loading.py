"""The engine for indicators from a cache: as it was arrays, grown by what is new since, or made from the beginning.

A cache is trusted for what was made of the same reports by the same rules, and these are in its key: the reports by
their `activity_digests`, the rules by the vocabulary, the model, the code and the libraries that take traits apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import metadata
from importlib.resources import files
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from consilience.attribute.activity import Activity
from consilience.attribute.indicators.cached_arrays import (
    activity_digests,
    derived_as_arrays,
    derived_from_arrays,
    features_as_arrays,
    kinds_from_arrays,
)
from consilience.attribute.indicators.engine import IndicatorEngine, PreparedCase
from consilience.attribute.indicators.features import ReportFeatures, feature_counts
from consilience.attribute.indicators.model import IndicatorModel
from consilience.model.arrays import Arrays
from consilience.model.digest import digest
from consilience.vocab import Vocabulary

FORMAT = 3
LEAST_REPORTS = 200
"""Of fewer reports an engine is made sooner than a file is read."""

_ROOMS = ("consilience.attribute.indicators", "consilience.weigh")
_LIBRARIES = ("consilience", "publicsuffixlist", "numpy", "scipy")
_INVALID = (KeyError, IndexError, ValueError, TypeError)


class Cache(Protocol):
    """Stores named arrays by the rules they were made by and a key; what is damaged or by other rules is not there."""

    def get(self, rules: str, key: str) -> Arrays | None:
        """The arrays stored by these rules under this key."""

    def latest(self, rules: str) -> Arrays | None:
        """The arrays stored last by these rules, under whatever key."""

    def put(self, rules: str, key: str, arrays: Arrays) -> None:
        """Store arrays; delete those by other rules."""


def engine_from(
    activities: Iterable[Activity], vocabulary: Vocabulary, model: IndicatorModel, cache: Cache | None
) -> IndicatorEngine:
    """The engine that `IndicatorEngine.of` makes, by way of a cache where there is one and the case is large."""
    known = sorted(each for each in activities if each.subject)
    if cache is None or len(known) < LEAST_REPORTS:
        return IndicatorEngine.of(known, vocabulary, model)
    digests, rules = activity_digests(known), rules_of(vocabulary, model)
    key = hashlib.sha256(digests.tobytes()).hexdigest()
    found = _from_cache(cache.get(rules, key), known, vocabulary, model)
    if found:
        return found
    extended = _extended_cache(cache.latest(rules), known, digests, vocabulary, model)
    engine = extended or IndicatorEngine.of(known, vocabulary, model)
    if engine.subjects:
        cache.put(rules, key, _arrays(engine.prepared(), known, digests))
    return engine


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


def _arrays(prepared: PreparedCase, known: Sequence[Activity], digests: NDArray[np.uint8]) -> Arrays:
    shown = set(map(id, prepared.case.activities))
    return {
        "digests": digests,
        "rows": np.array([place for place, each in enumerate(known) if id(each) in shown], dtype=np.int64),
        **features_as_arrays(prepared.case),
        **derived_as_arrays(prepared.profiles, prepared.nearest, prepared.discriminant),
    }


def _from_cache(
    arrays: Arrays | None, known: Sequence[Activity], vocabulary: Vocabulary, model: IndicatorModel
) -> IndicatorEngine | None:
    """The engine from the arrays of a cache, or None where they do not fit."""
    if arrays is None:
        return None
    try:
        shown = [known[place] for place in arrays["rows"].tolist()]
        case = ReportFeatures.over(shown, kinds_from_arrays(arrays, len(shown)))
        prepared = PreparedCase.over(case, *derived_from_arrays(arrays, case))
    except _INVALID:
        return None
    return IndicatorEngine.on(case, vocabulary, model, prepared)


def _extended_cache(
    arrays: Arrays | None,
    known: Sequence[Activity],
    digests: NDArray[np.uint8],
    vocabulary: Vocabulary,
    model: IndicatorModel,
) -> IndicatorEngine | None:
    """The engine for what is known now, of which only what is new since is taken apart."""
    if arrays is None:
        return None
    try:
        rows = _cached_rows(arrays)
        old = [(each, rows[mark]) for each, mark in zip(known, _each(digests), strict=True) if mark in rows]
        case = _cached_reports([(each, row) for each, row in old if row is not None], arrays)
    except _INVALID:
        return None
    new = [each for each, mark in zip(known, _each(digests), strict=True) if mark not in rows]
    return IndicatorEngine.on(case.extended(_features(new, vocabulary)), vocabulary, model)


def _features(reports: Iterable[Activity], vocabulary: Vocabulary) -> ReportFeatures:
    """The features of sorted reports, those left out that have none."""
    features = (feature_counts(each, vocabulary) for each in reports)
    return ReportFeatures.from_sorted(each for each in features if each.counts)


def _cached_rows(arrays: Arrays) -> dict[bytes, int | None]:
    """The row of each cached activity by its digest; None where it showed no indicator."""
    if arrays["rows"].max(initial=0) >= len(arrays["digests"]):
        raise ValueError("rows of other reports")
    row = {place: number for number, place in enumerate(arrays["rows"].tolist())}
    return {mark: row.get(place) for place, mark in enumerate(_each(arrays["digests"]))}


def _cached_reports(chosen: Sequence[tuple[Activity, int]], arrays: Arrays) -> ReportFeatures:
    """The features of some activities, each from its cached row."""
    kinds = kinds_from_arrays(arrays, len(arrays["rows"]))
    return ReportFeatures.chosen([each for each, _ in chosen], kinds, [row for _, row in chosen])


def _each(digests: NDArray[np.uint8]) -> Iterator[bytes]:
    return (row.tobytes() for row in digests)
