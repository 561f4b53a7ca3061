"""`consilience retract`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from consilience.cli.options import case_option, json_option, some_text
from consilience.cli.output import Line, note, result, write_whole
from consilience.cli.rendering import FAINT, STRONG, disclosure_lines, heading, wrapped


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
    help="Write what must be sent here: a notice for each partner who was told, and STIX revocations.",
)
@case_option
@json_option
def command(what: str, because: str, by: str, folder: Path | None, location: str, as_json: bool) -> None:
    """Take back an observation or a source, everywhere.

    It is used in nothing from now on, and stays in the case. Assessments that rest on it are named stale, and exactly
    those partners are named who were told. A source is meant by its id, address or title.

    \b
    Examples:
      consilience retract obs-5c7a90e1d2b34f6a8c01 --because "a sinkhole" --by "A. Analyst"
      consilience retract https://vendor.example/report --because "withdrawn" --by "A. Analyst" -o to-send
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
    record = {**done.as_record(), "files": sorted(files)}
    result(record, as_json, lambda: _lines(record))


def _lines(done: dict[str, Any]) -> Iterator[Line]:
    yield (f"{done['ruling']['about']}: {done['observations']} observations are used no more", STRONG)
    yield (f"  {done['ruling']['id']}", FAINT)
    yield from heading(f"Stale assessments: {len(done['stale'])}")
    for id in done["stale"]:
        yield from wrapped(id)
    yield from disclosure_lines(done["told"], "Partners who were told, and must hear of it")
