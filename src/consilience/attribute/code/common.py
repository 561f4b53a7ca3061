"""Code that programs of many makers hold: how many unrelated projects of a reference hold a feature.

In a case of few families nearly everything looks rare, the runtime of a compiler too. What the reference counts is
taken where it is more than what the case counts. The reference keeps no feature: it keeps the upper half of a number
made from each, so that three in a hundred thousand features that it does not hold count as if it did.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from consilience.model.code import Numbers

_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)

Halves = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class CommonCode:
    """By channel: half a hash of each feature, sorted, and how many projects of the reference hold each."""

    half_hashes: Mapping[str, Halves]
    projects: Mapping[str, npt.NDArray[np.uint8]]

    def __call__(self, channel: str, features: Numbers) -> npt.NDArray[np.int32]:
        """How many projects of the reference hold each of these features; 0 for what fewer than it keeps do."""
        half_hashes, wanted = self.half_hashes.get(channel), half_hash(features)
        if half_hashes is None or not len(half_hashes):
            return np.zeros(len(features), dtype=np.int32)
        row = np.minimum(np.searchsorted(half_hashes, wanted), len(half_hashes) - 1)
        return np.where(half_hashes[row] == wanted, self.projects[channel][row], 0).astype(np.int32)

    @classmethod
    def of(cls, projects: Mapping[str, Sequence[Numbers]], least: int) -> CommonCode:
        """The reference of projects, given by channel with their features; what fewer than `least` hold is left out."""
        half_hashes, counts = {}, {}
        for channel, columns in projects.items():
            found = np.concatenate([np.unique(half_hash(each)) for each in columns])
            value, many = np.unique(found, return_counts=True)
            half_hashes[channel] = value[many >= least]
            counts[channel] = np.minimum(many[many >= least], 255).astype(np.uint8)
        return cls(half_hashes, counts)

    def packed(self, channel: str) -> bytes:
        """A channel as bytes: half hashes as steps from one to the next, then counts, packed."""
        steps = np.diff(self.half_hashes[channel].astype(np.int64), prepend=0).astype("<u4")
        planes = steps.view(np.uint8).reshape(-1, 4).T.tobytes()
        return zlib.compress(planes + self.projects[channel].tobytes(), 9)

    @classmethod
    def unpacked(cls, channels: Mapping[str, bytes]) -> CommonCode:
        """The reference of what `packed` gave by channel."""
        half_hashes, projects = {}, {}
        for channel, packed in channels.items():
            raw = np.frombuffer(zlib.decompress(packed), dtype=np.uint8)
            many = len(raw) // 5
            steps = np.ascontiguousarray(raw[: 4 * many].reshape(4, many).T).view("<u4")[:, 0]
            half_hashes[channel] = np.cumsum(steps, dtype=np.int64).astype(np.uint32)
            projects[channel] = raw[4 * many :]
        return cls(half_hashes, projects)


def half_hash(features: Numbers) -> Halves:
    """A number of 32 bits for each feature; constants are hashed first."""
    mixed = (features ^ (features >> _HALF)) * _ODD
    return ((mixed ^ (mixed >> np.uint64(29))) >> _HALF).astype(np.uint32)
