"""Pictures of a calibration as inline SVG, each with the table that says the same.

`reliability` what was said against what was right · `risk_coverage` how right the surest answers are ·
`diagnosticity` what sharing a value of a kind says. Nothing but SVG elements and numbers: no script, no style from
elsewhere, no reference to anything outside the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from consilience.model.json import Record

SIDE, EDGE = 320, 48
ROW, LABEL, BARS = 22, 210, 380
ROWS = 25


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and its table twin: `svg` is markup, the rest plain text that is still to be escaped."""

    title: str
    reads: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def reliability(bins: Sequence[Record]) -> Picture:
    """Bins of equal mass: on the diagonal what is said holds; below it more was said than held."""
    dots = [
        f'<circle cx="{_across(each["said"]):.1f}" cy="{_up(each["right"]):.1f}" r="5"><title>said {each["said"]:.1%}, '
        f"right {each['right']:.1%} of {each['count']}</title></circle>"
        for each in bins
    ]
    line = _line([(each["said"], each["right"]) for each in bins])
    diagonal = f'<line class="even" x1="{_across(0)}" y1="{_up(0)}" x2="{_across(1)}" y2="{_up(1)}"/>'
    return Picture(
        "Reliability",
        "Each dot is a tenth of the answers. On the broken line answers were right as often as their probability says; "
        "below it less often.",
        _square("said", "right", diagonal + line + "".join(dots)),
        ("answers", "said", "right"),
        tuple((str(each["count"]), f"{each['said']:.1%}", f"{each['right']:.1%}") for each in bins),
    )


def risk_coverage(rows: Sequence[Record]) -> Picture:
    """How right the answers are when only the surest part of them is given."""
    dots = [f'<circle cx="{_across(row["part"]):.1f}" cy="{_up(row["right"]):.1f}" r="4"/>' for row in rows]
    return Picture(
        "Risk and coverage",
        "Answering only the surest part of the questions: how much is answered, and how much of it is right.",
        _square("answered", "right", _line([(row["part"], row["right"]) for row in rows]) + "".join(dots)),
        ("answered", "least probability among them", "right"),
        tuple((f"{row['part']:.0%}", f"{row['least']:.1%}", f"{row['right']:.1%}") for row in rows),
    )


def diagnosticity(rows: Sequence[Record]) -> Picture:
    """The likelihood ratio of sharing a value, by kind and by how many reports show it; on a scale of powers of ten."""
    shown = list(rows[:ROWS])
    widest = max([math.log10(max(row["ratio"] or 1, 1.0)) for row in shown], default=0.0) or 1.0
    marks = []
    for place, row in enumerate(shown):
        y = place * ROW
        text = "no pair of two" if row["ratio"] is None else f"{row['ratio']:.3g}"
        length = BARS if row["ratio"] is None else BARS * math.log10(max(row["ratio"], 1.0)) / widest
        marks.append(
            f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(_named(row))}</text>'
            f'<rect x="{LABEL}" y="{y + 3}" width="{length:.1f}" height="{ROW - 6}"/>'
            f'<text x="{LABEL + length + 6:.1f}" y="{y + 15}">{text}</text>'
        )
    size = f"0 0 {LABEL + BARS + 110} {ROW * max(1, len(shown))}"
    return Picture(
        "What sharing a value says",
        "How much likelier two reports of one subject are to share such a value than two of different subjects.",
        f'<svg viewBox="{size}" role="img" class="wide">{"".join(marks)}</svg>',
        ("kind", "on reports", "ratio", "pairs of one", "pairs of two", "of one, given shared"),
        tuple(
            (
                row["kind"],
                f"{row['least']} to {row['most']}",
                "no pair of two" if row["ratio"] is None else f"{row['ratio']:.3g}",
                str(row["same"]),
                str(row["different"]),
                f"{row['same_given_shared']:.1%}",
            )
            for row in rows
        ),
    )


def _named(row: Record) -> str:
    return f"{row['kind']}, {row['least']}-{row['most']}"


def _across(value: float) -> float:
    return EDGE + SIDE * value


def _up(value: float) -> float:
    return 12 + SIDE * (1 - value)


def _line(points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{_across(x):.1f},{_up(y):.1f}" for x, y in points)
    return f'<polyline points="{path}"/>' if len(points) > 1 else ""


def _square(across: str, up: str, inside: str) -> str:
    """A square from 0 to 1 each way, with its two names and a tick at each fifth."""
    ticks = []
    for fifth in range(6):
        at = fifth / 5
        ticks.append(f'<text x="{_across(at)}" y="{_up(0) + 18}" text-anchor="middle">{at:.0%}</text>')
        ticks.append(f'<text x="{EDGE - 6}" y="{_up(at) + 4}" text-anchor="end">{at:.0%}</text>')
    frame = f'<rect class="frame" x="{EDGE}" y="12" width="{SIDE}" height="{SIDE}"/>'
    names = (
        f'<text x="{_across(0.5)}" y="{_up(0) + 38}" text-anchor="middle">{across}</text>'
        f'<text x="12" y="{_up(0.5)}" text-anchor="middle" transform="rotate(-90 12 {_up(0.5)})">{up}</text>'
    )
    size = f"0 0 {EDGE + SIDE + 20} {SIDE + 60}"
    return f'<svg viewBox="{size}" role="img">{frame}{"".join(ticks)}{names}{inside}</svg>'
