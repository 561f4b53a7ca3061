"""`consilience relate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import click

from consilience.cli.documents import PairRow
from consilience.cli.options import as_of_option, case_option, json_option, model_option
from consilience.cli.output import Line, result
from consilience.cli.progress import bar
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.model.relation import UNDETERMINED
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("subject", metavar="[SUBJECT]", default="")
@click.option("--top", type=click.IntRange(min=1), metavar="N", default=20, show_default=True, help="How many pairs.")
@click.option(
    "--by",
    type=click.Choice(["weight", "operator"]),
    default="weight",
    show_default=True,
    help="Order by the weight of the evidence, or by how likely reports that share software are of one operator.",
)
@as_of_option
@model_option
@case_option
@json_option
def command(subject: str, top: int, by: str, as_of: str, model: str, location: str, as_json: bool) -> None:
    """List the pairs of subjects worth a look, best first.

    With SUBJECT, the pairs that it is one side of. Where reports of the two share software, a fitted figure stands
    beside the axes: how likely the likeliest two of them are of one operator.

    \b
    Examples:
      consilience relate SentinelLabs/Sandman --top 5
      consilience relate --by operator
    """
    from consilience.case import Case

    with Case.open(location) as case, bar("comparing") as progress:
        if model:
            case.use_model(model)
        found = case.relate(subject, top=top, by=by, as_of=as_of, progress=progress)
    pairs = cast("list[PairRow]", found)
    result(pairs, as_json, lambda: _lines(pairs))


def _lines(pairs: Sequence[PairRow]) -> Iterator[Line]:
    if not pairs:
        yield (sentence("pairs.none"), FAINT)
        return
    yield from wrapped(sentence("terminal.decibans"), "", FAINT)
    for found in pairs:
        yield (sentence("pairs.pair", weight=found["weight"], level=found["level"]), STRONG)
        yield from wrapped(sentence("terminal.pair", a=found["a"], b=found["b"]), "    ")
        settled = [
            sentence("pairs.settled", axis=axis, position=position)
            for axis, position in found["axes"].items()
            if position != UNDETERMINED
        ]
        yield from wrapped(", ".join(settled) or sentence("pairs.none_settled"), "    ", FAINT)
        if found["same_operator"] is not None:
            yield (f"    {sentence('pairs.one_operator', probability=found['same_operator'])}", FAINT)
