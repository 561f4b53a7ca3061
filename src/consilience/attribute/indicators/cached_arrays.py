"""A prepared case as named arrays, and back: what a cache keeps, so that a case is taken apart once.

Everything is numbers and text, nothing is code. The reports themselves are not kept: whoever loads brings them, in the
same order, and `marks` say which they were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from consilience.attribute.activity import Activity
from consilience.attribute.indicators.discriminant import Telling
from consilience.attribute.indicators.features import Column, Columns
from consilience.attribute.indicators.nearest import Near, Nearest
from consilience.attribute.indicators.profiles import Profile, Profiles
from consilience.weigh.secondary import SECONDARY

Arrays = Mapping[str, NDArray[Any]]
MARK_BYTES = 16


def marks(activities: Iterable[Activity]) -> NDArray[np.uint8]:
    """One digest for each activity, of all that is compared of it: activities by MARK_BYTES."""
    found = b"".join(
        hashlib.blake2b(
            json.dumps([each.subject, each.day, each.origin, each.traits], ensure_ascii=False).encode(),
            digest_size=MARK_BYTES,
        ).digest()
        for each in activities
    )
    return np.frombuffer(found, dtype=np.uint8).reshape(-1, MARK_BYTES)


def columns_as_arrays(case: Columns) -> dict[str, NDArray[Any]]:
    """The columns of a case, without its reports."""
    found: dict[str, NDArray[Any]] = {}
    for kind in SECONDARY:
        column = case.kinds[kind]
        found[f"{kind}/values"] = np.frombuffer(json.dumps(column.values).encode(), dtype=np.uint8)
        counts = np.rint(np.exp(column.shown.data - 1)).astype(np.int64)
        found |= _split(f"{kind}/shown", column.shown)
        found[f"{kind}/shown/data"] = counts.astype(np.min_scalar_type(counts.max(initial=0)))
    return found


def kinds_from_arrays(kept: Arrays, reports: int) -> dict[str, Column]:
    """The columns that `columns_as_arrays` gave, over so many reports. Raises as `derived_from_arrays` does."""
    kinds = {}
    for kind in SECONDARY:
        values = tuple(json.loads(kept[f"{kind}/values"].tobytes()))
        shown = _joined(f"{kind}/shown", kept, (reports, len(values)))
        shown.data = 1 + np.log(shown.data.astype(np.int64))
        kinds[kind] = Column(values, dict(zip(values, range(len(values)), strict=True)), shown)
    return kinds


def derived_as_arrays(profiles: Profiles, nearest: Nearest, telling: Telling) -> dict[str, NDArray[Any]]:
    """What is derived once from columns."""
    found: dict[str, NDArray[Any]] = {}
    for kind, profile in profiles.kinds.items():
        found |= _split(f"{kind}/gains", profile.gains)
        found[f"{kind}/unseen"] = profile.unseen
    for kind, near in nearest.kinds.items():
        found |= _split(f"{kind}/turned", near.turned)
        found |= _split(f"{kind}/holders", near.holders)
        found[f"{kind}/weights"], found[f"{kind}/surprise"] = near.weights, near.surprise
        found[f"{kind}/stranger"] = np.array(near.stranger)
    found |= _split("telling/turned", telling.turned)
    found["telling/lines"], found["telling/rarity"], found["telling/lined"] = (
        telling.lines,
        telling.rarity,
        telling.lined,
    )
    found["telling/stranger"], found["telling/recognised"] = np.array(telling.stranger), telling.recognised
    return found


def derived_from_arrays(kept: Arrays, case: Columns) -> tuple[Profiles, Nearest, Telling]:
    """What `derived_as_arrays` gave, for the same columns.

    Raises:
        ValueError: the arrays do not fit each other.
        KeyError: one is missing.
    """
    reports, subjects = len(case.activities), len(case.subjects)
    count = {kind: len(case.kinds[kind].values) for kind in SECONDARY}
    profiles = Profiles(
        {
            kind: Profile(_joined(f"{kind}/gains", kept, (count[kind], subjects)), kept[f"{kind}/unseen"])
            for kind in SECONDARY
        }
    )
    nearest = Nearest.over(
        {
            kind: Near(
                kept[f"{kind}/weights"],
                float(kept[f"{kind}/stranger"]),
                _joined(f"{kind}/turned", kept, (count[kind], reports)),
                kept[f"{kind}/surprise"],
                _joined(f"{kind}/holders", kept, (count[kind], subjects)),
            )
            for kind in Nearest.wanted
        },
        case,
    )
    lines = kept["telling/lines"]
    turned = _joined("telling/turned", kept, (sum(count.values()), len(lines)))
    lined, stranger = kept["telling/lined"], float(kept["telling/stranger"])
    rates = kept["telling/recognised"]
    if lines.shape != (turned.shape[1], len(lined)) or (len(lined) and lined.max() >= subjects):
        raise ValueError("lines of other subjects")
    if rates.shape != (subjects,):
        raise ValueError("rates of other subjects")
    return profiles, nearest, Telling(turned, lines, lined, subjects, kept["telling/rarity"], stranger, rates)


def _split(name: str, matrix: sparse.csr_matrix) -> dict[str, NDArray[Any]]:
    return {f"{name}/data": matrix.data, f"{name}/places": matrix.indices, f"{name}/starts": matrix.indptr}


def _joined(name: str, kept: Arrays, shape: tuple[int, int]) -> sparse.csr_matrix:
    """A matrix whose places were looked at, one by one: products over it look at nothing any more."""
    found = sparse.csr_matrix((kept[f"{name}/data"], kept[f"{name}/places"], kept[f"{name}/starts"]), shape)
    found.check_format(full_check=True)
    return found
