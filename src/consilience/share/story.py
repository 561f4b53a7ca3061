"""The order in which a document for people tells an assessment, and the measures of its pictures.

Everything is taken from the assessment; nothing is weighed here. Places in pictures are per cent of their width, so
that a picture fits a telephone and a sheet of paper alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from consilience.model.assessment import Assessment
from consilience.model.evidence import Evidence, Weights
from consilience.model.observation import Observation
from consilience.model.outlook import MatrixRow
from consilience.model.printable import phrase
from consilience.model.relation import AxisView, Judgement, judgement_records
from consilience.model.source import Source
from consilience.model.when import iso
from consilience.share.marking import marking
from consilience.vocab import vocabulary
from consilience.vocab.phrases import (
    conflict_sentences,
    flip_sentences,
    look_for_sentences,
    position_words,
    runner_up_sentences,
    weakest_sentences,
    withheld_sentences,
    without_sentences,
)
from consilience.vocab.sentences import question, sentence, words_or

POSITIONS = ("developer", "requirement", "supply", "infrastructure", "operator")
FURTHER = ("sincerity", "name")
STEPS_DRAWN = 12
ROWS_DRAWN = 12
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LEAST_WIDTH = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """The part of a probability bar that one hypothesis takes, now and before the evidence."""

    letter: str
    hypothesis: str
    probability: float
    prior: float
    start: float
    prior_start: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One evidence item on an axis: decibans alone, counted and by removal, and its bar from `start` on."""

    evidence: Evidence
    alone: float
    counted: float
    removal: float
    start: float
    width: float
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """How the log-odds of one hypothesis against the reference rise from the prior, step by step, to the total.

    `prior`, `rest` and `total` are decibans; `rest` is what the `left` steps after the drawn ones count together.
    `bars` are the places (start, width) of prior, rest and total; `zero` is the place of even odds.
    """

    hypothesis: str
    reference: str
    prior: float
    steps: tuple[Step, ...]
    left: int
    rest: float
    total: float
    zero: float
    bars: Mapping[str, tuple[float, float]]

    @property
    def drawn(self) -> tuple[Step, ...]:
        """The steps that the picture shows; the table shows all."""
        return self.steps[: len(self.steps) - self.left]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One axis: its position in words, its probability bar, its waterfall and its grid."""

    axis: str
    question: str
    view: AxisView
    position: str
    portions: tuple[Portion, ...]
    waterfall: Waterfall
    grid: tuple[tuple[MatrixRow, tuple[str, ...]], ...]
    ranks: tuple[tuple[str, str, float, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """One line of a lane: what was shown when, by how many observations, and the place of its bar."""

    kind: str
    dates: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What one subject showed over time; `left` lines more are in the table only."""

    subject: str
    showings: tuple[Showing, ...]
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A source with its number in the document and the observations that rest on it."""

    number: int
    source: Source
    published: str
    observations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One of the nine analytic standards of ICD 203 and how the document meets it."""

    standard: str
    met: bool
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Sentences under a title, with the id of their section."""

    id: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An assessment in the order in which it is told.

    `judgements` are beside it, each with who made it, when, and what superseded it; `forms` says of each evidence
    item what kind of comparison it is; `anchors` are the ids that a link can lead to.
    """

    assessment: Assessment
    tlp: str
    level_words: str
    judgements: tuple[tuple[Judgement, str], ...]
    cards: tuple[Card, ...]
    forms: Mapping[str, str]
    conflicts: Passage
    withheld: Passage
    changes: tuple[Passage, ...]
    first_day: str
    last_day: str
    lanes: tuple[Lane, ...]
    observations: tuple[Observation, ...]
    cited: tuple[Cited, ...]
    numbers: Mapping[str, int]
    anchors: frozenset[str]
    checks: tuple[Check, ...]


def story_of(assessment: Assessment, judgements: Sequence[Judgement] = ()) -> Story:
    """The story of an assessment, with these judgements of analysts beside it."""
    relation = assessment.relation
    observations = tuple(assessment.observations[key] for key in sorted(assessment.observations))
    cited = _cited(observations)
    numbers = {seen: row.number for row in cited for seen in row.observations}
    leading = [name for name in (*POSITIONS, *FURTHER) if name in relation.axes]
    order = [*leading, *(name for name in relation.axes if name not in leading)]
    first_day, last_day, lanes = _lanes(assessment, observations)
    return Story(
        assessment=assessment,
        tlp=marking(assessment),
        level_words=words_or(f"levels.{relation.level}", ""),
        judgements=tuple(zip(judgements, map(_whose, judgement_records(judgements)), strict=True)),
        cards=tuple(_card(assessment, name, numbers) for name in order),
        forms={item.id: _form(item) for item in relation.evidence},
        conflicts=_part("conflicts", conflict_sentences(assessment.conflicts)),
        withheld=_part("withheld", withheld_sentences(assessment.withheld)),
        changes=_changes(assessment),
        first_day=first_day,
        last_day=last_day,
        lanes=lanes,
        observations=observations,
        cited=cited,
        numbers=numbers,
        anchors=frozenset([*order, *assessment.observations, *(item.id for item in relation.evidence)]),
        checks=_checks(assessment, cited),
    )


def _whose(record: Mapping[str, str]) -> str:
    whose = {name: record[name] for name in ("by", "recorded", "id")}
    if record["superseded_by"]:
        return sentence("report.whose_superseded", later=record["superseded_by"], **whose)
    return sentence("report.whose", **whose)


def _form(item: Evidence) -> str:
    how = "report.form_words_public" if item.public else "report.form_words"
    return sentence(how, form=item.form, cost=item.forging, grade=item.grade)


def _card(assessment: Assessment, name: str, numbers: Mapping[str, int]) -> Card:
    view = assessment.relation.axes[name]
    known = vocabulary().axes.get(name)
    return Card(
        axis=name,
        question=question(name),
        view=view,
        position=position_words(view.position, view.probabilities, view.prior, assessment.words.get(name, "")),
        portions=_portions(view),
        waterfall=_waterfall(view, known.reference if known else "", assessment.relation.evidence, numbers),
        grid=tuple(
            (row, tuple(str(row["cells"][name].get(hypothesis, "")) for hypothesis in view.probabilities))
            for row in assessment.matrix
            if row.get("cells", {}).get(name)
        ),
        ranks=tuple(
            (rival.name, rival.account, rival.inconsistency, rival.rank)
            for rival in assessment.hypotheses
            if rival.axis == name
        ),
    )


def _portions(view: AxisView) -> tuple[Portion, ...]:
    portions = []
    start = before = 0.0
    for place, (name, probability) in enumerate(view.probabilities.items()):
        prior = view.prior.get(name, 0.0)
        portions.append(
            Portion(
                letter=LETTERS[place % len(LETTERS)],
                hypothesis=name,
                probability=probability,
                prior=prior,
                start=_place(start),
                prior_start=_place(before),
            )
        )
        start, before = start + probability * 100, before + prior * 100
    return tuple(portions)


def _waterfall(view: AxisView, reference: str, evidence: Sequence[Evidence], numbers: Mapping[str, int]) -> Waterfall:
    """The waterfall of the leading hypothesis, or of the one next to it when the reference leads: it weighs 0."""
    reference = reference if reference in view.probabilities else list(view.probabilities)[-1]
    rivals = [name for name in view.probabilities if name != reference] or [reference]
    hypothesis = max(rivals, key=lambda name: view.probabilities[name])
    prior = _odds(view.prior.get(hypothesis, 0.0), view.prior.get(reference, 0.0))
    bearing = sorted(
        (item for item in evidence if _on(item.weights, view, hypothesis) or item.on(view.axis, hypothesis)),
        key=lambda item: (-abs(item.on(view.axis, hypothesis)), item.id),
    )
    left = max(0, len(bearing) - STEPS_DRAWN)
    rest = sum(item.on(view.axis, hypothesis) for item in bearing[len(bearing) - left :]) / 1000
    total = prior + view.totals.get(hypothesis, 0) / 1000
    edges = [prior]
    for item in bearing[: len(bearing) - left]:
        edges.append(edges[-1] + item.on(view.axis, hypothesis) / 1000)
    at = edges[-1]
    low, high = min(0.0, *edges, at + rest, total), max(0.0, *edges, at + rest, total)
    scale = 100 / max(high - low, 1.0)

    def bar(start: float, end: float) -> tuple[float, float]:
        left_edge = _place((min(start, end) - low) * scale)
        return min(left_edge, 100 - LEAST_WIDTH), max(_place(abs(end - start) * scale), LEAST_WIDTH)

    bars = [*(bar(start, end) for start, end in pairwise(edges)), *[(0.0, 0.0)] * left]
    steps = [
        Step(
            evidence=item,
            alone=_on(item.weights, view, hypothesis) / 1000,
            counted=item.on(view.axis, hypothesis) / 1000,
            removal=_on(item.removal, view, hypothesis) / 1000,
            start=start,
            width=width,
            sources=tuple(sorted({numbers[seen] for seen in item.observations if seen in numbers})),
        )
        for item, (start, width) in zip(bearing, bars, strict=True)
    ]
    return Waterfall(
        hypothesis=hypothesis,
        reference=reference,
        prior=prior,
        steps=tuple(steps),
        left=left,
        rest=rest,
        total=total,
        zero=_place(-low * scale),
        bars={"prior": bar(0.0, prior), "rest": bar(at, at + rest), "total": bar(0.0, total)},
    )


def _on(weights: Weights, view: AxisView, hypothesis: str) -> int:
    return weights.get(view.axis, {}).get(hypothesis, 0)


def _odds(probability: float, against: float) -> float:
    """The decibans between two probabilities; 0 where one of them is 0, because no picture holds infinity."""
    return 10 * math.log10(probability / against) if probability > 0 and against > 0 else 0.0


def _place(value: float) -> float:
    return round(value, 3)


def _part(name: str, lines: Iterable[str]) -> Passage:
    return Passage(id=name, title=sentence(f"report.{name}"), lines=tuple(lines))


def _changes(assessment: Assessment) -> tuple[Passage, ...]:
    """What would change the judgement, one part for each analysis."""
    robustness = assessment.robustness
    return (
        _part("without_origin", without_sentences(robustness["leave_one_origin_out"])),
        _part("without_kind", without_sentences(robustness["leave_one_kind_out"])),
        _part("flip", flip_sentences(robustness["minimal_flip"])),
        _part("weakest", weakest_sentences(assessment.weakest_edge)),
        _part("runner_up", runner_up_sentences(assessment.runner_up)),
        _part("look_for", look_for_sentences(assessment.would_decide)),
    )


def _lanes(assessment: Assessment, observations: Sequence[Observation]) -> tuple[str, str, tuple[Lane, ...]]:
    """The first and the last day, and a lane for each subject that has a dated observation, the pair first."""
    dated = [(seen, days) for seen in observations if (days := seen.showing()) is not None]
    if not dated:
        return "", "", ()
    low, high = min(days.first for _, days in dated), max(days.last for _, days in dated)
    scale = 100 / max(high - low + 1, 1)
    lines: dict[str, dict[tuple[int, int, str], list[Observation]]] = {}
    for seen, days in dated:
        lines.setdefault(seen.subject.key, {}).setdefault((days.first, days.last, seen.trait.kind), []).append(seen)
    pair = (assessment.relation.a, assessment.relation.b)
    lanes = []
    for subject in sorted(lines, key=lambda key: (pair.index(key) if key in pair else len(pair), key)):
        rows = sorted(lines[subject].items())
        showings = tuple(
            Showing(
                kind=kind,
                dates=iso(first) if first == last else f"{iso(first)} to {iso(last)}",
                count=len(seen),
                start=_place(min((first - low) * scale, 100 - LEAST_WIDTH)),
                width=_place(max((last - first + 1) * scale, LEAST_WIDTH)),
            )
            for (first, last, kind), seen in rows[:ROWS_DRAWN]
        )
        lanes.append(Lane(subject=subject, showings=showings, left=max(0, len(rows) - ROWS_DRAWN)))
    return iso(low), iso(high), tuple(lanes)


def _cited(observations: Iterable[Observation]) -> tuple[Cited, ...]:
    groups: dict[str, list[Observation]] = {}
    for seen in observations:
        groups.setdefault(seen.source.key, []).append(seen)
    return tuple(
        Cited(
            number=number,
            source=groups[key][0].source,
            published=", ".join(sorted({seen.published for seen in groups[key] if seen.published})),
            observations=tuple(seen.id for seen in groups[key]),
        )
        for number, key in enumerate(sorted(groups), start=1)
    )


def _checks(assessment: Assessment, cited: Sequence[Cited]) -> tuple[Check, ...]:
    """The nine analytic standards, each met by something the document shows or marked as not done."""
    relation = assessment.relation
    rated = sum(row.source.reliability != "F" or row.source.credibility != 6 for row in cited)
    supported = sum(bool(line.rests_on) for line in assessment.sentences)
    accuracy = assessment.provenance.get("calibration")
    earlier = assessment.provenance.get("previous")
    rivals, axes = len(assessment.hypotheses), len(relation.axes)
    how = "alternatives_deception_how" if "sincerity" in relation.axes else "alternatives_how"
    rows = (
        ("sources", rated, sentence("standards.sources_how", count=rated, total=len(cited))),
        ("uncertainty", assessment.words, sentence("standards.uncertainty_how", count=axes)),
        (
            "assumptions",
            relation.evidence,
            sentence("standards.assumptions_how", count=len(relation.evidence), total=len(assessment.observations)),
        ),
        ("alternatives", rivals, sentence(f"standards.{how}", count=rivals, total=axes)),
        ("relevance", assessment.tracking, sentence("standards.relevance_how", decision=assessment.tracking)),
        (
            "argument",
            assessment.sentences,
            sentence("standards.argument_how", count=supported, total=len(assessment.sentences)),
        ),
        ("change", earlier, phrase(earlier)),
        ("accuracy", accuracy, phrase(accuracy)),
        ("visual", axes, sentence("standards.visual_how")),
    )
    not_done = sentence("standards.not_done")
    return tuple(
        Check(standard=sentence(f"standards.{name}"), met=bool(met), how=how if met else not_done)
        for name, met, how in rows
    )
