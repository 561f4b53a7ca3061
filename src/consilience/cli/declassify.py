"""`consilience declassify`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from consilience.cli.options import case_option, json_option, some_text
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, disclosure_lines
from consilience.model.marking import COLOURS


@click.command()
@click.argument("what", metavar="OBSERVATION|SOURCE", callback=some_text)
@click.option("--to", "tlp", type=click.Choice(COLOURS), required=True, help="The marking that holds from now on.")
@click.option("--because", metavar="TEXT", required=True, callback=some_text, help="Who permits it, and where.")
@click.option("--by", metavar="WHO", required=True, callback=some_text, help="Your name.")
@case_option
@json_option
def command(what: str, tlp: str, because: str, by: str, location: str, as_json: bool) -> None:
    """Another marking for an observation or a source, on your word.

    Only a person loosens a marking, with the permission of the source; tightening works the same way, and names the
    partners who know what they now may not. A source is meant by its id, address or title.

    \b
    Examples:
      consilience declassify obs-5c7a90e1d2b34f6a8c01 --to green --because "mail of 5 May" --by "A. Analyst"
      consilience declassify https://vendor.example/report --to amber --because "asked to" --by "A. Analyst"
    """
    from consilience.case import Case

    with Case.open(location) as case:
        done = case.rulings.relabel(what, tlp, because, by).as_record()
    result(done, as_json, lambda: _lines(done))


def _lines(done: dict[str, Any]) -> Iterator[Line]:
    terms = done["ruling"]["terms"]
    before = ", ".join(each or "unmarked" for each in terms["from"])
    yield (f"{done['ruling']['about']}: {done['observations']} observations from {before} to {terms['tlp']}", STRONG)
    yield (f"  {done['ruling']['id']}", FAINT)
    yield from disclosure_lines(done["told"], "Told before, and no longer theirs to know")
