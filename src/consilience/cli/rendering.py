"""An assessment, and evidence, as lines for people: a rendering of the JSON record and of nothing else."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from consilience.cli.documents import AssessmentDocument, AxisRow, EvidenceRow, LedgerRow, SharedSoftwareRow, Weights
from consilience.cli.output import Line, width
from consilience.model.printable import on_one_line
from consilience.model.relation import UNDETERMINED
from consilience.vocab.phrases import (
    conflict_sentences,
    look_for_sentences,
    position_words,
    runner_up_sentences,
    weakest_sentences,
    withheld_sentences,
)
from consilience.vocab.sentences import decibans, sentence

EVIDENCE_SHOWN = 12
CELLS_SHOWN = 3
REASONS_SHOWN = 6
BAR = 20
HEADING, STRONG, FAINT = "bold cyan", "bold", "dim"


def assessment_lines(record: AssessmentDocument, go_on: str) -> Iterator[Line]:
    """The lines of an assessment; `go_on` is the last one, the command to continue with."""
    yield from _headline(record)
    yield from heading(sentence("terminal.sentences"))
    for line in record["sentences"]:
        yield from wrapped(line["text"])
    yield from heading(sentence("terminal.axes"))
    for name, axis in record["axes"].items():
        yield from _axis(name, axis)
    yield from evidence_lines(record["evidence"], EVIDENCE_SHOWN)
    yield from shared_software_lines(record.get("shared_software"))
    yield from _listed("terminal.conflicts", conflict_sentences(record["conflicts"]))
    yield from _listed("terminal.withheld", withheld_sentences(record["withheld"]))
    yield from _listed("terminal.weakest", weakest_sentences(record["weakest_edge"]))
    yield from _listed("terminal.runner_up", runner_up_sentences(record["runner_up"]))
    yield from _listed("terminal.look_for", look_for_sentences(record["would_decide"]))
    yield ("", "")
    yield (go_on, FAINT)


def how_to_go_on(record: AssessmentDocument, location: str) -> str:
    """The command that follows the strongest item of evidence, or the assessment itself, down to its sources."""
    case = "" if location == "./case" else f" --case {shlex.quote(location)}"
    return sentence("terminal.go_on", id=starting_point(record), case=case)


def starting_point(record: AssessmentDocument) -> str:
    """The id of the strongest item of evidence, or of the assessment where it has none."""
    items = strongest(record["evidence"])
    return str(items[0]["id"] if items else record["id"])


def heading(text: str) -> Iterator[Line]:
    """An empty line and a heading."""
    yield ("", "")
    yield (text, HEADING)


def wrapped(text: object, indent: str = "  ", style: str = "", first: str = "") -> Iterator[Line]:
    """The text broken into lines of the width of the terminal, the first one led by `first` in place of the indent."""
    body = textwrap.wrap(
        on_one_line(text),
        width(),
        initial_indent=first or indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from ((line, style) for line in body)


def evidence_lines(items: Sequence[EvidenceRow], most: int | None = None) -> Iterator[Line]:
    """A heading and the items that count most, each with what it counts where and why; all when `most` is None."""
    ranked = strongest(items)
    yield from heading(sentence("terminal.evidence", count=len(ranked)))
    if ranked:
        yield from wrapped(sentence("terminal.decibans"), "  ", FAINT)
    else:
        yield (f"  {sentence('terminal.none')}", FAINT)
    for item in ranked[:most]:
        yield (f"  {on_one_line(item['id'])}  {_cells(item['counted'])}", STRONG)
        yield from wrapped(item["why"], "      ")
    left = len(ranked) - len(ranked[:most])
    if left:
        yield (f"  {sentence('terminal.more', count=left)}", FAINT)


def disclosure_lines(disclosed: Mapping[str, Sequence[LedgerRow]], title: str) -> Iterator[Line]:
    """Ledger entries by partner under a title that counts the partners."""
    yield from heading(sentence(title, count=len(disclosed)))
    for partner, entries in disclosed.items():
        yield (f"  {on_one_line(partner)}", STRONG)
        for entry in entries:
            row = {"recorded": entry["recorded"], "assessment": entry["assessment"], "form": entry["format"]}
            yield from wrapped(sentence("sharing.disclosed", **row), "      ", first="    ")


def shared_software_lines(shared: SharedSoftwareRow | None) -> Iterator[Line]:
    """How likely two reports that share software are of one operator, which two, and why; nothing without them."""
    if shared is None:
        return
    yield from heading(sentence("terminal.shared_software"))
    said = "terminal.one_operator_said" if shared["said"] != UNDETERMINED else "terminal.one_operator"
    yield (f"  {sentence(said, probability=shared['probability'])}", STRONG)
    undated = sentence("terminal.undated")
    first, second = (
        sentence("terminal.report", source=each["source"], published=each["published"] or undated)
        for each in shared["reports"]
    )
    yield from wrapped(sentence("terminal.likeliest", pairs=shared["pairs"], first=first, second=second), "    ")
    for reason in shared["reasons"][:REASONS_SHOWN]:
        line = sentence("terminal.reason", weight=reason["weight"], kind=reason["kind"], why=reason["why"])
        yield from wrapped(line, "      ", first="    ")


def strongest(items: Iterable[EvidenceRow]) -> list[EvidenceRow]:
    """The items ordered by the largest number of decibans they count anywhere, ids deciding ties."""
    return sorted(items, key=lambda item: (-_largest(item["counted"]), item["id"]))


def drawn(probability: float) -> str:
    """A probability as a bar of twenty places."""
    filled = round(probability * BAR)
    return "█" * filled + "·" * (BAR - filled)


def _headline(record: AssessmentDocument) -> Iterator[Line]:
    yield (sentence("terminal.pair", a=record["a"], b=record["b"]), STRONG)
    confidence = record["confidence"]
    limits = "; ".join(confidence["limited_by"])
    rows = (
        ("as_of", record["as_of"] or sentence("terminal.everything")),
        ("level", _reasoned("with_reason", record["level"], record["level_because"])),
        *(("judged", _judged(judgement)) for judgement in record.get("judgements", ())),
        ("tracking", _reasoned("with_reason", record["tracking"], record["tracking_because"])),
        ("confidence", _reasoned("limited", confidence["level"], limits)),
    )
    for name, text in rows:
        yield from wrapped(text, " " * 13, first=f"  {sentence(f'terminal.{name}'):<11}")


def _reasoned(how: str, word: str, because: str) -> str:
    return sentence(f"terminal.{how}", word=word, because=because) if because else word


def _judged(judgement: Mapping[str, str]) -> str:
    how = "terminal.judged_superseded" if judgement["superseded_by"] else "terminal.judged_line"
    return sentence(how, **{name: judgement[name] for name in ("level", "by", "recorded", "because")})


def _axis(name: str, axis: AxisRow) -> Iterator[Line]:
    style = FAINT if axis["position"] == UNDETERMINED else STRONG
    position = position_words(axis["position"], axis["probabilities"], axis["prior"], axis["words"])
    yield from wrapped(position, " " * 18, style, first=f"  {name:<15} ")
    for hypothesis, probability in axis["probabilities"].items():
        prior = axis["prior"].get(hypothesis, 0.0)
        yield (
            f"      {on_one_line(hypothesis):<17} {probability:5.1%}".ljust(31)
            + f"{drawn(probability)}  {sentence('terminal.prior', prior=prior)}",
            "",
        )


def _cells(counted: Weights) -> str:
    cells = [
        (axis, hypothesis, value) for axis, row in counted.items() for hypothesis, value in row.items() if value != 0
    ]
    cells.sort(key=lambda cell: (-abs(cell[2]), cell[0], cell[1]))
    shown = [f"{decibans(value)} {axis}/{hypothesis}" for axis, hypothesis, value in cells[:CELLS_SHOWN]]
    return "  ".join(shown) or sentence("terminal.counts_nothing")


def _largest(counted: Weights) -> float:
    return max((abs(value) for row in counted.values() for value in row.values()), default=0.0)


def _listed(title: str, texts: Sequence[str]) -> Iterator[Line]:
    """A heading and a list, or nothing where the list is empty."""
    if texts:
        yield from heading(sentence(title))
    for text in texts:
        yield from wrapped(text, "    ", first="  - ")
