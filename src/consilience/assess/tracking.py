"""Merge, keep distinct, or watch: a proposal to a person, never done by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consilience.model.observation import WITHHELD
from consilience.model.relation import Relation
from consilience.vocab import Vocabulary


def tracking_of(
    relation: Relation,
    same_type: bool,
    without_kind: Sequence[Mapping[str, Any]],
    without_origin: Sequence[Mapping[str, Any]],
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
        return "merge", "same operator holds without any one kind or origin"
    if deceived:
        return "keep-distinct", f"the likeness is {relation.axes['sincerity'].position}"
    if relation.axes["operator"].position == "separate":
        return "keep-distinct", "operator is separate"
    if public_potential >= rules["too_good"] * 1000:
        return "watch", "the likeness rests on what was in print and could be copied"
    settled = relation.level in ("coordinated", "shared-supplier", "shared-requirement")
    if (
        settled
        and same < rules["distinct_same_below"]
        and (same <= rules["distinct_same_at_most"] or _contrary(relation))
    ):
        return "keep-distinct", f"the relation is settled at {relation.level}, and same operator stands at {same:.2f}"
    if _nothing(relation, rules["nothing"] * 1000):
        return "keep-distinct", "nothing shared weighs on operator, developer or infrastructure"
    return "watch", f"identity is open; for a merge is missing: {'; '.join(missing)}"


def _missing_for_merge(
    relation: Relation,
    same_type: bool,
    without_kind: Sequence[Mapping[str, Any]],
    without_origin: Sequence[Mapping[str, Any]],
    rules: Mapping[str, Any],
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
        (operator >= rules["merge_least"], f"same operator at {rules['merge_least']:.2f}"),
        (len(groups) >= rules["merge_groups"], "two trait groups"),
        (len(origins) >= rules["merge_origins"], "two origins"),
        (all(row["same"] >= least for row in without_kind), "a result that holds without any one kind"),
        (
            all(row["same"] >= least for row in without_origin if not row["only_source_of_a_side"]),
            "a result that holds without any one origin",
        ),
        (same_type, "two subjects of one type"),
        (relation.axes["sincerity"].position not in ("imitated", "taken-over"), "sincerity"),
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
