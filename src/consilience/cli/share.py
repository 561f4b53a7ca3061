"""`consilience share`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consilience.cli.options import as_of_option, by_option, case_option, json_option, pair
from consilience.cli.output import Line, document, note, raw, result, write_whole
from consilience.cli.rendering import FAINT, STRONG, heading, wrapped

if TYPE_CHECKING:
    from consilience.case import Case

FORMATS = ("html", "markdown", "json", "stix")
STANDARD_OUTPUT = "-"


@click.command()
@pair
@click.option("--format", "form", type=click.Choice(FORMATS), help="The format of the document.")
@click.option("--to", "partner", metavar="PARTNER", default="", help="Computed on what this partner may know.")
@click.option("--preview", is_flag=True, help="What PARTNER would conclude, beside what we do; writes no document.")
@as_of_option
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    default=STANDARD_OUTPUT,
    show_default=True,
    help="Where it is written; - is standard output.",
)
@click.option("--judgements", "judged", is_flag=True, help="Also the words of your analysts on the pair, by name.")
@by_option
@case_option
@json_option
def command(
    a: str,
    b: str,
    form: str | None,
    partner: str,
    preview: bool,
    as_of: str,
    target: str,
    judged: bool,
    by: str,
    location: str,
    as_json: bool,
) -> None:
    """An assessment as a document for others.

    With --to it is computed on what PARTNER may know and on nothing else, and the ledger keeps that they were told;
    without, it holds all the case knows, and is for your own house. What your analysts judged stays with you, unless
    you say --judgements. With --json the document goes to FILE, and what was written is told as JSON.

    \b
    Examples:
      consilience share Sandman STORM-0866 --to "Vendor B" --format html -o report.html
      consilience share Sandman STORM-0866 --format stix --as-of 2023-12-11 > bundle.stix.json
    """
    from consilience.case import Case

    to_file = target != STANDARD_OUTPUT
    if fault := _misuse(form, partner, preview, judged, to_file):
        raise click.UsageError(fault)
    if not preview and as_json and not to_file:
        raise click.UsageError("--json needs -o FILE: standard output holds one document")
    if to_file and not Path(target).resolve().parent.is_dir():
        raise click.BadParameter(f"the folder of {target!r} does not exist; make it first", param_hint="'-o'")
    with Case.open(location) as case:
        if preview:
            seen = case.preview(a, b, partner, as_of)
            result(seen, as_json, lambda: _preview(seen))
            return
        content, told = _made(case, (a, b), form or "", partner, as_of, by, judged)
    if not to_file:
        raw(content)
        return
    write_whole(Path(target), content)
    note(f"wrote {target}")
    if as_json:
        digest = hashlib.sha256(content).hexdigest()
        document({**told, "file": target, "format": form, "sha256": digest, "bytes": len(content)})


def _misuse(form: str | None, partner: str, preview: bool, judged: bool, to_file: bool) -> str:
    if preview:
        if not partner:
            return "--preview needs --to PARTNER"
        return (
            "--preview is for your eyes: it takes no --format, -o or --judgements" if form or to_file or judged else ""
        )
    if not form:
        return "--format is needed: one of " + ", ".join(FORMATS)
    return "--judgements stay in the house: nobody marked them for a partner" if partner and judged else ""


def _made(
    case: Case, names: tuple[str, str], form: str, partner: str, as_of: str, by: str, judged: bool
) -> tuple[bytes, dict[str, Any]]:
    """The document, and what is told of it."""
    if partner:
        shared = case.share(*names, partner, form, as_of=as_of, by=by)
        entry = shared.disclosure
        return shared.content, {"assessment": entry.assessment, "partner": entry.partner, "disclosure": entry.id}
    assessment = case.assess(*names, as_of)
    words = case.judgements(assessment.relation.a, assessment.relation.b) if judged else ()
    return case.write(assessment, form, words), {"assessment": assessment.id}


def _preview(seen: dict[str, Any]) -> Iterator[Line]:
    yield (f"{seen['a']}  and  {seen['b']}", STRONG)
    yield from wrapped(f"What {seen['partner']} would conclude; for your eyes only.", style=FAINT)
    ours, theirs = seen["ours"], seen["theirs"]
    if theirs is None:
        yield from wrapped(f"They may be told nothing of this pair: {seen['refused']}")
        return
    yield from heading(f"{'':<17}{'we':<40}they")
    for name in ("level", "tracking", "confidence", "marking", "evidence", "observations"):
        yield (f"  {name:<15}{ours[name]!s:<40}{theirs[name]}", "")
    for name, axis in ours["axes"].items():
        views = (_place(axis), _place(theirs["axes"][name]))
        yield (f"  {name:<15}{views[0]:<40}{views[1]}", STRONG if views[0] != views[1] else "")
    yield from heading(f"Differences: {len(seen['differs'])}")
    for row in seen["differs"]:
        yield from wrapped(f"{row['what']}: we say {row['ours']}, they would say {row['theirs']}")


def _place(axis: dict[str, Any]) -> str:
    chances = axis["probabilities"]
    leading = max(chances, key=lambda name: chances[name])
    return f"{axis['position']} ({leading} {chances[leading]:.0%})"
