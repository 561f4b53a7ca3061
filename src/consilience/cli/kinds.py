"""`consilience kinds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from consilience.cli.options import json_option, no_case_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.model.printable import phrase


@click.command()
@no_case_option
@json_option
def command(as_json: bool) -> None:
    """The kinds of traits, and what a shared one can say.

    Each with the form of its values, its vertex of the Diamond, the group within which it is discounted, what it
    costs to forge, and the most it can weigh.

    \b
    Examples:
      consilience kinds
      consilience kinds --json
    """
    from consilience.case import kinds

    known = kinds()
    result(known, as_json, lambda: _lines(known))


def _lines(known: list[dict[str, Any]]) -> Iterator[Line]:
    for kind in known:
        yield (str(kind["kind"]), STRONG)
        yield from wrapped(kind["meaning"], "    ")
        facts = ("form", "vertex", "group", "forging", "cap_operator", "cap_other")
        told = ((name.replace("_", " "), phrase(kind[name])) for name in facts)
        yield from wrapped("; ".join(f"{name} {text}" for name, text in told if text), "    ", FAINT)
