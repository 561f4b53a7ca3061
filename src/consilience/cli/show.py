"""`consilience show`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import click

from consilience.cli.documents import ClaimRow, Shown, TraitRow
from consilience.cli.options import as_of_option, case_option, json_option, some_text
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, heading, wrapped
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("subject", metavar="SUBJECT", callback=some_text)
@as_of_option
@case_option
@json_option
def command(subject: str, as_of: str, location: str, as_json: bool) -> None:
    """List the traits of a subject, rarest first, with their sources.

    SUBJECT is a full name, publisher/name, or the name alone where only one publisher has it.

    \b
    Examples:
      consilience show SentinelLabs/Sandman
      consilience show Sandman --as-of 2023-09 --json
    """
    from consilience.case import Case

    with Case.open(location) as case:
        shown = cast("Shown", case.show(subject, as_of))
    result(shown, as_json, lambda: _lines(shown))


def _lines(shown: Shown) -> Iterator[Line]:
    subject = {"subject": shown["subject"], "type": shown["type"]}
    if shown["as_of"]:
        yield (sentence("show.subject_as_of", as_of=shown["as_of"], **subject), STRONG)
    else:
        yield (sentence("show.subject", **subject), STRONG)
    yield from heading(sentence("show.traits", count=len(shown["traits"])))
    for trait in shown["traits"]:
        yield from _trait(trait)
    if shown["claims"]:
        yield from heading(sentence("show.claims", count=len(shown["claims"])))
    for claim in shown["claims"]:
        yield from wrapped(_claim(claim), "      ", first="  ")


def _trait(trait: TraitRow) -> Iterator[Line]:
    how = "show.trait_absent" if trait["polarity"] == "absent" else "show.trait"
    yield from wrapped(sentence(how, kind=trait["kind"], value=trait["value"]), "      ", STRONG, first="  ")
    yield from wrapped("; ".join(filter(None, (trait["rarity"], _seen(trait)))), "      ")
    for source in trait["sources"]:
        parts = (source["publisher"], source["title"], source["where"], source["published"])
        yield from wrapped(", ".join(filter(None, parts)), "        ", FAINT, first="      ")


def _seen(trait: TraitRow) -> str:
    first, last = trait["first_seen"], trait["last_seen"]
    if first and last and first != last:
        return sentence("show.seen", dates=sentence("show.span", first=first, last=last))
    return sentence("show.seen", dates=first or last) if first or last else ""


def _claim(claim: ClaimRow) -> str:
    said = ", ".join(filter(None, (claim["publisher"], claim["where"], claim["confidence"])))
    how = "show.claim_denied" if claim["polarity"] == "absent" else "show.claim"
    return sentence(how, kind=claim["kind"], object=claim["object"], said=said)
