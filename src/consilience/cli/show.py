"""`consilience show`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from consilience.cli.options import as_of_option, case_option, json_option, some_text
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, heading, wrapped
from consilience.model.printable import phrase


@click.command()
@click.argument("subject", metavar="SUBJECT", callback=some_text)
@as_of_option
@case_option
@json_option
def command(subject: str, as_of: str, location: str, as_json: bool) -> None:
    """The traits of a subject, rarest first, with their sources.

    SUBJECT is a full name, publisher/name, or the name alone where only one publisher has it.

    \b
    Examples:
      consilience show SentinelLabs/Sandman
      consilience show Sandman --as-of 2023-09 --json
    """
    from consilience.case import Case

    with Case.open(location) as case:
        shown = case.show(subject, as_of)
    result(shown, as_json, lambda: _lines(shown))


def _lines(shown: dict[str, Any]) -> Iterator[Line]:
    as_of = f", as of {shown['as_of']}" if shown["as_of"] else ""
    yield (f"{shown['subject']} ({shown['type']}{as_of})", STRONG)
    yield from heading(f"Traits, rarest first: {len(shown['traits'])}")
    for trait in shown["traits"]:
        yield from _trait(trait)
    if shown["claims"]:
        yield from heading("Claims about it")
    for claim in shown["claims"]:
        yield from wrapped(_claim(claim), "      ", first="  ")


def _trait(trait: dict[str, Any]) -> Iterator[Line]:
    absent = " (looked for, not shown)" if trait["polarity"] == "absent" else ""
    yield from wrapped(f"{trait['kind']}  {trait['value']}{absent}", "      ", STRONG, first="  ")
    dates = " to ".join(dict.fromkeys(filter(None, (trait["first_seen"], trait["last_seen"]))))
    facts = "; ".join(filter(None, (phrase(trait["rarity"]), dates and f"seen {dates}")))
    if facts:
        yield from wrapped(facts, "      ")
    for source in trait["sources"]:
        parts = (source["publisher"], source["title"], source["where"], source["published"])
        yield from wrapped(", ".join(filter(None, map(phrase, parts))), "        ", FAINT, first="      ")


def _claim(claim: dict[str, Any]) -> str:
    denied = "not " if claim["polarity"] == "absent" else ""
    said_by = ", ".join(filter(None, map(phrase, (claim["publisher"], claim["where"], claim["confidence"]))))
    return f"{denied}{claim['kind']}  {claim['object']}  ({said_by})"
