"""A calibration as one self-contained page: pictures, each with its table, and the figures in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from consilience.calibrate.pictures import Picture, diagnosticity, reliability, risk_coverage
from consilience.calibrate.sentences import attribution_sentences
from consilience.model.json import Record
from consilience.model.printable import visible

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
figure { margin: 2rem 0; } svg { width: 24rem; max-width: 100%; } svg.wide { width: 100%; }
svg text { font-size: 12px; fill: currentColor; } svg circle, svg rect { fill: #1f5a96; }
svg .frame { fill: none; stroke: #777; } svg polyline { fill: none; stroke: #1f5a96; stroke-width: 2; }
svg .even { stroke: #777; stroke-dasharray: 5 4; }
table { border-collapse: collapse; margin: .5rem 0; } th, td { border: 1px solid #bbb; padding: .2rem .6rem; }
th { text-align: left; } td + td { text-align: right; }
@media (prefers-color-scheme: dark) {
  body { background: #161616; color: #e6e6e6; }
  svg circle, svg rect { fill: #7db4ec; } svg polyline { stroke: #7db4ec; }
}
"""


def calibration_page(record: Record) -> bytes:
    """The page of what `calibration` gave, as UTF-8 HTML; every value of the case is escaped."""
    found = record["attribution"]
    body = [f"<h1>Calibration</h1>\n<p>{_text(_about(record))}</p>"]
    body += [f"<p>{_text(each)}</p>" for each in attribution_sentences(found)]
    if found:
        body += [_figure(reliability(found["reliability"])), _figure(risk_coverage(found["risk_coverage"]))]
    body.append(_figure(diagnosticity(record["diagnosticity"]["rows"])))
    body += _rates(record["rates"])
    body += _ablations(record.get("ablations", {}))
    body += _cards(record["models"])
    page = "\n".join(body)
    head = f'<meta charset="utf-8">\n<title>Calibration</title>\n<style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{page}\n</body>\n</html>\n'.encode()


def _about(record: Record) -> str:
    return f"{record['reports']} reports on {record['subjects']} subjects, {record['dated']} of them dated."


def _figure(picture: Picture) -> str:
    caption = f"<figcaption><h2>{_text(picture.title)}</h2><p>{_text(picture.reads)}</p></figcaption>"
    return f"<figure>{caption}\n{picture.svg}\n{_table(picture.columns, picture.rows)}</figure>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in columns)
    lines = ["<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _rates(rates: Record) -> Iterator[str]:
    if not rates:
        return
    yield "<h2>Agreement rates of <em>same operator</em></h2>"
    rows = [
        (kind, str(row["subjects"]), *(f"{row[name]:.3f}" for name in ("shipped", "observed", "rate")))
        for kind, row in rates.items()
    ]
    yield _table(("kind", "subjects", "as shipped", "observed here", "fitted"), rows)


def _ablations(found: Record) -> Iterator[str]:
    for what, rows in found.items():
        if rows:
            yield f"<h2>Without one group: {_text(what)}</h2>"
            cells = [
                (
                    row["without"],
                    f"{row['value']:.3f}",
                    f"{row['cost']:+.3f}",
                    f"{row['low']:+.3f} to {row['high']:+.3f}",
                )
                for row in rows
            ]
            yield _table(("without", "figure", "costs", "95 %"), cells)


def _cards(models: Sequence[Record]) -> Iterator[str]:
    yield "<h2>Models that ship</h2>"
    rows = [(card["name"], card["command"], ", ".join(each["name"] for each in card["data"])) for card in models]
    yield _table(("model", "fitted by", "on"), rows)


def _text(value: object) -> str:
    return escape(visible(str(value)))
