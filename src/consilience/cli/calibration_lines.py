"""A calibration as lines for people: a rendering of its record, in bars that read without colour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from consilience.calibrate.sentences import attribution_sentences
from consilience.cli.output import Line
from consilience.cli.rendering import FAINT, STRONG, drawn, heading, wrapped
from consilience.model.json import Record
from consilience.model.printable import label, phrase
from consilience.vocab.sentences import sentence

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
    yield from heading(sentence("calibration.models"))
    for card in record["models"]:
        names = [each["name"] for each in card["data"]]
        model = sentence("calibration.model", name=card["name"], command=card["command"], names=names)
        yield from wrapped(model, "    ", first="  ")
        figures = (
            sentence("calibration.name_figure", name=label(name), value=phrase(value))
            for name, value in card["figures"].items()
        )
        yield from wrapped("; ".join(figures), "    ", FAINT)


def _attribution(record: Record) -> Iterator[Line]:
    found = record["attribution"]
    counts = {"count": record["reports"], "total": record["subjects"], "number": record["dated"]}
    yield (sentence("calibration.reports", **counts), STRONG)
    if not found:
        yield from wrapped(attribution_sentences(found)[0], "  ")
        return
    asked, *figures = attribution_sentences(found)
    yield from wrapped(asked, "  ")
    yield from wrapped(sentence("calibration.caution"), "  ", FAINT)
    yield from heading(sentence("calibration.ranking"))
    for name, each in found["ranking"].items():
        interval = {"figure": each["value"], "low": each["low"], "high": each["high"]}
        yield (f"  {sentence('calibration.figure', name=label(name), **interval)}", "")
    yield from heading(sentence("calibration.reliability"))
    for each in found["reliability"]:
        yield (f"  {_bar('calibration.given', each['said'])}", FAINT)
        yield (f"  {_bar('calibration.right', each['right'], count=each['count'])}", "")
    yield ("", "")
    for figure in figures:
        yield from wrapped(figure, "  ")
    yield from heading(sentence("calibration.coverage"))
    for each in found["risk_coverage"]:
        yield (f"  {_bar('calibration.covered', each['right'], part=each['part'])}", "")
    yield from heading(sentence("calibration.claims"))
    for each in found["claims"]:
        yield from wrapped(_claim(each), "    ", first="  ")


def _bar(how: str, share: float, **fields: object) -> str:
    return sentence(how, probability=share, bar=drawn(share), **fields)


def _claim(each: Record) -> str:
    parts = [sentence("calibration.claim_count", count=each["claims"])]
    for key, how in (
        ("right", "calibration.claim_right"),
        ("known_answered", "calibration.claim_known"),
        ("unknown_abstained", "calibration.claim_unknown"),
    ):
        if each[key] is not None:
            parts.append(sentence(how, probability=each[key]))
    return sentence("calibration.claim", least=each["least"], parts=", ".join(parts))


def _positions(found: Record) -> Iterator[Line]:
    yield from heading(sentence("calibration.positions"))
    yield (f"  {sentence('calibration.met', count=found['met'], total=found['expectations'])}", "")
    for what, each in found["by"].items():
        yield (f"    {sentence('calibration.met_by', name=what, count=each['met'], total=each['of'])}", "")
    for each in found["missed"]:
        case = {"name": each["case"], "as_of": each["as_of"], "what": each["what"]}
        missed = sentence("calibration.missed", found=each["found"], expected=each["wanted"], **case)
        yield from wrapped(missed, "      ", FAINT, first=f"    {sentence('calibration.missed_label')}  ")


def _diagnosticity(found: Record) -> Iterator[Line]:
    yield from heading(sentence("calibration.diagnosticity"))
    if not found["rows"]:
        yield (f"  {sentence('calibration.nothing_shared')}", FAINT)
        return
    shown = found["rows"][:DIAGNOSTICS_SHOWN]
    widest = max((_strength(row) for row in shown if row["ratio"] is not None), default=1.0) or 1.0
    for row in shown:
        length = 1.0 if row["ratio"] is None else _strength(row) / widest
        shared = {
            "kind": row["kind"],
            "reports": sentence("calibration.shared_reports", fewest=row["least"], most=row["most"]),
            "bar": drawn(length),
            "ratio": sentence("calibration.no_other") if row["ratio"] is None else f"{row['ratio']:.1f}",
        }
        pairs = {"share": row["same_given_shared"], "count": row["same"] + row["different"]}
        yield (f"  {sentence('calibration.shared', **shared, **pairs)}", "")
    yield (f"  {sentence('calibration.bar_note')}", FAINT)
    left = len(found["rows"]) - DIAGNOSTICS_SHOWN
    if left > 0:
        yield (f"  {sentence('calibration.more_rows', count=left)}", FAINT)
    if found["left_out"]:
        yield (f"  {sentence('calibration.left_out', count=found['left_out'])}", FAINT)


def _strength(row: Record) -> float:
    return max(0.0, math.log10(max(row["ratio"], 1.0)))


def _rates(rates: Record) -> Iterator[Line]:
    if not rates:
        return
    yield from heading(sentence("calibration.rates"))
    kind, *columns = (
        sentence(f"calibration.column_{name}") for name in ("kind", "subjects", "shipped", "observed", "fitted")
    )
    yield (f"  {kind:<22} {columns[0]:>8} {columns[1]:>8} {columns[2]:>9} {columns[3]:>7}", FAINT)
    for name, row in rates.items():
        values = {"shipped": row["shipped"], "observed": row["observed"], "fitted": row["rate"]}
        yield (f"  {sentence('calibration.rate', kind=name, count=row['subjects'], **values)}", "")
    yield from wrapped(sentence("calibration.shipped_hold"), "  ", FAINT)


def _ablations(what: str, rows: Sequence[Record]) -> Iterator[Line]:
    """What the figure loses without one group after another; the first row is the figure with all of them."""
    if not rows:
        return
    yield from heading(sentence("calibration.ablation", name=what, count=rows[0]["count"]))
    widest = max((abs(row["cost"]) for row in rows), default=0.0) or 1.0
    for row in rows:
        cost = "" if row is rows[0] else _cost(row)
        yield (f"  {row['without']:<22} {row['value']:.3f} {drawn(max(0.0, row['cost']) / widest)} {cost}", "")


def _cost(row: Record) -> str:
    if not any((row["cost"], row["low"], row["high"])):
        return sentence("calibration.ablation_nothing")
    how = "calibration.ablation_chance" if row["low"] <= 0 <= row["high"] else "calibration.ablation_cost"
    return sentence(how, drop=row["cost"], low=row["low"], high=row["high"])


def fit_lines(found: Record) -> Iterator[Line]:
    """What was fitted and on what, its figures beside the shipped models', and what stays as shipped and why."""
    yield (sentence("calibration.fitted", names=found["fitted"]), STRONG)
    counts = {"count": found["reports"], "total": found["subjects"]}
    yield from wrapped(sentence("calibration.fitted_on", first=found["first"], last=found["last"], **counts), "  ")
    figures = found["figures"]
    if figures.get("fitted"):
        yield from heading(sentence("calibration.later"))
        columns = sentence("calibration.later_fitted"), sentence("calibration.later_shipped")
        yield (f"  {'':<30} {columns[0]:>15} {columns[1]:>12}", FAINT)
        for name, value in figures["fitted"].items():
            yield (f"  {label(name):<30} {value:>15} {figures['shipped'][name]:>12}", "")
        yield from wrapped(sentence("calibration.later_caution"), "  ", FAINT)
    if found["shipped"]:
        yield from heading(sentence("calibration.stays"))
        for name, why in found["shipped"].items():
            yield from wrapped(sentence("calibration.stays_why", name=name, why=why), "    ", first="  ")
