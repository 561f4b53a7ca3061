"""`consilience names`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import click

from consilience.cli.documents import ClaimRow, NameConflict, NamesFound
from consilience.cli.options import as_of_option, case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import HEADING, heading, wrapped
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("subject", metavar="[SUBJECT]", default="")
@as_of_option
@case_option
@json_option
def command(subject: str, as_of: str, location: str, as_json: bool) -> None:
    """List the names of the case, who claims what of them, and conflicts.

    With SUBJECT, only what concerns this name.

    \b
    Examples:
      consilience names
      consilience names APT41 --as-of 2023-12
    """
    from consilience.case import Case

    with Case.open(location) as case:
        found = cast("NamesFound", case.names(subject, as_of))
    result(found, as_json, lambda: _lines(found))


def _lines(found: NamesFound) -> Iterator[Line]:
    yield (sentence("names.subjects", count=len(found["subjects"])), HEADING)
    for subject in found["subjects"]:
        row = {"subject": subject["name"], "type": subject["type"], "count": subject["observations"]}
        yield from wrapped(sentence("names.subject", **row))
    if found["claims"]:
        yield from heading(sentence("names.claims", count=len(found["claims"])))
    for claim in found["claims"]:
        yield from wrapped(_claim(claim), "      ", first="  ")
    if found["conflicts"]:
        yield from heading(sentence("names.conflicts", count=len(found["conflicts"])))
    for conflict in found["conflicts"]:
        yield from wrapped(_conflict(conflict), "      ", first="  ")
        for claim in conflict["claims"]:
            yield from wrapped(_claim(claim), "        ", first="    - ")


def _claim(claim: ClaimRow) -> str:
    said = ", ".join(filter(None, (claim["publisher"], claim["published"], claim["confidence"])))
    how = "names.claim_denied" if claim["polarity"] == "absent" else "names.claim"
    return sentence(how, subject=claim["subject"], kind=claim["kind"], object=claim["object"], said=said)


def _conflict(conflict: NameConflict) -> str:
    return sentence("names.conflict", name=conflict["name"], what=conflict["what"])
