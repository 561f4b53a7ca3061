"""`consilience calibrate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from consilience.cli.options import case_option, json_option
from consilience.cli.output import Line, result
from consilience.cli.progress import bar
from consilience.cli.rendering import FAINT, STRONG, drawn, heading, wrapped
from consilience.model.subject import SUBJECT_TYPES

Record = Mapping[str, Any]
DIAGNOSTICS_SHOWN = 15


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
@case_option
@json_option
def command(among: str, rounds: int, golden: str | None, location: str, as_json: bool) -> None:
    """How right attribution is on this case, and how honest its probabilities.

    The case is cut at several days. What was reported by then is known, and the reports after it are asked, as
    `attribute` would be: how often is the right subject first, how often is a probability of 70% right, how often is
    none of these said when it should be. Nothing later than the cut is looked at. Beside these figures stand the data
    and figures of the models that ship, and how much each kind of trait says in this case.

    \b
    Examples:
      consilience calibrate --case intel.case
      consilience calibrate --rounds 8 --json > figures.json
    """
    from consilience.calibrate.on_case import calibration
    from consilience.case import Case

    with Case.open(location) as case, bar("asking") as progress:
        record = calibration(case, among=among, rounds=rounds, golden=golden or "", progress=progress)
    result(record, as_json, lambda: _lines(record))


def _lines(record: Record) -> Iterator[Line]:
    yield from _attribution(record)
    if record["positions"]:
        yield from _positions(record["positions"])
    yield from _diagnosticity(record["diagnosticity"])
    yield from heading("Models that ship")
    for card in record["models"]:
        data = ", ".join(each["name"] for each in card["data"])
        yield from wrapped(f"{card['name']}, fitted by `{card['command']}` on {data}", "    ", first="  ")
        told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in card["figures"].items())
        yield from wrapped(told, "    ", FAINT)


def _attribution(record: Record) -> Iterator[Line]:
    found = record["attribution"]
    yield (f"{record['reports']} reports on {record['subjects']} subjects, {record['dated']} of them dated", STRONG)
    if not found:
        yield from wrapped("Too few dated reports to ask later ones of earlier ones.", "  ")
        return
    yield from wrapped(
        f"{found['questions']} later reports asked in {found['rounds']} rounds: {found['known']} on known subjects, "
        f"{found['none_of_these']} on others",
        "  ",
    )
    yield from wrapped(
        "The shipped models answer. Where the case holds what one was fitted on (see its data below), they flatter.",
        "  ",
        FAINT,
    )
    yield from heading("Ranking of known subjects")
    for name, each in found["ranking"].items():
        interval = f"(95%: {each['low']:.2f} to {each['high']:.2f})"
        yield (f"  {name.replace('_', ' '):<22} {each['value']:.3f}  {interval}", "")
    yield from heading("Probability of the first, and how often it is right")
    for each in found["reliability"]:
        yield (f"  said  {each['said']:6.1%} {drawn(each['said'])}", FAINT)
        yield (f"  right {each['right']:6.1%} {drawn(each['right'])}  of {each['count']}", "")
    yield ("", "")
    brier = found["brier"]
    yield from wrapped(
        f"Brier {brier['value']:.3f} (reliability {brier['reliability']:.3f}, resolution {brier['resolution']:.3f}; a "
        f"constant would have {brier['constant']:.3f}); calibration error {found['calibration_error']:.3f}, where "
        f"perfect probabilities would show {found['calibration_error_by_chance']:.3f} by chance",
        "  ",
    )
    if found["none_auroc"] is not None:
        yield from wrapped(f"None of these, told from known ones: AUROC {found['none_auroc']:.2f}", "  ")
    yield from heading("Claims")
    for each in found["claims"]:
        yield from wrapped(_claim(each), "    ", first="  ")


def _claim(each: Record) -> str:
    parts = [f"at {each['least']:.0%} or more: {each['claims']} claims"]
    for key, told in (("right", "right"), ("known_answered", "of the known answered")):
        if each[key] is not None:
            parts.append(f"{each[key]:.0%} {told}")
    if each["unknown_abstained"] is not None:
        parts.append(f"{each['unknown_abstained']:.0%} of the unknown abstained from")
    return ", ".join(parts)


def _positions(found: Record) -> Iterator[Line]:
    yield from heading("Positions on golden cases")
    yield (f"  {found['met']} of {found['expectations']} expectations met", "")
    for what, each in found["by"].items():
        yield (f"    {what:<16} {each['met']} of {each['of']}", "")
    for each in found["missed"]:
        told = f"{each['case']} as of {each['as_of']}: {each['what']} {each['found']}, wanted {each['wanted']}"
        yield from wrapped(told, "      ", FAINT, first="    missed  ")


def _diagnosticity(found: Record) -> Iterator[Line]:
    yield from heading("What sharing a value says: one subject against two")
    if not found["rows"]:
        yield ("  no two reports share a value", FAINT)
    for row in found["rows"][:DIAGNOSTICS_SHOWN]:
        ratio = "no other" if row["ratio"] is None else f"{row['ratio']:.1f}"
        reports = f"on {row['least']} to {row['most']} reports"
        yield (
            f"  {row['kind']:<24} {reports:<20} ratio {ratio:>9}  {row['same_given_shared']:4.0%} of "
            f"{row['same'] + row['different']} pairs are of one subject",
            "",
        )
    left = len(found["rows"]) - DIAGNOSTICS_SHOWN
    if left > 0:
        yield (f"  and {left} more rows, which say less (--json prints them)", FAINT)
    if found["left_out"]:
        yield (f"  {found['left_out']} values on more reports than that were left out", FAINT)
