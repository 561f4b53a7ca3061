"""How much each known family shares with the code of a query, by channel and over channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from consilience.attribute.code.postings import Floats, Postings
from consilience.model.code import CodeProfile, SampleCode

CODE = ("block", "gram", "constant")
WHOLE = (*CODE, "string", "import")
"""The channels that are compared: the code alone, and with what else is in the file. Whole functions only explain."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What families share with a query over some channels.

    `families` is the mean cosine of the nearest sample of each family, `nearest` the row of that sample, and `alone`
    how many features that no other family has the query shares with the nearest sample of the first.
    """

    channels: tuple[str, ...]
    families: Floats
    nearest: npt.NDArray[np.int64]
    alone: int
    features: int


class Kinship:
    """The known samples, indexed by what they share. `families` are the full names of the subjects, sorted."""

    def __init__(self, samples: Sequence[SampleCode], postings: Mapping[str, Postings] | None = None) -> None:
        self.samples = tuple(samples)
        self.families = tuple(sorted({each.subject.key for each in samples}))
        place = {name: row for row, name in enumerate(self.families)}
        self.family_of = np.array([place[each.subject.key] for each in samples], dtype=np.int32)
        self.postings = postings or {
            name: Postings.of([each.profile.channel(name).value for each in samples], self.family_of) for name in WHOLE
        }
        self._left_out = -1

    def without(self, family: str) -> Kinship:
        """The same as if a family were not known: its samples are near nothing, and make nothing less rare."""
        row = self.families.index(family)
        found = Kinship(self.samples, {name: each.without(row) for name, each in self.postings.items()})
        found._left_out = row
        return found

    def cosines(self, profile: CodeProfile) -> dict[str, Floats]:
        """For each channel the cosine of every sample with a query."""
        told = {name: each.cosines(profile.channel(name).value) for name, each in self.postings.items()}
        if self._left_out >= 0:
            for each in told.values():
                each[self.family_of == self._left_out] = 0.0
        return told

    def likeness(
        self, profile: CodeProfile, channels: tuple[str, ...], cosines: Mapping[str, Floats] | None = None
    ) -> Likeness:
        """What the families share with a query over these channels; `cosines` spares working them out again."""
        told = cosines or self.cosines(profile)
        mean = np.mean([told[name] for name in channels], axis=0)
        best = np.full(len(self.families), -1.0)
        np.maximum.at(best, self.family_of, mean)
        order = np.lexsort((np.arange(len(mean)), -mean))
        nearest = np.full(len(self.families), -1, dtype=np.int64)
        nearest[self.family_of[order[::-1]]] = order[::-1]
        first = int(np.argmax(best))
        alone = sum(self._alone(profile, name, int(nearest[first])) for name in channels)
        many = sum(len(profile.channel(name).value) for name in channels)
        return Likeness(channels, best, nearest, alone, many)

    def _alone(self, profile: CodeProfile, name: str, sample: int) -> int:
        postings = self.postings[name]
        rows, _ = postings.shared(profile.channel(name).value, sample)
        return int((postings.families[rows] == 1).sum())
