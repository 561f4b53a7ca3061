"""`consilience calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from consilience.cli.options import case_option, json_option, model_option
from consilience.cli.output import note, result, write_whole
from consilience.cli.progress import bar
from consilience.model.subject import SUBJECT_TYPES
from consilience.vocab.sentences import sentence


@click.command()
@click.option(
    "--among", type=click.Choice(SUBJECT_TYPES), default="intrusion-set", show_default=True, help="Which subjects."
)
@click.option(
    "--rounds", type=click.IntRange(1, 50), metavar="N", default=5, show_default=True, help="How often the case is cut."
)
@click.option(
    "--golden",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False),
    default=None,
    help="A folder of golden cases: compare positions and levels with what is known of them.",
)
@click.option(
    "--fit",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    default=None,
    help="Fit the models on the known answers of the case and write them to this file; prints no figures of the case.",
)
@click.option(
    "--html", metavar="FILE", type=click.Path(dir_okay=False), default=None, help="Also a page with pictures."
)
@click.option("--ablations", is_flag=True, help="Also ask again without one group of terms, or of kinds, at a time.")
@model_option
@case_option
@json_option
def command(
    among: str,
    rounds: int,
    golden: str | None,
    fit: str | None,
    html: str | None,
    ablations: bool,
    model: str,
    location: str,
    as_json: bool,
) -> None:
    """Measure how right attribution is, and how honest its probabilities.

    The case is cut at several days. What was reported by each day is known, and the later reports are asked as
    `attribute` would be: how often is the right subject first, how often is a probability of 70% right, how often is
    "none of these" answered when it should be. Nothing after the cut is used. The data and figures of the models that
    ship are printed too, and how much each kind of trait says in this case.

    With --fit the models are fitted on the known answers of the case, and written as one file that `attribute --model`
    and others take. Its figures are of models fitted at each cut on what was known by then.

    \b
    Examples:
      consilience calibrate
      consilience calibrate --rounds 8 --html figures.html
    """
    from consilience.calibrate import on_case
    from consilience.case import Case
    from consilience.cli.calibration_lines import calibration_lines, fit_lines

    if fit and (html or ablations or golden or model):
        raise click.UsageError(
            "--fit stands without --html, --ablations, --golden and --model: use them in another run"
        )
    for target in filter(None, (fit, html)):
        if not Path(target).resolve().parent.is_dir():
            raise click.UsageError(f"the folder of {target!r} does not exist; make it first")
    with Case.open(location) as case, bar("fitting" if fit else "asking") as progress:
        if model:
            case.use_model(model)
        record: dict[str, Any]
        if fit:
            record = on_case.fit(case, among=among, rounds=rounds, progress=progress)
        else:
            record = on_case.calibration(
                case, among=among, rounds=rounds, golden=golden or "", ablations=ablations, progress=progress
            )
    if fit:
        write_whole(Path(fit), on_case.file_of(record))
        note(sentence("terminal.wrote", path=fit))
        result(record["provenance"], as_json, lambda: fit_lines(record["provenance"]))
        return
    if html:
        from consilience.calibrate.page import calibration_page

        write_whole(Path(html), calibration_page(record))
        note(sentence("terminal.wrote", path=html))
    result(record, as_json, lambda: calibration_lines(record))
