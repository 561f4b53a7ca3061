"""`consilience retract`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import click

from consilience.cli.documents import RulingDone
from consilience.cli.options import case_option, json_option, some_text
from consilience.cli.output import Line, note, result, write_whole
from consilience.cli.rendering import FAINT, STRONG, disclosure_lines, heading, wrapped
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("what", metavar="OBSERVATION|SOURCE", callback=some_text)
@click.option("--because", metavar="TEXT", required=True, callback=some_text, help="Why it no longer holds.")
@click.option("--by", metavar="WHO", required=True, callback=some_text, help="Your name.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Write what must be sent to this folder: a notice for each partner who received it, and STIX revocations.",
)
@case_option
@json_option
def command(what: str, because: str, by: str, folder: Path | None, location: str, as_json: bool) -> None:
    """Take back an observation or a source everywhere, and list who must be told.

    It is no longer used, and stays in the case. Assessments that rest on it are listed as out of date, and the partners
    who received it are listed. Name a source by its id, address or title.

    \b
    Examples:
      consilience retract obs-2ef55f274d153fae6ae0 --because "a sinkhole" --by "A. Analyst"
      consilience retract sentinellabs-2023-12-11 --because "withdrawn" --by "A. Analyst" -o to-send
    """
    from consilience.case import Case

    with Case.open(location) as case:
        done = case.rulings.retract(what, because, by)
        entries = [entry.id for entry in done.disclosures]
        files = case.rulings.withdrawals(entries, done.known) if folder else {}
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
            note(f"wrote {folder / name}")
    record = cast("RulingDone", {**done.as_record(), "files": sorted(files)})
    result(record, as_json, lambda: _lines(record))


def _lines(done: RulingDone) -> Iterator[Line]:
    yield (sentence("sharing.retracted", about=done["ruling"]["about"], count=done["observations"]), STRONG)
    yield (f"  {done['ruling']['id']}", FAINT)
    yield from heading(sentence("sharing.stale", count=len(done["stale"])))
    for id in done["stale"]:
        yield from wrapped(id)
    yield from disclosure_lines(done["told"], "sharing.must_hear")
