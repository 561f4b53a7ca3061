"""`consilience marking`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from consilience.cli.options import by_option, case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.model.marking import COLOURS


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
    """Under which markings the case stands, and what unmarked sources mean.

    What has no marking, or one that nobody knows, goes to nobody. `map` says what holds from now on for sources of
    PUBLISHER that print no marking, which community their green is for, and whether they stay unknown; what you leave
    out stays as it was. `list` counts what each publisher of sources has under which marking.

    \b
    Examples:
      consilience marking list
      consilience marking map "Vendor A" --tlp green --because "their mail of 5 May" --by "A. Analyst"
    """
    from consilience.case import Case

    given = bool(tlp or community or hide_source is not None)
    if act == "list" and (publisher or given):
        raise click.UsageError("list takes no PUBLISHER and no mapping")
    if act == "map" and not (publisher.strip() and given):
        raise click.UsageError("map needs a PUBLISHER and --tlp, --community or --hide-source")
    with Case.open(location) as case:
        if act == "list":
            rows = case.rulings.markings()
            result(rows, as_json, lambda: _listed(rows))
            return
        ruling = case.rulings.map_marking(
            publisher, tlp=tlp or "", community=community, hide_source=hide_source, because=because, by=by
        )
    record = ruling.as_record()
    result(record, as_json, lambda: _mapped(record))


def _listed(rows: list[dict[str, Any]]) -> Iterator[Line]:
    if not rows:
        yield ("nothing was read yet", FAINT)
    for row in rows:
        now = row["tlp"] or "unmarked: goes to nobody until mapped"
        was = "" if row["tlp"] == row["printed"] else f" (printed: {row['printed'] or 'nothing'})"
        yield from wrapped(f"{row['publisher']}: {row['observations']} {now}{was}", "      ", first="  ")


def _mapped(record: dict[str, Any]) -> Iterator[Line]:
    terms = record["terms"]
    parts = (
        f"unmarked is {terms['tlp']}" if "tlp" in terms else "",
        f"green is for {terms['community']}" if "community" in terms else "",
        {True: "the source stays unknown", False: "the source is named"}.get(terms.get("source_hidden"), ""),
    )
    yield (f"{record['about']}: " + "; ".join(filter(None, parts)), STRONG)
    yield (f"  {record['by']}, {record['recorded']}, {record['id']}", FAINT)
