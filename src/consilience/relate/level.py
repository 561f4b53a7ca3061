"""The level of a relation: the first rung that holds, printed with the axis that carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consilience.model.evidence import Evidence
from consilience.model.relation import AxisView
from consilience.relate.axes import posterior
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence
from consilience.vocab.tables import Vector

CARRIES = 1000


def level_of(
    axes: Mapping[str, AxisView], evidence: Sequence[Evidence], without_cheap: Vector, vocabulary: Vocabulary
) -> tuple[str, str, str]:
    """The level, the axis that carries it, and the reason."""
    rules = vocabulary.rules["level"]
    operator, sincerity = axes["operator"], axes["sincerity"]
    together = operator.probabilities["same"] + operator.probabilities["coordinated"]
    if sincerity.position in ("imitated", "taken-over"):
        return "unrelated", "sincerity", sentence("level.deceived", position=sincerity.position)
    if axes["name"].position == "part-of" and together >= rules["part_of_operator"]:
        return "part-of", "name", sentence("level.part_of", together=together)
    if operator.position == "same" and _carried(evidence, "same", rules["not_carrying_same"]):
        return "same", "operator", operator.because
    start, stop = vocabulary.ranges["operator"]
    sober = posterior(vocabulary.axes["operator"], without_cheap[start:stop])
    if (
        together >= rules["coordinated_least"]
        and sober["same"] + sober["coordinated"] >= rules["coordinated_without_cheap"]
        and _carried(evidence, "coordinated", rules["not_carrying_coordinated"])
    ):
        how = "level.coordinated" if operator.settled else "level.coordinated_open"
        return "coordinated", "operator", sentence(how, together=together)
    for axis, position, level in (
        ("developer", "same", "shared-supplier"),
        ("supply", "shared", "shared-supplier"),
        ("requirement", "shared", "shared-requirement"),
        ("operator", "separate", "unrelated"),
    ):
        if axes[axis].position == position:
            return level, axis, sentence("level.axis", axis=axis, position=position, because=axes[axis].because)
    return "undetermined", "", sentence("level.none")


def _carried(evidence: Sequence[Evidence], hypothesis: str, not_by: Sequence[str]) -> bool:
    """Whether a hypothesis on operator rests on something other than these trait groups."""
    return any(item.group not in not_by and item.on("operator", hypothesis) >= CARRIES for item in evidence)
