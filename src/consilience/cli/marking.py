"""`consilience marking`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from consilience.cli.options import by_option, case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.model.marking import COLOURS
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("act", metavar="map|list", type=click.Choice(("map", "list")))
@click.argument("publisher", metavar="[PUBLISHER]", default="")
@click.option("--tlp", type=click.Choice(COLOURS), default=None, help="Holds where a source of theirs has no marking.")
@click.option("--community", metavar="C", default="", help="What is green from them is for this community only.")
@click.option(
    "--hide-source/--name-source", default=None, help="Whether partners never learn that something comes from them."
)
@click.option("--because", metavar="TEXT", default="", help="Why; such as where they permit it.")
@by_option
@case_option
@json_option
def command(
    act: str,
    publisher: str,
    tlp: str | None,
    community: str,
    hide_source: bool | None,
    because: str,
    by: str,
    location: str,
    as_json: bool,
) -> None:
    """List the markings of the case, and map what unmarked sources mean.

    A statement without a marking, or with an unknown one, is shared with no partner. `map` says what holds from now on
    for sources of PUBLISHER that print no marking, which community their green is for, and whether partners learn their
    name; what you leave out stays as it was. `list` counts the observations of each publisher by marking.

    \b
    Examples:
      consilience marking list
      consilience marking map Mandiant --tlp green --because "their mail of 5 May" --by "A. Analyst"
    """
    from consilience.case import Case

    _check(act, publisher, bool(tlp or community or hide_source is not None))
    with Case.open(location) as case:
        if act == "list":
            rows = case.desk.markings()
            result(rows, as_json, lambda: _listed(rows))
            return
        ruling = case.desk.map_marking(
            publisher, tlp=tlp or "", community=community, hide_source=hide_source, because=because, by=by
        )
    record = ruling.as_record()
    result(record, as_json, lambda: _mapped(record))


def _check(act: str, publisher: str, given: bool) -> None:
    """Raise a usage error where the words of the command do not go together; `given` says that a mapping is stated."""
    if act == "list" and (publisher or given):
        raise click.UsageError("list takes no PUBLISHER and no mapping")
    if act == "map" and not (publisher.strip() and given):
        raise click.UsageError("map needs a PUBLISHER and --tlp, --community or --hide-source")


def _listed(rows: list[dict[str, Any]]) -> Iterator[Line]:
    if not rows:
        yield (sentence("sharing.no_markings"), FAINT)
    for row in rows:
        marked = {
            "publisher": row["publisher"],
            "count": row["observations"],
            "now": row["tlp"] or sentence("sharing.unmarked"),
        }
        if row["tlp"] == row["printed"]:
            text = sentence("sharing.marked", **marked)
        else:
            printed = row["printed"] or sentence("sharing.printed_nothing")
            text = sentence("sharing.marked_mapped", printed=printed, **marked)
        yield from wrapped(text, "      ", first="  ")


def _mapped(record: dict[str, Any]) -> Iterator[Line]:
    terms = record["terms"]
    parts = (
        sentence("sharing.mapped_tlp", tlp=terms["tlp"]) if "tlp" in terms else "",
        sentence("sharing.mapped_community", community=terms["community"]) if "community" in terms else "",
        {True: sentence("sharing.mapped_hidden"), False: sentence("sharing.mapped_named")}.get(
            terms.get("source_hidden"), ""
        ),
    )
    mapped = sentence("sharing.mapped", publisher=record["about"], terms="; ".join(filter(None, parts)))
    yield (mapped, STRONG)
    whose = {name: record[name] for name in ("by", "recorded", "id")}
    yield (f"  {sentence('judgements.whose', **whose)}", FAINT)
