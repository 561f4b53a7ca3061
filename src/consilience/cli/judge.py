"""`consilience judge`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import click

from consilience.cli.options import case_option, json_option, some_text
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.model.relation import judgement_records
from consilience.vocab.sentences import sentence

NEEDED = "a judgement needs A, B, LEVEL, --because and --by; --list prints those that were made"
NOT_LISTED = "--list takes the names of subjects, and no level, reason or analyst"


def _given(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """The text without spaces around it, empty when it was left out; one of spaces only is wrong use."""
    return "" if value is None else some_text(ctx, param, value)


@click.command()
@click.argument("a", metavar="A", required=False, callback=_given)
@click.argument("b", metavar="B", required=False, callback=_given)
@click.argument("level", metavar="LEVEL", required=False, callback=_given)
@click.option("--because", metavar="TEXT", callback=_given, help="Your reason.")
@click.option("--by", metavar="WHO", callback=_given, help="Your name.")
@click.option("--list", "listing", is_flag=True, help="Print the judgements on A and B, on A, or all.")
@case_option
@json_option
def command(a: str, b: str, level: str, because: str, by: str, listing: bool, location: str, as_json: bool) -> None:
    """Record your own judgement on a pair, beside the program's.

    It is kept with the date and never replaced: `consilience assess` prints it beside the level that the evidence
    gives, and does not change that level. A later judgement of the same analyst on the same pair supersedes the earlier
    one, and both are kept. LEVEL is one of the levels that `consilience assess` prints.

    \b
    Examples:
      consilience judge Sandman APT41 unrelated --because "no shared code" --by "A. Analyst"
      consilience judge --list Sandman --json
    """
    from consilience.case import Case

    if listing and (level or because or by):
        raise click.UsageError(NOT_LISTED)
    if not listing and not (a and b and level and because and by):
        raise click.UsageError(NEEDED)
    with Case.open(location) as case:
        if not listing:
            record = asdict(case.judge(a, b, level, because, by))
            result(record, as_json, lambda: _lines(record))
            return
        records = judgement_records(case.judgements(*case.full_names(*filter(None, (a, b)))))
    result(records, as_json, lambda: _listed(records))


def _listed(records: Sequence[Mapping[str, str]]) -> Iterator[Line]:
    if not records:
        yield (sentence("judgements.none"), FAINT)
    for record in records:
        yield from _lines(record)


def _lines(record: Mapping[str, str]) -> Iterator[Line]:
    later = record.get("superseded_by")
    pair = {name: record[name] for name in ("a", "b", "level")}
    yield (sentence("judgements.judgement", **pair), FAINT if later else STRONG)
    yield from wrapped(record["because"])
    whose = {name: record[name] for name in ("by", "recorded", "id")}
    yield (f"  {sentence('judgements.whose', **whose)}", FAINT)
    if later:
        yield (f"  {sentence('judgements.superseded', later=later)}", FAINT)
