"""`consilience share`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from consilience.cli.options import as_of_option, case_option, json_option, pair
from consilience.cli.output import document, note, raw, write_whole

FORMATS = ("html", "markdown", "json", "stix")
STANDARD_OUTPUT = "-"


@click.command()
@pair
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="The format of the document.")
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
@case_option
@json_option
def command(a: str, b: str, form: str, as_of: str, target: str, judged: bool, location: str, as_json: bool) -> None:
    """An assessment as a document for others.

    What your analysts judged stays with you, unless you say --judgements. With --json the document goes to FILE, and
    what was written is told as JSON.

    \b
    Examples:
      consilience share Sandman STORM-0866 --format html -o report.html
      consilience share Sandman STORM-0866 --format stix --as-of 2023-12-11 > bundle.stix.json
    """
    from consilience.case import Case

    to_file = target != STANDARD_OUTPUT
    if as_json and not to_file:
        raise click.UsageError("--json needs -o FILE: standard output holds one document")
    if to_file and not Path(target).resolve().parent.is_dir():
        raise click.BadParameter(f"the folder of {target!r} does not exist; make it first", param_hint="'-o'")
    with Case.open(location) as case:
        assessment = case.assess(a, b, as_of)
        words = case.judgements(assessment.relation.a, assessment.relation.b) if judged else ()
        content = case.write(assessment, form, words)
    if not to_file:
        raw(content)
        return
    write_whole(Path(target), content)
    note(f"wrote {target}")
    if as_json:
        digest = hashlib.sha256(content).hexdigest()
        document({"assessment": assessment.id, "file": target, "format": form, "sha256": digest, "bytes": len(content)})
