"""A prepared case as named arrays, and back: what a cache keeps, so that a case is taken apart once.

Everything is numbers and text, nothing is code. The reports themselves are not kept: whoever loads brings them,
in the same order, and `activity_digests` say which they were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from consilience.attribute.activity import Activity
from consilience.attribute.indicators.discriminant import RidgeDiscriminant
from consilience.attribute.indicators.features import FeatureMatrix, ReportFeatures
from consilience.attribute.indicators.nearest import KindIndex, NearestReports
from consilience.attribute.indicators.profiles import KindProfiles, SubjectProfiles
from consilience.model.arrays import Arrays
from consilience.weigh.secondary import SECONDARY

DIGEST_BYTES = 16


def activity_digests(activities: Iterable[Activity]) -> NDArray[np.uint8]:
    """One digest for each activity, of all that is compared of it: activities by DIGEST_BYTES."""
    found = b"".join(
        hashlib.blake2b(
            json.dumps([each.subject, each.day, each.origin, each.traits], ensure_ascii=False).encode(),
            digest_size=DIGEST_BYTES,
        ).digest()
        for each in activities
    )
    return np.frombuffer(found, dtype=np.uint8).reshape(-1, DIGEST_BYTES)


def features_as_arrays(case: ReportFeatures) -> dict[str, NDArray[Any]]:
    """The feature matrices of a case, without its reports."""
    found: dict[str, NDArray[Any]] = {}
    for kind in SECONDARY:
        matrix = case.kinds[kind]
        found[f"{kind}/values"] = np.frombuffer(json.dumps(matrix.values).encode(), dtype=np.uint8)
        counts = np.rint(np.exp(matrix.shown.data - 1)).astype(np.int64)
        found |= _split(f"{kind}/shown", matrix.shown)
        found[f"{kind}/shown/data"] = counts.astype(np.min_scalar_type(counts.max(initial=0)))
    return found


def kinds_from_arrays(arrays: Arrays, reports: int) -> dict[str, FeatureMatrix]:
    """What `features_as_arrays` gave, over so many reports. Raises as `derived_from_arrays` does."""
    kinds = {}
    for kind in SECONDARY:
        values = tuple(json.loads(arrays[f"{kind}/values"].tobytes()))
        shown = _joined(f"{kind}/shown", arrays, (reports, len(values)))
        shown.data = 1 + np.log(shown.data.astype(np.int64))
        kinds[kind] = FeatureMatrix(values, dict(zip(values, range(len(values)), strict=True)), shown)
    return kinds


def derived_as_arrays(
    profiles: SubjectProfiles, nearest: NearestReports, discriminant: RidgeDiscriminant
) -> dict[str, NDArray[Any]]:
    """What is derived once from feature matrices."""
    found: dict[str, NDArray[Any]] = {}
    for kind, profile in profiles.kinds.items():
        found |= _split(f"{kind}/gains", profile.gains)
        found[f"{kind}/unseen"] = profile.unseen
    for kind, near in nearest.kinds.items():
        found |= _split(f"{kind}/inverted", near.inverted)
        found |= _split(f"{kind}/holders", near.holders)
        found[f"{kind}/weights"], found[f"{kind}/surprise"] = near.weights, near.surprise
        found[f"{kind}/unseen_weight"] = np.array(near.unseen_weight)
    found |= _split("discriminant/inverted", discriminant.inverted)
    found["discriminant/coefficients"], found["discriminant/rarity"], found["discriminant/classes"] = (
        discriminant.coefficients,
        discriminant.rarity,
        discriminant.classes,
    )
    found["discriminant/unseen_weight"], found["discriminant/recognition"] = (
        np.array(discriminant.unseen_weight),
        discriminant.recognition,
    )
    return found


def derived_from_arrays(
    arrays: Arrays, case: ReportFeatures
) -> tuple[SubjectProfiles, NearestReports, RidgeDiscriminant]:
    """What `derived_as_arrays` gave, for the same features.

    Raises:
        ValueError: the arrays do not fit each other.
        KeyError: one is missing.
    """
    reports, subjects = len(case.activities), len(case.subjects)
    count = {kind: len(case.kinds[kind].values) for kind in SECONDARY}
    profiles = SubjectProfiles(
        {
            kind: KindProfiles(_joined(f"{kind}/gains", arrays, (count[kind], subjects)), arrays[f"{kind}/unseen"])
            for kind in SECONDARY
        }
    )
    nearest = NearestReports.over(
        {
            kind: KindIndex(
                arrays[f"{kind}/weights"],
                float(arrays[f"{kind}/unseen_weight"]),
                _joined(f"{kind}/inverted", arrays, (count[kind], reports)),
                arrays[f"{kind}/surprise"],
                _joined(f"{kind}/holders", arrays, (count[kind], subjects)),
            )
            for kind in NearestReports.wanted
        },
        case,
    )
    coefficients = arrays["discriminant/coefficients"]
    inverted = _joined("discriminant/inverted", arrays, (sum(count.values()), len(coefficients)))
    classes, unseen_weight = arrays["discriminant/classes"], float(arrays["discriminant/unseen_weight"])
    rates = arrays["discriminant/recognition"]
    if coefficients.shape != (inverted.shape[1], len(classes)) or (len(classes) and classes.max() >= subjects):
        raise ValueError("coefficients of other subjects")
    if rates.shape != (subjects,):
        raise ValueError("rates of other subjects")
    return (
        profiles,
        nearest,
        RidgeDiscriminant(
            inverted, coefficients, classes, subjects, arrays["discriminant/rarity"], unseen_weight, rates
        ),
    )


def _split(name: str, matrix: sparse.csr_matrix) -> dict[str, NDArray[Any]]:
    return {f"{name}/data": matrix.data, f"{name}/places": matrix.indices, f"{name}/starts": matrix.indptr}


def _joined(name: str, arrays: Arrays, shape: tuple[int, int]) -> sparse.csr_matrix:
    """A matrix whose places were looked at, one by one: products over it look at nothing any more."""
    found = sparse.csr_matrix((arrays[f"{name}/data"], arrays[f"{name}/places"], arrays[f"{name}/starts"]), shape)
    found.check_format(full_check=True)
    return found
