"""Which samples hold each feature of one channel, and in how many families it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from consilience.model.arrays import Floats, Ints
from consilience.model.code import Numbers

COMMON = 64
"""A feature of more families than this weighs nothing, so that the long lists of what everybody has are never read."""


@dataclass(frozen=True, slots=True)
class FeaturePostings:
    """The features of one channel over all samples.

    `keys` are the features, sorted; those of row i stand in the samples `samples[begin[i]:begin[i + 1]]`. `families`
    counts the families that hold each: never files, because one family may be there in a hundred builds. `reference`
    counts the projects of a reference that do. `norms` are the lengths of the samples as vectors of rarities, one at
    least, so that a tiny sample is not near everything. The square of a rarity is one over the greater of the two
    counts, to the power of `rarity`.
    """

    keys: Numbers
    begin: Ints
    samples: npt.NDArray[np.int32]
    families: npt.NDArray[np.int32]
    family_of: npt.NDArray[np.int32]
    norms: Floats
    reference: npt.NDArray[np.int32]
    rarity: float

    @classmethod
    def of(
        cls,
        columns: Sequence[Numbers],
        family_of: npt.NDArray[np.int32],
        rarity: float = 2.0,
        reference: Callable[[Numbers], npt.NDArray[np.int32]] | None = None,
    ) -> FeaturePostings:
        """The postings of samples with these features, each sorted, and each of this family (a row number).

        `reference` tells for features, sorted, how many projects of the reference hold each.
        """
        value = np.concatenate(columns) if columns else np.empty(0, dtype=np.uint64)
        sample = np.repeat(np.arange(len(columns), dtype=np.int32), [len(column) for column in columns])
        order = np.argsort(value, kind="stable")
        value, sample = value[order], sample[order]
        new = np.ones(len(value), dtype=bool)
        np.not_equal(value[1:], value[:-1], out=new[1:])
        begin = np.append(np.flatnonzero(new), len(value)).astype(np.int64)
        keys, none = value[new], np.empty(0, dtype=np.int32)
        known = reference(keys) if reference else np.zeros(len(keys), dtype=np.int32)
        bare = cls(keys, begin, sample, none, family_of, np.empty(0), known, rarity)
        return bare._counted(bare._holds())

    def without(self, family: int) -> FeaturePostings:
        """The same as if the samples of a family were not there; their own norms mean nothing then."""
        theirs = np.add.reduceat(self.family_of[self.samples] == family, self.begin[:-1]) if len(self.keys) else 0
        return self._counted(self.families - (np.asarray(theirs) > 0))

    def hits(self, features: Numbers) -> tuple[Ints, int]:
        """The rows of `keys` that a query holds, and how many of its features no sample holds."""
        if not len(self.keys):
            return np.empty(0, dtype=np.int64), len(features)
        row = np.minimum(np.searchsorted(self.keys, features), len(self.keys) - 1)
        row = row[(self.keys[row] == features) & (self.families[row] > 0)]
        return row, len(features) - len(row)

    def cosines(self, features: Numbers) -> Floats:
        """For each sample the cosine between its rarities and those of a query's features."""
        row, missed = self.hits(features)
        if not len(row):
            return np.zeros(len(self.norms))
        weight = self.weights(row)
        length = max(1.0, float(np.sqrt(weight.sum() + missed)))
        row, weight = row[weight > 0], weight[weight > 0]
        many = self.begin[row + 1] - self.begin[row]
        dots = np.bincount(self.samples[self._posted(row, many)], np.repeat(weight, many), len(self.norms))
        return np.asarray(dots / (length * self.norms))

    def shared(self, features: Numbers, sample: int, theirs: Numbers) -> tuple[Ints, Floats]:
        """The rows of `keys` that a query shares with a sample of these features, and what each gives of the cosine."""
        row, missed = self.hits(features)
        if not len(row) or not len(theirs):
            return np.empty(0, dtype=np.int64), np.empty(0)
        length = max(1.0, float(np.sqrt(self.weights(row).sum() + missed)))
        keys = self.keys[row]
        here = row[theirs[np.minimum(np.searchsorted(theirs, keys), len(theirs) - 1)] == keys]
        return here, self.weights(here) / (length * self.norms[sample])

    def families_of(self, row: int) -> list[int]:
        """The families that hold a feature, as row numbers."""
        families = self.family_of[self.samples[self.begin[row] : self.begin[row + 1]]]
        return sorted(set(families.tolist()))

    def weights(self, row: Ints) -> Floats:
        """The squares of the rarities of these rows; none may be held by no family."""
        return self._squares(self.families[row], self.reference[row])

    def _squares(self, families: npt.NDArray[np.int32], reference: npt.NDArray[np.int32]) -> Floats:
        many = np.maximum(families, reference).astype(np.float64)
        return np.asarray(np.where(many > COMMON, 0.0, many**-self.rarity))

    def _posted(self, row: Ints, many: Ints) -> Ints:
        inside = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        return np.asarray(np.repeat(self.begin[row], many) + inside)

    def _holds(self) -> npt.NDArray[np.int32]:
        """In how many families each feature is."""
        row = np.repeat(np.arange(len(self.keys)), np.diff(self.begin))
        wide = int(self.family_of.max(initial=0)) + 1
        pairs = row * wide + self.family_of[self.samples]
        pairs.sort()
        new = np.ones(len(pairs), dtype=bool)
        np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
        return np.bincount(pairs[new] // wide, minlength=len(self.keys)).astype(np.int32)

    def _counted(self, families: npt.NDArray[np.int32]) -> FeaturePostings:
        square = np.zeros(len(families))
        holders = families > 0
        square[holders] = self._squares(families[holders], self.reference[holders])
        each = np.bincount(self.samples, np.repeat(square, np.diff(self.begin)), len(self.family_of))
        return replace(self, families=families, norms=np.maximum(1.0, np.sqrt(each)))
