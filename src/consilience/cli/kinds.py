"""`consilience kinds`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import click

from consilience.cli.documents import KindRow
from consilience.cli.options import json_option, no_case_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.model.printable import phrase
from consilience.vocab.sentences import sentence


@click.command()
@no_case_option
@json_option
def command(as_json: bool) -> None:
    """List the kinds of traits, and how much a shared one can weigh.

    Each with its form, its vertex of the Diamond Model, the group within which it is discounted, how hard it is to
    forge, and the most it can weigh.

    \b
    Examples:
      consilience kinds
      consilience kinds --json
    """
    from consilience.case import kinds

    known = cast("list[KindRow]", kinds())
    result(known, as_json, lambda: _lines(known))


def _lines(known: Sequence[KindRow]) -> Iterator[Line]:
    for kind in known:
        yield (str(kind["kind"]), STRONG)
        yield from wrapped(kind["meaning"], "    ")
        facts = {"form": kind["form"], "vertex": kind["vertex"], "group": kind["group"], "cost": kind["forging"]}
        caps = kind["cap_operator"], kind["cap_other"]
        if any(caps):
            text = sentence("catalogue.caps", operator=phrase(caps[0]), others=phrase(caps[1]), **facts)
        else:
            text = sentence("catalogue.facts", **facts)
        yield from wrapped(text, "    ", FAINT)
