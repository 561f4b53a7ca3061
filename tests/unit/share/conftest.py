"""A small fictional pair, assessed by hand, with hostile strings wherever a case can hold one."""

import pytest

from consilience.model.assessment import Assessment, Confidence, Sentence
from consilience.model.evidence import Evidence, Rarity
from consilience.model.hypothesis import Hypothesis
from consilience.model.observation import Observation, Polarity
from consilience.model.relation import AxisView, Relation
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab import vocabulary

HOSTILE = "<script>alert('x')</script> ]]> | \u202e \"q\" & <img src=x onerror=alert(1)>"
A = Subject("Alpha Labs", f"Grey Heron {HOSTILE}")
B = Subject("Beta <b>Corp</b>", "UNC-77/a|b")

OPEN = Source(
    publisher="Alpha Labs",
    title="Herons <script>",
    url="https://example.com/herons?a=1&b=2",
    reliability="B",
    credibility=2,
)
TRAP = Source(publisher="Beta <b>Corp</b>", title="A | trap", url="javascript:alert(1)")
BROKEN = Source(publisher="Gamma", title="x", url='https://example.com/"onmouseover="alert(1)')


def observation(subject, kind, value, source, **more):
    return Observation(subject=subject, trait=Trait(kind, value), source=source, **more)


OBSERVATIONS = (
    observation(
        A,
        "domain-name",
        "shared.example",
        OPEN,
        first_seen="2023-04-01",
        last_seen="2023-05",
        where="p. 3",
        tlp="green",
    ),
    observation(
        B,
        "domain-name",
        "shared.example",
        TRAP,
        first_seen="2023-08-02",
        published="2023-09-01",
        tlp="clear",
        where="§2",
    ),
    observation(A, "mutex", HOSTILE, OPEN, note=HOSTILE, where="table 1", first_seen="2023-04-03", tlp="green"),
    observation(B, "mutex", HOSTILE, TRAP, tlp="amber", where="appendix"),
    observation(
        B, "key", "shared key", BROKEN, polarity=Polarity.ABSENT, scope="all samples", tlp="green", where="l. 9"
    ),
    observation(A, "cohabitation", "same machines", BROKEN, object=B.key, tlp="green", first_seen="2023-03"),
)


def evidence(number, kind, rows, observations, **more):
    return Evidence(
        id=f"ev-{number:04d}",
        kind=kind,
        values=(HOSTILE,) if kind == "mutex" else (f"value {number}",),
        form="trait",
        group="net" if number % 2 else "key",
        forging="cheap",
        grade="B2",
        origins=(observations[0].source.key,),
        weights={axis: {name: value * 2 for name, value in row.items()} for axis, row in rows.items()},
        counted=rows,
        removal={axis: {name: value + 7 for name, value in row.items()} for axis, row in rows.items()},
        observations=tuple(seen.id for seen in observations),
        why=f"both show {kind} | number {number} {HOSTILE if number == 2 else ''}",
        because="rare and hard to forge",
        **more,
    )


EDGE = {
    "axis": "operator",
    "evidence": "ev-0004",
    "kind": "cohabitation",
    "values": ["host"],
    "why": "one source alone saw both on the same machines",
    "doubt": "",
    "removal": 2.2,
    "hypothesis": "coordinated",
}


def pair_assessment(observations=OBSERVATIONS, as_of="2023-12-11", extra=15):
    first = observations[:2] or OBSERVATIONS[:2]
    items = [
        evidence(1, "domain-name", {"operator": {"same": 3210, "coordinated": 2110, "separate": 0}}, first),
        evidence(
            2,
            "mutex",
            {"operator": {"same": 1500, "coordinated": 900, "separate": 0}, "developer": {"same": 4321}},
            observations[2:4] or first,
            rarity=Rarity(holders=1, population=240, corpus="the case", share=0.0125),
        ),
        evidence(
            3,
            "key",
            {"operator": {"same": -5120, "coordinated": 0, "separate": 0}, "developer": {"same": -9999}},
            observations[4:5] or first,
            conflict="another source says otherwise",
            notes=("looked at by one team",),
        ),
        evidence(4, "cohabitation", {"operator": {"same": 2200, "coordinated": 4300}}, observations[5:] or first),
    ]
    items += [
        evidence(number, "tool", {"operator": {"same": 10 * number, "coordinated": 11 * number}}, first)
        for number in range(5, 5 + extra)
    ]
    axes = {}
    for name, axis in vocabulary().axes.items():
        totals = {hypothesis: sum(item.on(name, hypothesis) for item in items) for hypothesis in axis.hypotheses}
        odds = {hyp: axis.priors[hyp] * 10 ** (totals[hyp] / 10000) for hyp in axis.hypotheses}
        axes[name] = AxisView(
            axis=name,
            position="undetermined" if name != "operator" else "coordinated",
            probabilities={hyp: value / sum(odds.values()) for hyp, value in odds.items()},
            prior=dict(axis.priors),
            totals=totals,
            because="nothing leads by enough",
        )
    relation = Relation(
        a=A.key,
        b=B.key,
        as_of=as_of,
        axes=axes,
        level="coordinated",
        level_because="operator is coordinated",
        carried_by="operator",
        evidence=tuple(items),
    )
    scale = vocabulary().scales["icd203"]
    return Assessment(
        relation=relation,
        tracking="keep-distinct",
        tracking_because="the relation is settled below one operator",
        hypotheses=tuple(
            Hypothesis(
                axis=name,
                name=hypothesis,
                account=vocabulary().axes[name].accounts[hypothesis],
                probability=probability,
                word=scale.word(probability)[0],
                inconsistency=1.25 * place,
                rank=place + 1,
            )
            for name, view in axes.items()
            for place, (hypothesis, probability) in enumerate(view.probabilities.items())
        ),
        words={
            name: f"{view.leading}: {scale.word(max(view.probabilities.values()))[0]}" for name, view in axes.items()
        },
        confidence=Confidence(level="low", limited_by=("one origin carries the result", "no calibration")),
        matrix=tuple(
            {
                "evidence": item.id,
                "why": item.why,
                "cells": {
                    axis: {hypothesis: "C" if value >= 0 else "II" for hypothesis, value in row.items()}
                    for axis, row in item.counted.items()
                },
                "diagnosticity": 1.5,
            }
            for item in items[:4]
        ),
        robustness={
            "leave_one_origin_out": [
                {
                    "without": HOSTILE,
                    "only_source_of_a_side": True,
                    "same": 0.125,
                    "changes": {"operator": "undetermined"},
                }
            ],
            "leave_one_kind_out": [{"without": "mutex", "same": 0.25, "changes": {}}],
            "minimal_flip": {
                "axis": "operator",
                "position": "coordinated",
                "remove": {
                    "count": 2,
                    "evidence": ["ev-0001", "ev-0004"],
                    "kinds": ["cohabitation", "mutex"],
                    "becomes": "undetermined",
                },
                "forge": {
                    "cheap": {"count": None, "tried": 12},
                    "dear": {"count": 1, "kinds": ["account"], "becomes": "same"},
                },
            },
        },
        runner_up={
            "axis": "operator",
            "hypothesis": "same",
            "account": "one team runs both",
            "probability": 0.2,
            "behind": "coordinated",
            "separated_by": "ev-0004",
            "why": f"both on one machine {HOSTILE}",
        },
        weakest_edge=EDGE | {"by_axis": {"operator": EDGE}},
        would_decide=({"axis": "operator", "look_for": "account", "gain_bits": 0.31},),
        sentences=(
            Sentence(text=f"It is likely that {A.key} and {B.key} work together.", rests_on=("operator", "ev-0004")),
            Sentence(text="They are kept distinct.", rests_on=("ev-0003",)),
        ),
        withheld=(
            {
                "observation": observations[0].id,
                "subject": B.key,
                "kind": "file:sha256",
                "publisher": "P",
                "key_role": "",
                "note": f"not published {HOSTILE}",
            },
        ),
        conflicts=({"evidence": "ev-0003", "kind": "crypto:key", "what": "A (B): shown | B (B): not shown"},),
        provenance={
            "snapshot": "abc123",
            "software": {"name": "consilience", "version": "0.1.0"},
            "parameters": {"vocabulary": "def456"},
        },
        observations={seen.id: seen for seen in observations},
    )


@pytest.fixture
def assessment():
    return pair_assessment()


@pytest.fixture
def build():
    return pair_assessment
