"""`consilience doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from consilience.cli.options import json_option, no_case_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.vocab.sentences import sentence


@click.command()
@no_case_option
@json_option
def command(as_json: bool) -> None:
    """Check what protects this machine from the samples that it reads.

    Each protection is tried now, in the kind of process that samples are read in.

    \b
    Examples:
      consilience doctor
      consilience doctor --json
    """
    from consilience.case import protections

    found = [asdict(each) for each in protections()]
    holds = all(each["holds"] for each in found)
    result({"all_hold": holds, "protections": found}, as_json, lambda: _lines(found))


def _lines(found: list[dict[str, object]]) -> Iterator[Line]:
    for each in found:
        yield from wrapped(sentence("doctor.holds" if each["holds"] else "doctor.missing", **_what(each)))
    missing = sum(not each["holds"] for each in found)
    if missing:
        yield (sentence("doctor.some_missing", number=missing, count=len(found)), STRONG)
    else:
        yield (sentence("doctor.all_hold", count=len(found)), FAINT)


def _what(protection: dict[str, object]) -> dict[str, object]:
    return {"name": protection["name"], "found": protection["found"]}
