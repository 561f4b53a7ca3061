"""`consilience share`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from consilience.cli.documents import LossRow, Preview, ViewedAxis
from consilience.cli.options import as_of_option, by_option, case_option, json_option, some_text
from consilience.cli.output import Line, document, note, raw, result, write_whole
from consilience.cli.rendering import FAINT, STRONG, heading, wrapped
from consilience.vocab.phrases import position_name
from consilience.vocab.sentences import sentence

if TYPE_CHECKING:
    from consilience.case import Case
    from consilience.model.parcel import Loss

PAIR_FORMATS = ("html", "markdown", "json", "stix", "misp", "navigator")
"""The formats of one pair."""

PARCEL_FORMATS = ("jsonl", "stix", "stix-plain", "stix-tlp1", "misp", "navigator", "maco")
"""The formats of many statements."""

FORMATS = tuple(dict.fromkeys((*PAIR_FORMATS, *PARCEL_FORMATS)))
STANDARD_OUTPUT = "-"
SIDE_BY_SIDE: tuple[Literal["level", "tracking", "confidence", "marking", "evidence", "observations"], ...] = (
    "level",
    "tracking",
    "confidence",
    "marking",
    "evidence",
    "observations",
)
"""What a preview prints of both sides."""


def _format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The name of a format that is built in, or else of a plug-in, which is looked for only then."""
    if value is None or value in FORMATS:
        return value
    from consilience.share import pair_formats, parcel_formats, plugin_fault

    if fault := plugin_fault(value):
        raise click.BadParameter(fault, ctx, param)
    known = tuple(dict.fromkeys((*FORMATS, *pair_formats(), *parcel_formats())))
    if value not in known:
        raise click.BadParameter(f"{value!r} is not one of {', '.join(map(repr, known))}.", ctx, param)
    return value


def _formats(of_pair: bool) -> tuple[str, ...]:
    """The formats of a pair or of many statements, with those of plug-ins."""
    from consilience.share import PARCEL_WRITERS, WRITERS, pair_formats, parcel_formats

    if of_pair:
        return (*PAIR_FORMATS, *pair_formats()[len(WRITERS) :])
    return (*PARCEL_FORMATS, *parcel_formats()[len(PARCEL_WRITERS) :])


def _names(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) not in {0, 2}:
        raise click.BadParameter("name two subjects, or none for everything that may be shared", ctx, param)
    return tuple(some_text(ctx, param, each) for each in value)


@click.command()
@click.argument("names", metavar="[A B]", nargs=-1, callback=_names)
@click.option(
    "--format", "form", metavar=f"[{'|'.join(FORMATS)}]", callback=_format, help="The format of the document."
)
@click.option("--to", "partner", metavar="PARTNER", default="", help="Use only what this partner may know.")
@click.option("--preview", is_flag=True, help="What PARTNER would conclude, beside what we do; writes no document.")
@click.option("--losses", "only_losses", is_flag=True, help="List what the format cannot hold; writes no document.")
@as_of_option
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    default=STANDARD_OUTPUT,
    show_default=True,
    help="Where it is written; - is standard output.",
)
@click.option("--judgements", "judged", is_flag=True, help="Include your analysts' judgements on the pair, by name.")
@by_option
@case_option
@json_option
def command(
    names: tuple[str, ...],
    form: str | None,
    partner: str,
    preview: bool,
    only_losses: bool,
    as_of: str,
    target: str,
    judged: bool,
    by: str,
    location: str,
    as_json: bool,
) -> None:
    """Write an assessment, or everything that may be shared, as a document.

    With --to it is computed only from what PARTNER may know, and the ledger records that they received it. Without
    --to it holds everything in the case and is for your own team. Without A and B every statement is written; what the
    format cannot hold is printed first. Judgements of your analysts are left out unless you give --judgements. With
    --json the document goes to FILE, and a JSON record of it to standard output.

    \b
    Examples:
      consilience share Sandman "STORM-0866/Red Dev 40" --to "Vendor B" --format html -o report.html
      consilience share --to "Vendor B" --format jsonl -o statements.jsonl
    """
    from consilience.case import Case

    to_file = target != STANDARD_OUTPUT
    asked = _Asked(names, form or "", partner, preview, only_losses, judged, to_file)
    if fault := asked.fault():
        raise click.UsageError(fault)
    if not (preview or only_losses) and as_json and not to_file:
        raise click.UsageError("--json needs -o FILE: standard output holds one document")
    if to_file and not Path(target).resolve().parent.is_dir():
        raise click.BadParameter(f"the folder of {target!r} does not exist; make it first", param_hint="'-o'")
    with Case.open(location) as case:
        if preview:
            seen = cast("Preview", case.preview(names[0], names[1], partner, as_of))
            result(seen, as_json, lambda: _preview(seen))
            return
        if only_losses:
            lost = _records(case.converted(partner, asked.form, as_of=as_of).losses)
            result({"format": asked.form, "losses": lost}, as_json, lambda: _lost(lost))
            return
        content, record = _made(case, asked, as_of, by)
    if not to_file:
        raw(content)
        return
    write_whole(Path(target), content)
    note(sentence("terminal.wrote", path=target))
    if as_json:
        digest = hashlib.sha256(content).hexdigest()
        document({**record, "file": target, "format": form, "sha256": digest, "bytes": len(content)})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, and what is wrong with it where something is."""

    names: tuple[str, ...]
    form: str
    partner: str
    preview: bool
    losses: bool
    judged: bool
    to_file: bool

    def fault(self) -> str:
        """What is wrong with what was asked, and what to do; empty when nothing is."""
        if self.preview:
            return self._of_preview()
        if not self.form:
            return "--format is needed: one of " + ", ".join(PAIR_FORMATS if self.names else PARCEL_FORMATS)
        if self.names and self.form not in (known := _formats(of_pair=True)):
            return f"{self.form} holds many statements: leave A and B out, or use one of {', '.join(known)}"
        if not self.names and self.form not in (known := _formats(of_pair=False)):
            return f"{self.form} holds one pair: name A and B, or use one of {', '.join(known)}"
        if self.names and self.losses:
            return "--losses is for many statements: leave A and B out"
        if not self.names and self.judged:
            return "--judgements are on a pair: name A and B"
        if self.losses and self.to_file:
            return "--losses writes no document: it takes no -o"
        return (
            "--judgements are for your own team: they carry no marking for a partner"
            if self.partner and self.judged
            else ""
        )

    def _of_preview(self) -> str:
        if not self.partner or not self.names:
            return "--preview needs A, B and --to PARTNER"
        if self.form or self.to_file or self.judged or self.losses:
            return "--preview is for you only: it takes no --format, -o, --losses or --judgements"
        return ""


def _made(case: Case, asked: _Asked, as_of: str, by: str) -> tuple[bytes, dict[str, object]]:
    """The document, and its record."""
    if not asked.names:
        sent = case.share_all(asked.partner, asked.form, as_of=as_of, by=by)
        for loss in sent.losses:
            note(sentence("sharing.not_held", form=asked.form, loss=loss))
        record: dict[str, object] = {"statements": len(sent.parcel.observations), "losses": _records(sent.losses)}
        entry = sent.disclosure
        return sent.content, record | ({"partner": entry.partner, "disclosure": entry.id} if entry else {})
    a, b = asked.names
    if asked.partner:
        shared = case.share(a, b, asked.partner, asked.form, as_of=as_of, by=by)
        entry = shared.disclosure
        return shared.content, {"assessment": entry.assessment, "partner": entry.partner, "disclosure": entry.id}
    assessment = case.assess(a, b, as_of)
    words = case.judgements(assessment.relation.a, assessment.relation.b) if asked.judged else ()
    return case.write(assessment, asked.form, words), {"assessment": assessment.id}


def _records(losses: Sequence[Loss]) -> list[LossRow]:
    return [
        {
            "what": loss.what,
            "count": loss.count,
            "why": loss.why,
            "remedy": loss.remedy,
            "examples": list(loss.examples),
            "text": str(loss),
        }
        for loss in losses
    ]


def _lost(losses: Sequence[LossRow]) -> Iterator[Line]:
    if not losses:
        yield (sentence("sharing.lost_nothing"), STRONG)
        return
    yield (sentence("sharing.lost", count=len(losses)), STRONG)
    for row in losses:
        yield from wrapped(row["text"])
        if row["examples"]:
            yield from wrapped(sentence("sharing.example", names=", ".join(row["examples"])), style=FAINT)


def _preview(seen: Preview) -> Iterator[Line]:
    yield (sentence("terminal.pair", a=seen["a"], b=seen["b"]), STRONG)
    yield from wrapped(sentence("sharing.preview", partner=seen["partner"]), style=FAINT)
    ours, theirs = seen["ours"], seen["theirs"]
    if theirs is None:
        yield from wrapped(sentence("sharing.refused", reason=seen["refused"]))
        return
    yield from heading(f"{'':<17}{sentence('sharing.we'):<40}{sentence('sharing.they')}")
    for name in SIDE_BY_SIDE:
        yield (f"  {sentence(f'sharing.{name}'):<15}{ours[name]!s:<40}{theirs[name]}", "")
    for axis, view in ours["axes"].items():
        views = (_place(view), _place(theirs["axes"][axis]))
        yield (f"  {axis:<15}{views[0]:<40}{views[1]}", STRONG if views[0] != views[1] else "")
    yield from heading(sentence("sharing.differences", count=len(seen["differs"])))
    for row in seen["differs"]:
        yield from wrapped(sentence("sharing.difference", what=row["what"], ours=row["ours"], theirs=row["theirs"]))


def _place(axis: ViewedAxis) -> str:
    chances = axis["probabilities"]
    leading = max(chances, key=lambda name: chances[name])
    position = position_name(axis["position"])
    return sentence("sharing.position", position=position, leading=leading, probability=chances[leading])
