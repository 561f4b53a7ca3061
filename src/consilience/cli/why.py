"""`consilience why`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import click

from consilience.cli.documents import Walk
from consilience.cli.options import case_option, json_option, some_text
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("id", metavar="ID", callback=some_text)
@case_option
@json_option
def command(id: str, location: str, as_json: bool) -> None:
    """Follow a number down to the sentences of the sources that it rests on.

    ID is an assessment, an item of evidence or an observation, as the other verbs print it, or the name of an axis.

    \b
    Examples:
      consilience why ev-55693753381e4f94
      consilience why obs-2ef55f274d153fae6ae0 --json
    """
    from consilience.case import Case

    with Case.open(location) as case:
        walked = cast("Walk", case.why(id))
    result(walked, as_json, lambda: _lines(walked))


def _lines(walked: Walk) -> Iterator[Line]:
    yield from wrapped(sentence("why.title", id=walked["id"], what=walked["what"]), "  ", STRONG, first=" ")
    if walked.get("stale"):
        yield (f"  {sentence('why.stale')}", STRONG)
    depths: dict[str, int] = {}
    for step in walked["chain"]:
        level = step["level"]
        indent = "  " * (1 + depths.setdefault(level, len(depths)))
        text = sentence("why.step", level=level, id=step["id"], text=step["text"])
        yield from wrapped(text, indent + "    ", first=indent)
        if step.get("source"):
            yield from wrapped(step["source"], indent + "    ", FAINT)
