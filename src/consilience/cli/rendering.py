"""An assessment, and evidence, as lines for people: a rendering of the JSON record and of nothing else."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from consilience.cli.output import Line, width
from consilience.model.printable import on_one_line, phrase

EVIDENCE_SHOWN = 12
CELLS_SHOWN = 3
REASONS_SHOWN = 6
UNSAID = "undetermined"
BAR = 20
HEADING, STRONG, FAINT = "bold cyan", "bold", "dim"

Record = Mapping[str, Any]


def assessment_lines(record: Record, go_on: str) -> Iterator[Line]:
    """The lines of an assessment; `go_on` is the last one, the command to continue with."""
    yield from _headline(record)
    yield from heading("Assessment")
    for sentence in record["sentences"]:
        yield from wrapped(sentence["text"])
    yield from heading("Axes")
    for name, axis in record["axes"].items():
        yield from _axis(name, axis)
    yield from heading("Evidence, by what it counts (decibans)")
    yield from evidence_lines(record["evidence"], EVIDENCE_SHOWN)
    yield from shared_software_lines(record.get("shared_software"))
    yield from _told("Conflicts between sources", record["conflicts"])
    yield from _told("Withheld by a source", record["withheld"])
    yield from _told("Weakest edge", [record["weakest_edge"]])
    yield from _told("Runner-up", [record["runner_up"]])
    yield from _told("What would decide", record["would_decide"])
    yield ("", "")
    yield (go_on, FAINT)


def how_to_go_on(record: Record, location: str) -> str:
    """The command that walks the strongest item of evidence, or the assessment itself, down to its sources."""
    items = strongest(record["evidence"])
    start = items[0]["id"] if items else record["id"]
    case = "" if location == "./case" else f" --case {shlex.quote(location)}"
    return f"Walk a number down to its sentence: consilience why {start}{case}"


def heading(text: str) -> Iterator[Line]:
    """An empty line and a heading."""
    yield ("", "")
    yield (text, HEADING)


def wrapped(text: object, indent: str = "  ", style: str = "", first: str = "") -> Iterator[Line]:
    """The text broken into lines of the width at hand, the first one led by `first` in place of the indent."""
    body = textwrap.wrap(
        on_one_line(text),
        width(),
        initial_indent=first or indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from ((line, style) for line in body)


def evidence_lines(items: Sequence[Record], most: int | None = None) -> Iterator[Line]:
    """The items that count most, each with its id, what it counts where, and why; all when `most` is None."""
    ranked = strongest(items)
    if not ranked:
        yield ("  none", FAINT)
    for item in ranked[:most]:
        yield (f"  {on_one_line(item['id'])}  {_cells(item['counted'])}", STRONG)
        yield from wrapped(item["why"], "      ")
    left = len(ranked) - len(ranked[:most])
    if left:
        yield (f"  and {left} more, which count less", FAINT)


def disclosure_lines(told: Record, title: str) -> Iterator[Line]:
    """Ledger entries by partner under a title, or that there are none."""
    yield from heading(f"{title}: {len(told)}")
    for partner, entries in told.items():
        yield (f"  {on_one_line(partner)}", STRONG)
        for entry in entries:
            yield from wrapped(f"{entry['recorded']}  {entry['assessment']}, {entry['format']}", "      ", first="    ")


def shared_software_lines(shared: Record | None) -> Iterator[Line]:
    """How likely two reports that share software are of one operator, which two, and why; nothing without them."""
    if shared is None:
        return
    yield from heading("Reports that share software (a fitted figure, no part of the axes)")
    told = f"{shared['probability']:.1%} one operator" + (": same operator" if shared["said"] != UNSAID else "")
    yield (f"  {told}", STRONG)
    reports = (f"{each['source']} ({each['published'] or 'undated'})" for each in shared["reports"])
    yield from wrapped(f"of {shared['pairs']} pairs the likeliest: {'  and  '.join(reports)}", "    ")
    for reason in shared["reasons"][:REASONS_SHOWN]:
        yield from wrapped(
            f"{decibans(reason['weight'])} dB  {reason['kind']}: {reason['why']}", "      ", first="    "
        )


def strongest(items: Iterable[Record]) -> list[Record]:
    """The items ordered by the largest number of decibans they count anywhere, ids deciding ties."""
    return sorted(items, key=lambda item: (-_largest(item["counted"]), item["id"]))


def decibans(value: float) -> str:
    """A weight with its sign and one place, as it is printed everywhere."""
    return f"{value:+.1f}"


def drawn(probability: float) -> str:
    """A probability as a bar of twenty places."""
    filled = round(probability * BAR)
    return "█" * filled + "·" * (BAR - filled)


def _headline(record: Record) -> Iterator[Line]:
    yield (f"{record['a']}  and  {record['b']}", STRONG)
    confidence = record["confidence"]
    limits = ", ".join(confidence["limited_by"])
    rows = (
        ("as of", record["as_of"] or "everything in the case"),
        ("level", _reasoned(record["level"], record["level_because"])),
        *(("judged", _judged(word)) for word in record.get("judgements", ())),
        ("tracking", _reasoned(record["tracking"], record["tracking_because"])),
        ("confidence", _reasoned(confidence["level"], limits and f"limited by {limits}")),
    )
    for name, text in rows:
        yield from wrapped(text, " " * 13, first=f"  {name:<11}")


def _reasoned(word: str, because: str) -> str:
    return f"{word} ({because})" if because else word


def _judged(word: Record) -> str:
    superseded = ", superseded by a later word" if word["superseded_by"] else ""
    return _reasoned(f"{word['level']}, by {word['by']}, {word['recorded']}{superseded}", word["because"])


def _axis(name: str, axis: Record) -> Iterator[Line]:
    style = FAINT if axis["position"] == "undetermined" else STRONG
    yield from wrapped(f"{axis['position']}, {axis['words']}", " " * 18, style, first=f"  {name:<15} ")
    for hypothesis, probability in axis["probabilities"].items():
        prior = axis["prior"].get(hypothesis, 0.0)
        yield (
            f"      {on_one_line(hypothesis):<17} {probability:5.1%}".ljust(31)
            + f"{drawn(probability)}  prior {prior:5.1%}",
            "",
        )


def _cells(counted: Record) -> str:
    cells = [
        (axis, hypothesis, value) for axis, row in counted.items() for hypothesis, value in row.items() if value != 0
    ]
    cells.sort(key=lambda cell: (-abs(cell[2]), cell[0], cell[1]))
    shown = [f"{decibans(value)} {axis}/{hypothesis}" for axis, hypothesis, value in cells[:CELLS_SHOWN]]
    return "  ".join(shown) or "counts nothing"


def _largest(counted: Record) -> float:
    return max((abs(value) for row in counted.values() for value in row.values()), default=0.0)


def _told(title: str, rows: Sequence[Record]) -> Iterator[Line]:
    texts = [text for text in map(phrase, rows) if text]
    if not texts:
        return
    yield from heading(title)
    for text in texts:
        yield from wrapped(text, "    ", first="  - ")
