"""What a partner would conclude, beside what we conclude: for our own eyes only."""

from __future__ import annotations

from consilience.model.assessment import Assessment
from consilience.model.json import JsonObject
from consilience.model.partner import Partner


def compared(partner: Partner, ours: Assessment, theirs: Assessment | None, why_not: str = "") -> JsonObject:
    """Both conclusions in short, and where they differ; `theirs` is None when they may know nothing of the pair."""
    return {
        "partner": partner.name,
        "a": ours.relation.a,
        "b": ours.relation.b,
        "as_of": ours.relation.as_of,
        "ours": _summary(ours),
        "theirs": _summary(theirs) if theirs else None,
        "refused": why_not,
        "differs": _differences(ours, theirs) if theirs else [],
    }


def _summary(assessment: Assessment) -> JsonObject:
    relation = assessment.relation
    return {
        "level": relation.level,
        "tracking": assessment.tracking,
        "confidence": assessment.confidence.level,
        "marking": assessment.provenance.get("marking", ""),
        "evidence": len(relation.evidence),
        "observations": len(assessment.observations),
        "axes": {
            name: {"position": view.position, "probabilities": dict(view.probabilities)}
            for name, view in relation.axes.items()
        },
    }


def _differences(ours: Assessment, theirs: Assessment) -> list[JsonObject]:
    """Level, tracking, confidence and positions that are not the same on both sides."""
    rows = [
        ("level", ours.relation.level, theirs.relation.level),
        ("tracking", ours.tracking, theirs.tracking),
        ("confidence", ours.confidence.level, theirs.confidence.level),
        *((name, view.position, theirs.relation.axes[name].position) for name, view in ours.relation.axes.items()),
    ]
    return [{"what": what, "ours": mine, "theirs": other} for what, mine, other in rows if mine != other]
