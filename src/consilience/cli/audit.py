"""`consilience audit`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import click

from consilience.cli.documents import AuditRow, AuditVerdict
from consilience.cli.options import case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.cli.verbs import FAILED
from consilience.vocab.sentences import sentence


@click.command()
@click.argument("act", metavar="verify|list", type=click.Choice(("verify", "list")))
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", default=20, show_default=True, help="How many entries to list."
)
@click.option("--head", metavar="HASH", default="", help="The newest hash of an earlier day, to find a cut chain.")
@case_option
@json_option
@click.pass_context
def command(ctx: click.Context, act: str, top: int, head: str, location: str, as_json: bool) -> None:
    """Check that nobody changed the case, and list what was written last.

    Every import, judgement and result is an entry of a chain, with a digest of what was written and of the entry
    before. `verify` computes all of them anew, and the digests of the files that were read: the exit status is 0 when
    they hold and 1 when the case was changed or damaged. `list` prints the newest entries.

    \b
    Examples:
      consilience audit verify
      consilience audit list --top 5 --json
    """
    from consilience.case import Case

    if head and act != "verify":
        raise click.UsageError("--head is for verify")
    with Case.open(location) as case:
        if act == "list":
            rows = cast("list[AuditRow]", case.audit(top))
            result(rows, as_json, lambda: _entries(rows))
            return
        verdict = cast("AuditVerdict", case.verify(head.strip()))
    result(verdict, as_json, lambda: _verdict(verdict))
    if not verdict["sound"]:
        ctx.exit(FAILED)


def _verdict(found: AuditVerdict) -> Iterator[Line]:
    if found["sound"]:
        yield (sentence("audit.sound", count=found["entries"]), STRONG)
    else:
        yield (sentence("audit.broken", faults=len(found["faults"]), count=found["entries"]), STRONG)
    for fault in found["faults"]:
        yield from wrapped(sentence("audit.fault", where=fault["where"], what=fault["what"]), "    ", first="  - ")
        yield from wrapped(fault["todo"], "    ", FAINT)
    if found["newest"]:
        yield (sentence("audit.newest", hash=found["newest"]), "")
        yield from wrapped(sentence("audit.keep_hash"), "", FAINT)


def _entries(rows: Sequence[AuditRow]) -> Iterator[Line]:
    if not rows:
        yield (sentence("audit.none"), FAINT)
    for row in rows:
        entry = {"number": row["seq"], "act": row["act"], "of": row["of"]}
        about = ", ".join(filter(None, (row["about"], row["recorded"])))
        text = sentence("audit.entry_about", about=about, **entry) if about else sentence("audit.entry", **entry)
        yield from wrapped(text, "      ", STRONG, first="  ")
        yield (f"      {row['hash']}", FAINT)
