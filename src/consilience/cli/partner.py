"""`consilience partner`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from consilience.cli.options import by_option, case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped

if TYPE_CHECKING:
    from consilience.case import Case, PublicationCounts

ACTS = ("add", "list", "remove", "ledger", "publish", "key", "end-key")


@click.command()
@click.argument("act", metavar="add|list|remove|ledger|publish|key|end-key", type=click.Choice(ACTS))
@click.argument("name", metavar="[NAME]", default="")
@click.option(
    "--community", "communities", metavar="C", multiple=True, help="A community they are of; may be repeated."
)
@click.option("--client", is_flag=True, help="They are a client of ours: they may be told what is amber.")
@by_option
@case_option
@json_option
def command(
    act: str,
    name: str,
    communities: tuple[str, ...],
    client: bool,
    by: str,
    location: str,
    as_json: bool,
) -> None:
    """Whom the case may tell something, and what they were told.

    `add` makes NAME a partner, or changes what they are; `remove` ends it and forgets nothing; `list` prints all;
    `ledger` prints every document that was written for NAME, or for anybody. A partner is told what is clear; with a
    community also what is green; as a client also what is amber; and what a source addressed to them by name.

    `publish` puts what NAME may know now where `consilience serve` gives it to them, and withdraws what they may not
    know any more; `key` makes a key for NAME and prints its secret, once; `end-key` ends the key of this id.

    \b
    Examples:
      consilience partner add "Vendor B" --community "fraud forum"
      consilience partner ledger "Vendor B" --json
    """
    from consilience.case import Case

    if act not in ("list", "ledger") and not name.strip():
        raise click.UsageError(f"{act} needs the NAME of a {'key' if act == 'end-key' else 'partner'}")
    if act != "add" and (communities or client):
        raise click.UsageError("--community and --client are said when a partner is added")
    with Case.open(location) as case:
        if act == "publish":
            published = case.channels.publish(name, by)
            result(published, as_json, lambda: _published(published))
            return
        if act in ("key", "end-key"):
            told = _key(case, act, name, by)
            result(told, as_json, lambda: _keyed(told))
            return
        if act == "ledger":
            entries = case.rulings.ledger(name.strip())
            result(entries, as_json, lambda: _ledger(entries))
            return
        if act == "list":
            records = [each.as_record() for each in case.rulings.partners()]
            result(records, as_json, lambda: _listed(records))
            return
        done = (
            case.rulings.add_partner(name, communities, client, by)
            if act == "add"
            else case.rulings.retire_partner(name, by)
        )
    result(done.as_record(), as_json, lambda: _listed([done.as_record()]))


def _key(case: Case, act: str, name: str, by: str) -> dict[str, Any]:
    """What is told of a key: its secret too when it is new, and never again."""
    if act == "end-key":
        ended = case.channels.retire_key(name)
        return {"id": ended.id, "partner": ended.partner, "expires": ended.expires, "retired": ended.retired}
    key, secret = case.channels.new_key(name, by=by)
    return {"id": key.id, "partner": key.partner, "expires": key.expires, "retired": "", "secret": secret}


def _published(told: PublicationCounts) -> Iterator[Line]:
    yield (told["partner"], STRONG)
    yield (f"    {told['added']} objects and versions added, {told['withdrawn']} withdrawn, {told['held']} before", "")


def _keyed(told: dict[str, Any]) -> Iterator[Line]:
    yield (told["partner"], STRONG)
    if told["retired"]:
        yield (f"    the key {told['id']} opens nothing since {told['retired']}", "")
        return
    yield (f"    user      {told['id']}", "")
    yield (f"    password  {told['secret']}", "")
    yield from wrapped(f"It is shown once and kept nowhere; it holds until {told['expires']}.", "    ", FAINT)


def _listed(records: list[dict[str, Any]]) -> Iterator[Line]:
    if not records:
        yield ("no partner yet", FAINT)
    for record in records:
        yield (record["name"], FAINT if record["retired"] else STRONG)
        parts = [
            "a partner no more since " + record["retired"] if record["retired"] else "",
            "client" if record["client"] else "",
            "of " + ", ".join(record["communities"]) if record["communities"] else "of no community",
            f"added {record['recorded']}" + (f" by {record['by']}" if record["by"] else ""),
        ]
        yield from wrapped("; ".join(filter(None, parts)), "    ")


def _ledger(entries: list[dict[str, Any]]) -> Iterator[Line]:
    if not entries:
        yield ("nothing was told yet", FAINT)
    for entry in entries:
        stale = "  STALE: it rests on what was retracted" if entry["stale"] else ""
        about = f"{entry['a']} and {entry['b']}" if entry["a"] else "all that they may know"
        yield from wrapped(f"{entry['recorded']}  {entry['partner']}: {about}", "      ", STRONG, "  ")
        told = f"{entry['assessment']}, {entry['format']}, as of {entry['as_of'] or 'everything'}, by {entry['by']}"
        yield from wrapped(told + stale, "      ")
        yield (f"      {entry['id']}  SHA-256 {entry['sha256']}", FAINT)
