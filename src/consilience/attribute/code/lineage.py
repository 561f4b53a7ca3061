"""The families whose code a sample shares, as one answer: code alone beside code with strings and imports."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from consilience.attribute.code.calibrated import LineageModel, LineageRule
from consilience.attribute.code.kinship import CODE, WHOLE, FamilySimilarity, Kinship, Reference
from consilience.attribute.code.shared import FeatureText, shared_code, shared_code_reason
from consilience.model.arrays import Floats
from consilience.model.attribution import Attribution, Ranked, Reason, View
from consilience.model.code import CodeProfile, SampleCode
from consilience.model.units import DECIBANS

PLACES = 6
FEW_FAMILIES = 10
VIEWS = (("code", CODE), ("code with strings and imports", WHOLE))


class Lineage:
    """Ranks the families of a case by the code they share with a sample."""

    def __init__(self, samples: Sequence[SampleCode], model: LineageModel, reference: Reference | None = None) -> None:
        self.kinship = Kinship(samples, reference=reference)
        self.model = model

    def attribution(
        self,
        profile: CodeProfile,
        id: str,
        explained: int = 5,
        most_cited: int = 5,
        feature_text: FeatureText | None = None,
    ) -> Attribution:
        """The ranking of every known family for a sample; the first `explained` of them with what it rests on.

        It rests on all channels; `views` hold what code alone says beside it, because strings are easily planted. A
        reason's weight is its part of the family's weight, in proportion to what it gives of the likeness.
        """
        if not self.kinship.families:
            return Attribution(id, (), 1.0, ("the case knows no sample of a family yet",))
        cosines = self.kinship.cosines(profile)
        views, found = [], []
        for (name, channels), rule in zip(VIEWS, (self.model.code, self.model.whole), strict=True):
            similarity = self.kinship.similarity(profile, channels, cosines)
            probabilities, none = rule.probabilities(similarity)
            first = int(np.argmax(probabilities))
            found.append((similarity, probabilities))
            family = self.kinship.families[first]
            views.append(View(name, family, round(float(probabilities[first]), PLACES), round(none, PLACES)))
        similarity, probabilities = found[1]
        ranking = self._ranking(
            profile, similarity, probabilities, (explained, most_cited), feature_text or feature_names(profile)
        )
        none = max(0.0, 1.0 - math.fsum(each.probability for each in ranking))
        return Attribution(id, ranking, none, self._notes(profile, similarity, views, none), views=tuple(views))

    def _ranking(
        self,
        profile: CodeProfile,
        similarity: FamilySimilarity,
        probabilities: Floats,
        limits: tuple[int, int],
        feature_text: FeatureText,
    ) -> tuple[Ranked, ...]:
        explained, most_cited = limits
        none = max(1.0 - float(probabilities.sum()), 10.0**-PLACES)
        order = np.lexsort((np.arange(len(probabilities)), -similarity.families, -probabilities))
        ranking = []
        for rank, row in enumerate(order.tolist()):
            weight = DECIBANS * (math.log(max(float(probabilities[row]), 10.0 ** (-2 * PLACES))) - math.log(none))
            because: tuple[Reason, ...] = ()
            if rank < explained and most_cited and similarity.families[row] > 0:
                share = max(weight, 0.0) / float(similarity.families[row])
                shared = shared_code(self.kinship, profile, similarity, row, most_cited)
                because = tuple(
                    shared_code_reason(each, self.kinship, share * each.part, feature_text) for each in shared
                )
            probability = round(float(probabilities[row]), PLACES)
            ranking.append(Ranked(self.kinship.families[row], probability, weight, because))
        return tuple(ranking)

    def _notes(
        self, profile: CodeProfile, similarity: FamilySimilarity, views: list[View], none: float
    ) -> tuple[str, ...]:
        notes = ["this shows shared code, not who wrote it: libraries, builders and bought code are shared as well"]
        if not profile.instructions or not len(profile.channel("gram").value):
            notes.append(_without_code(profile))
        if len(self.kinship.families) < FEW_FAMILIES:
            few = f"only {len(self.kinship.families)} families are known: what is rare among them may be common"
            notes.append(f"{few}, and the probabilities were fitted where more are known")
        if views[0].probability and views[0].subject != views[1].subject:
            notes.append(
                f"code alone is nearest to {views[0].subject}: strings may have been planted, or code replaced"
            )
        if 1.0 - none < self.model.whole.answered:
            notes.append("not enough to name a family: one in twenty samples of unknown families shows as much")
        return tuple(notes)


def feature_names(profile: CodeProfile) -> FeatureText:
    """What stands for the features of a profile that is without its sample: names of imports, and numbers."""

    def feature_text(channel: str, value: int, place: int) -> str:
        if channel == "import" and 0 <= place < len(profile.imports):
            return profile.imports[place]
        return f"{value:#x}" if channel == "constant" else f"#{value:016x}"

    return feature_text


__all__ = ["Lineage", "LineageRule", "feature_names"]


def _without_code(profile: CodeProfile) -> str:
    """What is compared of a sample in which no instructions, or none of a known order, were found."""
    if not profile.instructions and len(profile.channel("gram").value):
        return f"its code is compared as rows of bytes ({profile.machine}); strings and imports are as well"
    constants = "constants, " if len(profile.channel("constant").value) else ""
    return f"no code of it can be compared ({profile.machine}); {constants}strings and imports are"
