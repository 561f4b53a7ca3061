"""`consilience relate`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from consilience.cli.options import as_of_option, case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.progress import bar
from consilience.cli.rendering import FAINT, STRONG, decibans, wrapped


@click.command()
@click.argument("subject", metavar="[SUBJECT]", default="")
@click.option("--top", type=click.IntRange(min=1), metavar="N", default=20, show_default=True, help="How many pairs.")
@as_of_option
@case_option
@json_option
def command(subject: str, top: int, as_of: str, location: str, as_json: bool) -> None:
    """The pairs worth a look, best first.

    With SUBJECT, the pairs that it is one side of.

    \b
    Examples:
      consilience relate
      consilience relate SentinelLabs/Sandman --top 5
    """
    from consilience.case import Case

    with Case.open(location) as case, bar("comparing") as progress:
        pairs = case.relate(subject, top=top, as_of=as_of, progress=progress)
    result(pairs, as_json, lambda: _lines(pairs))


def _lines(pairs: list[dict[str, Any]]) -> Iterator[Line]:
    if not pairs:
        yield ("no pair shares enough to be worth a look", FAINT)
    for found in pairs:
        yield (f"{decibans(found['weight'])} dB  {found['level']}", STRONG)
        yield from wrapped(f"{found['a']}  and  {found['b']}", "    ")
        settled = [f"{axis} {position}" for axis, position in found["axes"].items() if position != "undetermined"]
        yield from wrapped(", ".join(settled) or "no axis settled", "    ", FAINT)
