"""`consilience declassify`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import click

from consilience.cli.documents import RulingDone
from consilience.cli.options import case_option, json_option, some_text
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, disclosure_lines
from consilience.model.marking import COLOURS
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("what", metavar="OBSERVATION|SOURCE", callback=some_text)
@click.option("--to", "tlp", type=click.Choice(COLOURS), required=True, help="The marking that holds from now on.")
@click.option("--because", metavar="TEXT", required=True, callback=some_text, help="Who permits it, and where.")
@click.option("--by", metavar="WHO", required=True, callback=some_text, help="Your name.")
@case_option
@json_option
def command(what: str, tlp: str, because: str, by: str, location: str, as_json: bool) -> None:
    """Change the marking of an observation or a source.

    Only a person loosens a marking, with the permission of the source. Tightening works the same way, and lists the
    partners who received what they may no longer know. Name a source by its id, address or title.

    \b
    Examples:
      consilience declassify obs-2ef55f274d153fae6ae0 --to green --because "mail of 5 May" --by "A. Analyst"
      consilience declassify sentinellabs-2023-12-11 --to amber --because "asked to" --by "A. Analyst"
    """
    from consilience.case import Case

    with Case.open(location) as case:
        done = cast("RulingDone", case.rulings.relabel(what, tlp, because, by).as_record())
    result(done, as_json, lambda: _lines(done))


def _lines(done: RulingDone) -> Iterator[Line]:
    terms = done["ruling"]["terms"]
    before = ", ".join(each or sentence("sharing.no_marking") for each in terms["from"])
    change = {"about": done["ruling"]["about"], "count": done["observations"], "old": before, "tlp": terms["tlp"]}
    yield (sentence("sharing.relabelled", **change), STRONG)
    yield (f"  {done['ruling']['id']}", FAINT)
    yield from disclosure_lines(done["told"], "sharing.told_before")
