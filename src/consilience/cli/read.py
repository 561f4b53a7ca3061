"""`consilience read`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from consilience.cli.options import case_option, json_option
from consilience.cli.output import Line, note_all, result
from consilience.cli.progress import bar
from consilience.cli.verbs import REFUSED
from consilience.model.marking import COLOURS
from consilience.model.subject import SUBJECT_TYPES

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
    location: str,
    as_json: bool,
) -> None:
    """Put observations into the case.

    Each PATH is a file of any supported format, recognised by what it holds, or a folder. A line that cannot be read
    is reported with its place and what to do, and costs no other line; the exit status is then 3. Reading the same
    thing twice changes nothing.

    \b
    Examples:
      consilience read observations.jsonl
      consilience read reports/ --publisher "Vendor A" --tlp amber
    """
    from consilience.case import Case

    with Case.open(location) as case:
        with bar("reading") as progress:
            readings = case.read(
                paths,
                publisher=publisher,
                subject=subject,
                subject_type=subject_type or "",
                tlp=tlp or "",
                progress=progress,
            )
        digest = case.digest()
    record = _record(readings, digest)
    result(record, as_json, lambda: _lines(record))
    note_all([notice for reading in readings for notice in reading.notices], "note")
    note_all([refusal for reading in readings for refusal in reading.refusals], "refused")
    if record["refused"]:
        ctx.exit(REFUSED)


def _record(readings: list[ReadResult], digest: str) -> dict[str, Any]:
    return {
        "files": [
            {
                "file": reading.file,
                "format": reading.format,
                "new": reading.new,
                "known": reading.known,
                "refused": [_placed(refusal) for refusal in reading.refusals],
                "notices": [_placed(notice) for notice in reading.notices],
            }
            for reading in readings
        ],
        "new": sum(reading.new for reading in readings),
        "known": sum(reading.known for reading in readings),
        "refused": sum(len(reading.refusals) for reading in readings),
        "digest": digest,
    }


def _placed(told: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(told).items() if name != "file"}


def _lines(record: dict[str, Any]) -> Iterator[Line]:
    for file in record["files"]:
        yield (f"{file['file']} ({file['format']}): {_counts(file['new'], file['known'], len(file['refused']))}", "")
    yield (f"{len(record['files'])} files: {_counts(record['new'], record['known'], record['refused'])}", "bold")


def _counts(new: int, known: int, refused: int) -> str:
    return f"{new} new, {known} already known, {refused} refused"
