"""What a case knows at one moment: one value, handed down to whatever needs any of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from consilience.model.observation import Observation
from consilience.model.protocols import Keeper
from consilience.model.ruling import Policy, Ruling, policy_of
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.model.terms import RetractionTerms


@dataclass(frozen=True)
class Knowledge:
    """The observations of a case, its rulings, and what follows from both.

    Each part is read from the keeper when it is first asked for, and once: what is made of one value agrees with
    itself. After something was written, make a new one.
    """

    keeper: Keeper = field(repr=False)
    _snapshots: dict[str, Snapshot] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """Every observation that the case keeps, in the order of their ids, retracted ones among them."""
        return tuple(self.keeper.observations())

    @cached_property
    def rulings(self) -> tuple[Ruling, ...]:
        """What people ruled, oldest first."""
        return tuple(self.keeper.rulings())

    @cached_property
    def policy(self) -> Policy:
        """What these rulings amount to."""
        return policy_of(self.rulings)

    @cached_property
    def stale(self) -> frozenset[str]:
        """The assessments that rest on what was retracted."""
        retractions = (ruling.terms for ruling in self.rulings if isinstance(ruling.terms, RetractionTerms))
        return frozenset(each for terms in retractions for each in terms.stale)

    def snapshot(self, as_of: str = "") -> Snapshot:
        """What was known by a date and never retracted, each observation under the colour that holds of it."""
        if as_of not in self._snapshots:
            policy, kept = self.policy, self.observations
            if not policy.changes_nothing:
                kept = tuple(policy.marked(seen) for seen in kept if not policy.is_retracted(seen))
            self._snapshots[as_of] = snapshot_of(kept, as_of)
        return self._snapshots[as_of]
