"""Merge, keep distinct, or watch: a proposal to a person, never done by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consilience.model.observation import WITHHELD
from consilience.model.outlook import Without
from consilience.model.relation import Relation
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence


def tracking_of(
    relation: Relation,
    same_type: bool,
    without_kind: Sequence[Without],
    without_origin: Sequence[Without],
    public_potential: int,
    vocabulary: Vocabulary,
) -> tuple[str, str]:
    """The tracking decision and its reason.

    `without_kind` and `without_origin` are the leave-one-out rows of the robustness analysis; `public_potential` is
    what the strongest published trait would weigh on *same operator*, in millidecibans, were it not public.
    """
    rules = vocabulary.rules["tracking"]
    same = relation.axes["operator"].probabilities["same"]
    deceived = relation.axes["sincerity"].position in ("imitated", "taken-over")
    missing = _missing_for_merge(relation, same_type, without_kind, without_origin, rules)
    if not missing:
        return "merge", sentence("tracking.robust")
    if deceived:
        return "keep-distinct", sentence("tracking.deceived", position=relation.axes["sincerity"].position)
    if relation.axes["operator"].position == "separate":
        return "keep-distinct", sentence("tracking.separate")
    if public_potential >= rules["too_good"] * 1000:
        return "watch", sentence("tracking.public")
    settled = relation.level in ("coordinated", "shared-supplier", "shared-requirement")
    if (
        settled
        and same < rules["distinct_same_below"]
        and (same <= rules["distinct_same_at_most"] or _contrary(relation))
    ):
        return "keep-distinct", sentence("tracking.settled", level=relation.level, same=same)
    if _nothing(relation, rules["nothing"] * 1000):
        return "keep-distinct", sentence("tracking.nothing")
    return "watch", sentence("tracking.missing", missing="; ".join(missing))


def _missing_for_merge(
    relation: Relation,
    same_type: bool,
    without_kind: Sequence[Without],
    without_origin: Sequence[Without],
    rules: Mapping[str, float],
) -> list[str]:
    operator = relation.axes["operator"].probabilities["same"]
    # What a source knows and does not publish is testimony: it may weigh, but never carries a merge.
    carrying = [
        item
        for item in relation.evidence
        if item.on("operator", "same") >= rules["merge_item"] * 1000
        and not any(value.startswith(f"{WITHHELD}:") for value in item.values)
    ]
    groups = {item.group for item in carrying if item.group != "claim"}
    origins = {origin for item in carrying for origin in item.origins}
    least = rules["merge_without_one"]
    checks = (
        (operator >= rules["merge_least"], sentence("missing.probability", least=rules["merge_least"])),
        (len(groups) >= rules["merge_groups"], sentence("missing.groups")),
        (len(origins) >= rules["merge_origins"], sentence("missing.origins")),
        (all(row["same"] >= least for row in without_kind), sentence("missing.kinds")),
        (
            all(row["same"] >= least for row in without_origin if not row["only_source_of_a_side"]),
            sentence("missing.one_origin"),
        ),
        (same_type, sentence("missing.type")),
        (relation.axes["sincerity"].position not in ("imitated", "taken-over"), sentence("missing.sincerity")),
    )
    return [what for holds, what in checks if not holds]


def _contrary(relation: Relation) -> bool:
    """Whether a source states something against identity, on whichever axis."""
    return any(
        value <= -1000
        for item in relation.evidence
        if item.form in ("negative", "contrast", "claim", "comparison", "one-sided")
        for row in item.weights.values()
        for name, value in row.items()
        if name.startswith("same")
    )


def _nothing(relation: Relation, least: float) -> bool:
    return not any(
        value >= least
        for item in relation.evidence
        for axis in ("operator", "developer", "infrastructure")
        for value in item.counted.get(axis, {}).values()
    )
