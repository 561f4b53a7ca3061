"""`consilience judge`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from consilience.cli.options import case_option, json_option, pair, some_text
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped


@click.command()
@pair
@click.argument("level", metavar="LEVEL", callback=some_text)
@click.option("--because", metavar="TEXT", required=True, callback=some_text, help="Your reason.")
@click.option("--by", metavar="WHO", required=True, callback=some_text, help="Your name.")
@case_option
@json_option
def command(a: str, b: str, level: str, because: str, by: str, location: str, as_json: bool) -> None:
    """Your word on a pair, signed, beside the machine's.

    It is kept with the date and never replaced: a later word stands beside it. LEVEL is one of the levels that
    `consilience assess` prints.

    \b
    Examples:
      consilience judge Sandman Metador unrelated --because "no shared code" --by "A. Analyst"
      consilience judge Sandman STORM-0866 coordinated --because "one loader" --by "A. Analyst" --json
    """
    from consilience.case import Case

    with Case.open(location) as case:
        record = asdict(case.judge(a, b, level, because, by))
    result(record, as_json, lambda: _lines(record))


def _lines(record: dict[str, Any]) -> Iterator[Line]:
    yield (f"{record['a']}  and  {record['b']}: {record['level']}", STRONG)
    yield from wrapped(record["because"])
    yield (f"  {record['by']}, {record['recorded']}, {record['id']}", FAINT)
