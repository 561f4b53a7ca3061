"""`consilience attribute`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from consilience.cli.options import as_of_option, case_option, json_option, model_option
from consilience.cli.output import Line, documents, note_all, say
from consilience.cli.progress import bar
from consilience.cli.rendering import FAINT, STRONG, drawn, wrapped
from consilience.cli.verbs import REFUSED
from consilience.model.subject import SUBJECT_TYPES
from consilience.vocab.sentences import sentence

if TYPE_CHECKING:
    from consilience.model.attribution import Attribution, Reason

SHOWN = 5
CITED = 3
LEAST = 0.05
"""Decibans below which an observation is not worth a line."""


@click.command()
@click.argument("queries", metavar="QUERY...", nargs=-1, required=True)
@click.option(
    "--among",
    type=click.Choice(SUBJECT_TYPES),
    default=None,
    help="Which subjects [intrusion-set; for a sample, all whose samples are known].",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    metavar="N",
    default=None,
    help="How many subjects a query [all in JSON, 5 for people].",
)
@click.option(
    "--cited",
    type=click.IntRange(min=0),
    metavar="N",
    default=5,
    show_default=True,
    help="How many observations to cite, each with what its removal changes; 0 is quickest.",
)
@as_of_option
@model_option
@case_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    queries: tuple[str, ...],
    among: str | None,
    top: int | None,
    cited: int,
    as_of: str,
    model: str,
    location: str,
    as_json: bool,
) -> None:
    """Say which known cluster an activity belongs to, or none.

    Each QUERY is a file: of one JSON object a line, {"id": ..., "date": ..., "observations": [{"kind": ..., "value":
    ...}]}, or any file that `read` takes, which is one query then. Every query gives one result, in order: the
    subjects of the case with a probability each, and one for none of these, or not enough to tell. With --json, one
    object a line. A program is compared, by its code, with the samples that were read for a --subject.

    \b
    Examples:
      consilience attribute activity.jsonl
      consilience attribute activity.jsonl --json --top 10 > answers.jsonl
    """
    from consilience.case import Case

    with Case.open(location) as case, bar("attributing") as progress:
        if model:
            case.use_model(model)
        answered = case.attribute(
            queries, among=among or "", top=top or SHOWN, cited=cited, as_of=as_of, progress=progress
        )
    if as_json:
        documents(found.as_record(top) for found in answered.answers)
    else:
        for found in answered.answers:
            say(_lines(found, top or SHOWN))
    note_all(answered.notices, "note")
    note_all(answered.refusals, "refused")
    if answered.refusals:
        ctx.exit(REFUSED)


def _lines(found: Attribution, top: int) -> Iterator[Line]:
    yield (found.id, STRONG)
    for each in found.ranking[:top]:
        yield (f"  {_share('attribute.subject', each.probability, subject=each.subject)}", "")
        for reason in [cited for cited in each.because if abs(cited.weight) >= LEAST][:CITED]:
            cited = sentence("attribute.cited", why=reason.why, **_what(reason))
            yield from wrapped(cited, "        ", FAINT)
        for part in each.parts[:1]:
            yield from wrapped(_part(part), "        ", FAINT)
    yield (f"  {_share('attribute.none', found.none_of_these)}", "")
    if found.runner_up and found.runner_up.separates:
        apart = sentence("attribute.apart", subject=found.runner_up.subject, **_what(found.runner_up.separates))
        yield from wrapped(apart, "  ", FAINT)
    for view in found.views:
        one_view = {"name": view.name, "subject": view.subject, "probability": view.probability}
        yield from wrapped(sentence("attribute.view", rest=view.none_of_these, **one_view), "  ", FAINT)
    for note in found.notes:
        yield from wrapped(note, "  ", FAINT)
    yield ("", "")


def _share(how: str, probability: float, **fields: object) -> str:
    """A probability as a bar and as per cent."""
    return sentence(how, bar=drawn(probability), probability=probability, **fields)


def _what(reason: Reason) -> dict[str, object]:
    return {"weight": reason.weight, "kind": reason.kind, "values": ", ".join(reason.values)}


def _part(part: Reason) -> str:
    """The largest part of a weight, with those of its values that its reason does not name."""
    values = ", ".join(value for value in part.values if value not in part.why)
    if not values:
        return sentence("attribute.part", weight=part.weight, why=part.why)
    return sentence("attribute.part_about", weight=part.weight, why=part.why, values=values)
