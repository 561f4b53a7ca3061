"""`consilience weigh`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import click

from consilience.cli.documents import Weighed
from consilience.cli.options import as_of_option, case_option, json_option, model_option, pair
from consilience.cli.output import Line, result
from consilience.cli.rendering import STRONG, evidence_lines, shared_software_lines
from consilience.vocab.sentences import sentence


@click.command()
@pair
@as_of_option
@model_option
@case_option
@json_option
def command(a: str, b: str, as_of: str, model: str, location: str, as_json: bool) -> None:
    """Show the evidence on a pair, item by item.

    Each item with its weight on each axis in decibans (dB), and why; `consilience assess` sums them up.

    \b
    Examples:
      consilience weigh SentinelLabs/Sandman "Microsoft/STORM-0866/Red Dev 40"
      consilience weigh Sandman APT41 --as-of 2023-09-21 --json
    """
    from consilience.case import Case

    with Case.open(location) as case:
        if model:
            case.use_model(model)
        weighed = cast("Weighed", case.weigh(a, b, as_of))
    result(weighed, as_json, lambda: _lines(weighed))


def _lines(weighed: Weighed) -> Iterator[Line]:
    yield (sentence("terminal.pair", a=weighed["a"], b=weighed["b"]), STRONG)
    yield from evidence_lines(weighed["evidence"])
    yield from shared_software_lines(weighed["shared_software"])
