"""`consilience assess`."""

from __future__ import annotations

from typing import cast

import click

from consilience.cli.documents import AssessmentDocument, SharedSoftwareRow
from consilience.cli.options import as_of_option, case_option, json_option, model_option, pair
from consilience.cli.output import result
from consilience.cli.rendering import assessment_lines, how_to_go_on
from consilience.model.relation import judgement_records


@click.command()
@pair
@as_of_option
@model_option
@case_option
@json_option
def command(a: str, b: str, as_of: str, model: str, location: str, as_json: bool) -> None:
    """Assess how two subjects are related, and what would change that.

    Prints the level, with the judgements of analysts beside it, where the pair stands on each axis with probabilities,
    the evidence, how robust this is, and the runner-up. A and B are full names, publisher/name, or names alone where
    only one publisher has them.

    \b
    Examples:
      consilience assess SentinelLabs/Sandman "Microsoft/STORM-0866/Red Dev 40"
      consilience assess Sandman APT41 --as-of 2023-09-21 --json
    """
    from consilience.case import Case

    with Case.open(location) as case:
        if model:
            case.use_model(model)
        record = cast("AssessmentDocument", case.assess(a, b, as_of).as_record())
        shared = case.shared_software(record["a"], record["b"], as_of)
        record["shared_software"] = cast("SharedSoftwareRow | None", shared)
        record["judgements"] = judgement_records(case.judgements(record["a"], record["b"]))
    result(record, as_json, lambda: assessment_lines(record, how_to_go_on(record, location)))
