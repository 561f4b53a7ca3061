"""`consilience read`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from consilience.cli.options import case_option, decoders_option, json_option
from consilience.cli.output import Line, note, note_all, result
from consilience.cli.progress import bar
from consilience.cli.rendering import STRONG
from consilience.cli.verbs import REFUSED
from consilience.model.marking import COLOURS
from consilience.model.subject import SUBJECT_TYPES
from consilience.vocab.phrases import shift_words
from consilience.vocab.sentences import sentence

if TYPE_CHECKING:
    from consilience.case import ReadResult


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--publisher", metavar="NAME", default="", help="The publisher, where a line names none.")
@click.option("--subject", metavar="NAME", default="", help="The subject, where a line names none.")
@click.option(
    "--subject-type", type=click.Choice(SUBJECT_TYPES), default=None, help="Its type, where a line names none."
)
@click.option("--tlp", type=click.Choice(COLOURS), default=None, help="The marking, where a line has none.")
@decoders_option
@click.option("--rules", metavar="DIR", default="", help="YARA rules to run on samples, besides those of the case.")
@click.option("--despite-shift", is_flag=True, help="Also read what would move an assessment by more than 20%.")
@click.option("--because", metavar="TEXT", default="", help="With --despite-shift: your reason.")
@click.option("--by", metavar="WHO", default="", help="With --despite-shift: your name.")
@case_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    publisher: str,
    subject: str,
    subject_type: str | None,
    tlp: str | None,
    decoders: tuple[str, ...],
    rules: str,
    despite_shift: bool,
    because: str,
    by: str,
    location: str,
    as_json: bool,
) -> None:
    """Read files into the case.

    Each PATH is a file of any supported format, recognised by what it holds, or a folder. A line that cannot be read
    is reported with its place and what to do, and costs no other line; the exit status is then 3. Reading the same
    thing twice changes nothing.

    A configuration that a description of a decoder finds in a sample is read with it, and the notes say so.
    The YARA rules of the folder `rules` in the case, and of --rules, are run on samples; a match is a trait of the
    sample. Rules that cannot be compiled are refused with file and line, and the others are used.

    A file that would move a probability of an assessment you have made by more than 20% is held, because that much from
    one file may be an error or a trick: nothing of it is read, what it would move is printed, and the exit status is 3.
    Look at it, and read it again with --despite-shift, --because and --by: your reason is kept, and the pairs it moves
    are assessed again.

    \b
    Examples:
      consilience read observations.jsonl
      consilience read reports/ --publisher "Vendor A" --tlp amber
    """
    from consilience.case import Case
    from consilience.model.shift import Decision

    if bool(because.strip() and by.strip()) != despite_shift or bool(because or by) != despite_shift:
        raise click.UsageError("--despite-shift needs --because and --by, and they need it")
    with Case.open(location) as case:
        with bar("reading") as progress:
            readings = case.read(
                paths,
                publisher=publisher,
                subject=subject,
                subject_type=subject_type or "",
                tlp=tlp or "",
                rules=rules,
                despite_shift=Decision(because.strip(), by.strip()) if despite_shift else None,
                decoders=decoders,
                progress=progress,
            )
        digest = case.digest()
    record = read_record(readings, digest)
    result(record, as_json, lambda: _lines(record))
    _note_readings(readings)
    exit_after_reading(ctx, record)


def _note_readings(readings: list[ReadResult]) -> None:
    """Print what is to be said of files that were read: notes, refusals, and what is held."""
    note_all([notice for reading in readings for notice in reading.notices], "note")
    note_all([refusal for reading in readings for refusal in reading.refusals], "refused")
    held = [
        sentence("reading.shift_in_file", file=reading.file, shift=shift_words(row))
        for reading in readings
        for row in reading.held
    ]
    note_all(held, "held")


def exit_after_reading(ctx: click.Context, record: dict[str, Any]) -> None:
    """End with the status of refusals where anything was refused or held, and say how to go on with what is held."""
    if record["held"]:
        note(sentence("reading.how_on"))
    if record["refused"] or record["held"]:
        ctx.exit(REFUSED)


def read_record(readings: list[ReadResult], digest: str) -> dict[str, Any]:
    """What reading files gave, as the document that `read --json` prints."""
    return {
        "files": [
            {
                "file": reading.file,
                "format": reading.format,
                "new": reading.new,
                "known": reading.known,
                "refused": [_placed(refusal) for refusal in reading.refusals],
                "notices": [_placed(notice) for notice in reading.notices],
                "held": [asdict(row) for row in reading.held],
            }
            for reading in readings
        ],
        "new": sum(reading.new for reading in readings),
        "known": sum(reading.known for reading in readings),
        "refused": sum(len(reading.refusals) for reading in readings),
        "held": sum(bool(reading.held) for reading in readings),
        "digest": digest,
    }


def _placed(told: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(told).items() if name != "file"}


def _lines(record: dict[str, Any]) -> Iterator[Line]:
    for file in record["files"]:
        counts = _counts(file["new"], file["known"], len(file["refused"]))
        counts = sentence("reading.held") if file["held"] else counts
        yield (sentence("reading.file", file=file["file"], form=file["format"], counts=counts), "")
    counts = _counts(record["new"], record["known"], record["refused"])
    total = {"files": len(record["files"]), "counts": counts}
    if record["held"]:
        yield (sentence("reading.total_held", held=record["held"], **total), STRONG)
    else:
        yield (sentence("reading.total", **total), STRONG)


def _counts(new: int, known: int, refused: int) -> str:
    return sentence("reading.counts", new=new, known=known, refused=refused)
