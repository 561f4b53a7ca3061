"""A calibration as lines for people: a rendering of its record, in bars that read without colour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from consilience.calibrate.sentences import attribution_sentences
from consilience.cli.output import Line
from consilience.cli.rendering import FAINT, STRONG, drawn, heading, wrapped

Record = Mapping[str, Any]
DIAGNOSTICS_SHOWN = 15


def calibration_lines(record: Record) -> Iterator[Line]:
    """The figures with their pictures in text, the strongest of each table; the rest is in the document."""
    yield from _attribution(record)
    if record["positions"]:
        yield from _positions(record["positions"])
    yield from _diagnosticity(record["diagnosticity"])
    yield from _rates(record["rates"])
    for what, rows in record["ablations"].items():
        yield from _ablations(what, rows)
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
        yield from wrapped(attribution_sentences(found)[0], "  ")
        return
    asked, *told = attribution_sentences(found)
    yield from wrapped(asked, "  ")
    yield from wrapped(
        "Where the case holds what the answering model was fitted on, its figures flatter: see the data of each below.",
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
    for sentence in told:
        yield from wrapped(sentence, "  ")
    yield from heading("Answering only the surest part of the questions")
    for each in found["risk_coverage"]:
        yield (f"  answered {each['part']:4.0%}  right {each['right']:6.1%} {drawn(each['right'])}", "")
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
    shown = found["rows"][:DIAGNOSTICS_SHOWN]
    widest = max((_strength(row) for row in shown if row["ratio"] is not None), default=1.0) or 1.0
    for row in shown:
        ratio = "no other" if row["ratio"] is None else f"{row['ratio']:.1f}"
        reports = f"{row['least']}-{row['most']} reports"
        length = 1.0 if row["ratio"] is None else _strength(row) / widest
        yield (
            f"  {row['kind']:<22} {reports:<15} {drawn(length)} {ratio:>8}  {row['same_given_shared']:4.0%} of "
            f"{row['same'] + row['different']} pairs are of one",
            "",
        )
    yield ("  bars by the logarithm of the ratio", FAINT)
    left = len(found["rows"]) - DIAGNOSTICS_SHOWN
    if left > 0:
        yield (f"  and {left} more rows, which say less (--json prints them)", FAINT)
    if found["left_out"]:
        yield (f"  {found['left_out']} values on more reports than that were left out", FAINT)


def _strength(row: Record) -> float:
    return max(0.0, math.log10(max(row["ratio"], 1.0)))


def _rates(rates: Record) -> Iterator[Line]:
    if not rates:
        return
    yield from heading("Agreement rates of `same operator`, as these reports show them")
    yield (f"  {'kind':<22} {'subjects':>8} {'shipped':>8} {'observed':>9} {'fitted':>7}", FAINT)
    for kind, row in rates.items():
        told = f"{row['shipped']:>8.3f} {row['observed']:>9.3f} {row['rate']:>7.3f}"
        yield (f"  {kind:<22} {row['subjects']:>8} {told}", "")
    yield from wrapped("Shipped rates hold until a fitted model is named with --model.", "  ", FAINT)


def _ablations(what: str, rows: Sequence[Record]) -> Iterator[Line]:
    if not rows:
        return
    yield from heading(f"Without one group: {what} ({rows[0]['count']} asked)")
    widest = max((abs(row["cost"]) for row in rows), default=0.0) or 1.0
    for row in rows:
        chance = "  within chance" if row["low"] <= 0 <= row["high"] and row is not rows[0] else ""
        told = f"costs {row['cost']:+.3f} (95%: {row['low']:+.3f} to {row['high']:+.3f})"
        bar = drawn(max(0.0, row["cost"]) / widest)
        told = "moves nothing" if not any((row["cost"], row["low"], row["high"])) else told + chance
        yield (f"  {row['without']:<22} {row['value']:.3f} {bar} {'' if row is rows[0] else told}", "")


def fit_lines(found: Record) -> Iterator[Line]:
    """What was fitted and on what, its figures beside the shipped models', and what stays as shipped and why."""
    yield (f"Fitted: {', '.join(found['fitted'])}", STRONG)
    yield from wrapped(
        f"on {found['reports']} reports on {found['subjects']} subjects, {found['first']} to {found['last']}", "  "
    )
    figures = found["figures"]
    if figures.get("fitted"):
        yield from heading("Later reports asked of what was known before them")
        yield (f"  {'':<30} {'fitted by then':>15} {'as shipped':>12}", FAINT)
        for name, value in figures["fitted"].items():
            yield (f"  {name.replace('_', ' '):<30} {value:>15} {figures['shipped'][name]:>12}", "")
        yield from wrapped("A shipped model flatters where the case holds what it was fitted on.", "  ", FAINT)
    if found["shipped"]:
        yield from heading("As shipped")
        for name, why in found["shipped"].items():
            yield from wrapped(f"{name}: {why}", "    ", first="  ")
