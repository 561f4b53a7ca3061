"""How much each known family shares with the code of a query, by channel and over channels.

A channel gives a cosine, of which the logarithm is taken: one part in a hundred shared with a build by another compiler
tells nearly as much as nine in ten shared with one by the same, and no channel drowns the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from consilience.attribute.code.postings import FeaturePostings
from consilience.model.arrays import Flags, Floats, Ints
from consilience.model.code import CodeProfile, Numbers, SampleCode

CODE = ("block", "gram", "constant")
WHOLE = (*CODE, "string", "import")
"""The channels that are compared: the code alone, and with what else is in the file. Ints functions only explain."""


FINEST = 1e-3
"""A cosine far below this is as good as none."""

LEADING = ("gram", "constant")
EXPECTED = 0.03
"""The cosine that the best of many unrelated families has: where few are known it is taken to be there."""


@dataclass(frozen=True, slots=True)
class ChannelWeight:
    """What a channel weighs: the power of its rarity (see `FeaturePostings`), and its weight among the channels."""

    rarity: float
    weight: float


CHANNEL_WEIGHTS = {
    "block": ChannelWeight(2.0, 0.15),
    "gram": ChannelWeight(2.0, 1.0),
    "constant": ChannelWeight(1.0, 1.0),
    "string": ChannelWeight(1.0, 1.0),
    "import": ChannelWeight(1.0, 1.0),
}


Reference = Callable[[str, Numbers], npt.NDArray[np.int32]]
"""How many projects of a reference hold each of some features, which are sorted, of a channel."""


def shares(channels: Sequence[str]) -> dict[str, float]:
    """The weights of channels, which sum to one."""
    whole = sum(CHANNEL_WEIGHTS[name].weight for name in channels)
    return {name: CHANNEL_WEIGHTS[name].weight / whole for name in channels}


def graded(cosines: Floats) -> Floats:
    """The logarithm of cosines, from 0 for what shares nothing to 1 for the same."""
    return np.asarray(np.log1p(cosines / FINEST) / np.log1p(1.0 / FINEST))


@dataclass(frozen=True, slots=True)
class FamilySimilarity:
    """What families share with a query over some channels.

    `families` is for each family the weighted mean over channels, of each channel by the sample that is nearest in it,
    and `nearest` the rows of those samples by channel. `rivals` is what all known families but the first have, and
    `features` how many the query has. `lead` is the logarithm of how far the first is ahead of every other family in
    the channel in which it is ahead least.
    """

    channels: tuple[str, ...]
    families: Floats
    nearest: Mapping[str, Ints]
    rivals: Floats
    lead: float
    features: int


class Kinship:
    """The known samples, indexed by what they share. `families` are the full names of the subjects, sorted."""

    def __init__(
        self,
        samples: Sequence[SampleCode],
        postings: Mapping[str, FeaturePostings] | None = None,
        reference: Reference | None = None,
    ) -> None:
        self.samples = tuple(samples)
        self.families = tuple(sorted({each.subject.key for each in samples}))
        place = {name: row for row, name in enumerate(self.families)}
        self.family_of = np.array([place[each.subject.key] for each in samples], dtype=np.int32)
        self.postings = postings or {name: self._indexed(name, reference) for name in WHOLE}
        self._left_out = -1

    def _indexed(self, name: str, reference: Reference | None) -> FeaturePostings:
        columns = [each.profile.channel(name).value for each in self.samples]
        counted = partial(reference, name) if reference else None
        return FeaturePostings.of(columns, self.family_of, CHANNEL_WEIGHTS[name].rarity, counted)

    def without(self, family: str) -> Kinship:
        """The same as if a family were not known: its samples are near nothing, and make nothing less rare."""
        row = self.families.index(family)
        found = Kinship(self.samples, {name: each.without(row) for name, each in self.postings.items()})
        found._left_out = row
        return found

    def cosines(self, profile: CodeProfile, channels: Sequence[str] = WHOLE) -> dict[str, Floats]:
        """For each channel the cosine of every sample with a query."""
        found = {name: self.postings[name].cosines(profile.channel(name).value) for name in channels}
        if self._left_out >= 0:
            for each in found.values():
                each[self.family_of == self._left_out] = 0.0
        return found

    def similarity(
        self, profile: CodeProfile, channels: tuple[str, ...], cosines: Mapping[str, Floats] | None = None
    ) -> FamilySimilarity:
        """What the families share with a query over these channels; `cosines` spares working them out again."""
        by_channel = cosines or self.cosines(profile, channels)
        best = {name: self._best(by_channel[name]) for name in channels}
        families = sum(
            (share * graded(best[name]) for name, share in shares(channels).items()), np.zeros(len(self.families))
        )
        first = int(np.argmax(families))
        other = np.ones(len(families), dtype=bool)
        other[[first] if self._left_out < 0 else [first, self._left_out]] = False
        sizes = {name: len(profile.channel(name).value) for name in channels}
        lead = min((_lead(best[name], first, other) for name in _leading(sizes)), default=0.0)
        nearest = {name: self._nearest(by_channel[name]) for name in channels}
        return FamilySimilarity(channels, families, nearest, families[other], lead, sum(sizes.values()))

    def _best(self, cosines: Floats) -> Floats:
        best = np.zeros(len(self.families))
        np.maximum.at(best, self.family_of, cosines)
        return best

    def _nearest(self, cosines: Floats) -> Ints:
        """For each family the first of its samples with the highest cosine."""
        order = np.lexsort((np.arange(len(cosines)), -cosines))[::-1]
        nearest = np.full(len(self.families), -1, dtype=np.int64)
        nearest[self.family_of[order]] = order
        return nearest


def _leading(sizes: Mapping[str, int]) -> list[str]:
    """The channels in which a lead is looked for: those of LEADING that the query has, else all it has."""
    return [name for name in LEADING if sizes.get(name)] or [name for name, size in sizes.items() if size]


def _lead(cosines: Floats, first: int, other: Flags) -> float:
    rival = float(cosines[other].max(initial=EXPECTED))
    return math.log((float(cosines[first]) + FINEST) / (rival + FINEST))
