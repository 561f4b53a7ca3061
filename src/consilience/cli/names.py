"""`consilience names`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from consilience.cli.options import as_of_option, case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import heading, wrapped
from consilience.model.printable import phrase


@click.command()
@click.argument("subject", metavar="[SUBJECT]", default="")
@as_of_option
@case_option
@json_option
def command(subject: str, as_of: str, location: str, as_json: bool) -> None:
    """The names of the case, who claims what of them, and conflicts.

    With SUBJECT, only what concerns this name.

    \b
    Examples:
      consilience names
      consilience names Microsoft/STORM-0866 --as-of 2023-12
    """
    from consilience.case import Case

    with Case.open(location) as case:
        found = case.names(subject, as_of)
    result(found, as_json, lambda: _lines(found))


def _lines(found: dict[str, Any]) -> Iterator[Line]:
    yield (f"Subjects: {len(found['subjects'])}", "bold cyan")
    for subject in found["subjects"]:
        yield from wrapped(f"{subject['name']}  ({subject['type']}, observations: {subject['observations']})")
    if found["claims"]:
        yield from heading("Claims")
    for claim in found["claims"]:
        yield from wrapped(_claim(claim), "      ", first="  ")
    if found["conflicts"]:
        yield from heading("Conflicts")
    for conflict in found["conflicts"]:
        yield from wrapped(f"{conflict['name']}: {conflict['what']}", "      ", first="  ")
        for claim in conflict["claims"]:
            yield from wrapped(_claim(claim) if isinstance(claim, dict) else phrase(claim), "        ", first="    - ")


def _claim(claim: dict[str, Any]) -> str:
    denied = "not " if claim.get("polarity") == "absent" else ""
    told = ", ".join(filter(None, (phrase(claim.get(part)) for part in ("publisher", "published", "confidence"))))
    return (
        f"{phrase(claim.get('subject'))}  {denied}{phrase(claim.get('kind'))}  {phrase(claim.get('object'))}  ({told})"
    )
