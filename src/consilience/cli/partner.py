"""`consilience partner`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import click

from consilience.cli.documents import LedgerRow, PartnerRow
from consilience.cli.options import by_option, case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.vocab.sentences import sentence

if TYPE_CHECKING:
    from consilience.case import Case, PublicationCounts
    from consilience.model.partner import Partner

ACTS = ("add", "list", "remove", "ledger", "publish", "key", "end-key")


@click.command()
@click.argument("act", metavar="add|list|remove|ledger|publish|key|end-key", type=click.Choice(ACTS))
@click.argument("name", metavar="[NAME]", default="")
@click.option(
    "--community", "communities", metavar="C", multiple=True, help="A community they are of; may be repeated."
)
@click.option("--client", is_flag=True, help="They are a client of ours: they may know what is amber.")
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
    """Manage partners: what they may know, and what they received.

    `add` makes NAME a partner, or changes their communities; `remove` ends that and keeps the history; `list` prints
    all; `ledger` prints every document that was written for NAME, or for anybody. A partner may know what is clear;
    with a community also what is green; as a client also what is amber; and what a source addressed to them by name.

    `publish` makes what NAME may know now available to `consilience serve`, and withdraws what they may no longer know;
    `key` makes an access key for NAME and prints its secret once; `end-key` ends the key of this id.

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
            key = _key(case, act, name, by)
            result(key, as_json, lambda: _keyed(key))
            return
        if act == "ledger":
            entries = cast("list[LedgerRow]", case.rulings.ledger(name.strip()))
            result(entries, as_json, lambda: _ledger(entries))
            return
        if act == "list":
            records = [_record(each) for each in case.rulings.partners()]
            result(records, as_json, lambda: _listed(records))
            return
        done = (
            case.rulings.add_partner(name, communities, client, by)
            if act == "add"
            else case.rulings.retire_partner(name, by)
        )
    changed = _record(done)
    result(changed, as_json, lambda: _listed([changed]))


def _record(partner: Partner) -> PartnerRow:
    return cast("PartnerRow", partner.as_record())


def _key(case: Case, act: str, name: str, by: str) -> dict[str, str]:
    """The key that was made or ended, with its secret when it is new and never again."""
    if act == "end-key":
        ended = case.channels.retire_key(name)
        return {"id": ended.id, "partner": ended.partner, "expires": ended.expires, "retired": ended.retired}
    key, secret = case.channels.new_key(name, by=by)
    return {"id": key.id, "partner": key.partner, "expires": key.expires, "retired": "", "secret": secret}


def _published(counts: PublicationCounts) -> Iterator[Line]:
    yield (counts["partner"], STRONG)
    yield (
        f"    {counts['added']} objects and versions added, {counts['withdrawn']} withdrawn, {counts['held']} before",
        "",
    )


def _keyed(key: dict[str, str]) -> Iterator[Line]:
    yield (key["partner"], STRONG)
    if key["retired"]:
        yield (f"    {sentence('sharing.key_ended', id=key['id'], retired=key['retired'])}", "")
        return
    yield (f"    {sentence('sharing.key_user', id=key['id'])}", "")
    yield (f"    {sentence('sharing.key_password', secret=key['secret'])}", "")
    yield from wrapped(sentence("sharing.key_once", expires=key["expires"]), "    ", FAINT)


def _listed(records: Sequence[PartnerRow]) -> Iterator[Line]:
    if not records:
        yield (sentence("sharing.no_partners"), FAINT)
    for record in records:
        yield (record["name"], FAINT if record["retired"] else STRONG)
        parts = [
            sentence("sharing.partner_retired", retired=record["retired"]) if record["retired"] else "",
            sentence("sharing.partner_client") if record["client"] else "",
            _communities(record["communities"]),
            _added(record["recorded"], record["by"]),
        ]
        yield from wrapped("; ".join(filter(None, parts)), "    ")


def _communities(names: Sequence[str]) -> str:
    return sentence("sharing.partner_communities", names=names) if names else sentence("sharing.partner_alone")


def _added(recorded: str, by: str) -> str:
    if by:
        return sentence("sharing.partner_added_by", recorded=recorded, by=by)
    return sentence("sharing.partner_added", recorded=recorded)


def _ledger(entries: Sequence[LedgerRow]) -> Iterator[Line]:
    if not entries:
        yield (sentence("sharing.no_ledger"), FAINT)
    for entry in entries:
        pair = {"a": entry["a"], "b": entry["b"]}
        about = sentence("sharing.ledger_pair", **pair) if entry["a"] else sentence("sharing.ledger_all")
        title = sentence("sharing.ledger", recorded=entry["recorded"], partner=entry["partner"], about=about)
        yield from wrapped(title, "      ", STRONG, "  ")
        row = {
            "assessment": entry["assessment"],
            "form": entry["format"],
            "as_of": entry["as_of"] or sentence("assessment.now"),
            "by": entry["by"],
        }
        yield from wrapped(
            sentence("sharing.ledger_stale" if entry["stale"] else "sharing.ledger_entry", **row), "      "
        )
        yield (f"      {sentence('sharing.ledger_file', id=entry['id'], sha256=entry['sha256'])}", FAINT)
