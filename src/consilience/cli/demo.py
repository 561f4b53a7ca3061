"""`consilience demo`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click

from consilience.cli.documents import AssessmentDocument
from consilience.cli.options import json_option
from consilience.cli.output import note, note_all, result, write_whole
from consilience.cli.progress import bar
from consilience.cli.rendering import assessment_lines, how_to_go_on, starting_point
from consilience.cli.verbs import REFUSED
from consilience.vocab.sentences import sentence

DOCUMENTS = {"report.html": "html", "assessment.json": "json", "bundle.stix.json": "stix"}
"""The files the demo writes, each with its format."""


@click.command()
@click.option("--case", "location", metavar="PATH", default="", help="Keep the case here; else it is thrown away.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the documents are written.",
)
@json_option
@click.pass_context
def command(ctx: click.Context, location: str, folder: Path, as_json: bool) -> None:
    """Assess the published Sandman case, offline.

    Reads the observations shipped with the package, assesses Sandman and STORM-0866 as of the day of the joint
    report, prints the assessment, and writes it as a page, as JSON and as a STIX bundle.

    \b
    Examples:
      consilience demo
      consilience demo --case sandman -o reports
    """
    from consilience.case import DEMO_AS_OF, DEMO_PAIR, Case, demo_paths

    with _kept_or_not(location) as place, Case.open(place) as case, bar("reading") as progress:
        refusals = [refusal for reading in case.read(demo_paths(), progress=progress) for refusal in reading.refusals]
        assessment = case.assess(*DEMO_PAIR, as_of=DEMO_AS_OF)
        documents = {name: case.write(assessment, form) for name, form in DOCUMENTS.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents.items():
        write_whole(folder / name, content)
        note(sentence("terminal.wrote", path=folder / name))
    record = cast("AssessmentDocument", assessment.as_record())
    start = starting_point(record)
    go_on = how_to_go_on(record, location) if location else sentence("terminal.go_on_demo", id=start)
    result(record, as_json, lambda: assessment_lines(record, go_on))
    note_all(refusals, "refused")
    if refusals:
        ctx.exit(REFUSED)


@contextmanager
def _kept_or_not(location: str) -> Iterator[str]:
    if location:
        yield location
        return
    with tempfile.TemporaryDirectory(prefix="consilience-", ignore_cleanup_errors=True) as folder:
        yield str(Path(folder) / "case")
