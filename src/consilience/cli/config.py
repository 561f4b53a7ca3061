"""`consilience config`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from consilience.cli.options import case_option, decoders_option, json_option
from consilience.cli.output import Line, note_all, raw, result
from consilience.cli.rendering import FAINT, HEADING, STRONG
from consilience.cli.verbs import REFUSED
from consilience.vocab.sentences import sentence

SIGNS = {
    "same": ("=", FAINT),
    "changed": ("~", "yellow"),
    "only in a": ("-", "red"),
    "only in b": ("+", "green"),
    "another order": ("%", "magenta"),
}
"""The sign and the style of a field by how it compares, so that colour is never the only difference."""


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--diff", is_flag=True, help="Compare the configurations of two files field by field.")
@click.option("--maco", is_flag=True, help="Print a list of MACO records, which reads back as it was.")
@decoders_option
@case_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    diff: bool,
    maco: bool,
    decoders: tuple[str, ...],
    location: str,
    as_json: bool,
) -> None:
    """Show the configuration in a sample or a record, or compare two.

    FILE is a sample, a MACO record, or a configuration as --json prints it. A sample is never run: it is decoded in a
    locked process, by descriptions (docs/reference/decoders.md) of the package, of the folder decoders/ of the case,
    and of --decoders. Nothing is added to the case; `consilience read FILE` does that.

    With --diff the signs are = same, ~ changed, - only in the first, + only in the second, % the same in another order.

    \b
    Examples:
      consilience config sample.bin --maco
      consilience config --diff sample.bin record.json
    """
    from consilience.case import as_maco, compared, configurations_record, configured

    if fault := _fault(len(paths), diff, maco, as_json):
        raise click.UsageError(fault)
    found = [configured(path, location, decoders) for path in paths]
    if diff:
        comparison = compared(*found)
        result(comparison, as_json, lambda: _compared(comparison))
    elif maco:
        raw(as_maco(found[0]))
    else:
        records = [configurations_record(each) for each in found]
        whole = records[0] if len(records) == 1 else {"files": records}
        result(whole, as_json, lambda: _lines(records))
    note_all([notice for each in found for notice in each.notices], "note")
    refusals = [refusal for each in found for refusal in each.refusals]
    note_all(refusals, "refused")
    if refusals:
        ctx.exit(REFUSED)


def _fault(count: int, diff: bool, maco: bool, as_json: bool) -> str:
    """What is wrong with what was asked, and what to do; empty when nothing is."""
    if diff and count != 2:
        return "--diff compares two files"
    if maco and (diff or as_json or count != 1):
        return "--maco is a document of one file: leave --diff and --json out"
    return ""


def _lines(records: Sequence[dict[str, Any]]) -> Iterator[Line]:
    for record in records:
        if not record["configurations"]:
            yield (sentence("configuration.none", file=record["file"]), STRONG)
        for made in record["configurations"]:
            yield (_title(record["file"], made), HEADING)
            if how := made.get("found"):
                yield (f"  {_found(how)}", FAINT)
            for entry in made["entries"]:
                settings = "  ".join(f"{name or '='} {value}" for name, _, value in entry["settings"])
                usage = f"  [{entry['usage']}]" if entry.get("usage") else ""
                yield (f"  {entry['name']:<16} {settings}{usage}", "")


def _title(file: str, configuration: dict[str, Any]) -> str:
    family, layout = configuration["family"], configuration.get("layout")
    if layout:
        return sentence("configuration.family_layout", file=file, family=family, layout=layout)
    return sentence("configuration.family", file=file, family=family)


def _found(how: dict[str, Any]) -> str:
    place = {"offset": f"{how['offset']:#x}", "decoder": how["decoder"], "source": how["source"]}
    if "xor_key" in how:
        return sentence("configuration.found_key", key=how["xor_key"], **place)
    return sentence("configuration.found", **place)


def _compared(found: dict[str, Any]) -> Iterator[Line]:
    yield (f"- {found['a']}", SIGNS["only in a"][1])
    yield (f"+ {found['b']}", SIGNS["only in b"][1])
    for pair in found["compared"]:
        yield ("", "")
        yield ("  and  ".join(dict.fromkeys(pair["families"])), HEADING)
        for row in pair["fields"]:
            sign, style = SIGNS[row["state"]]
            values = (row["a"],) if row["a"] == row["b"] else (row["a"], row["b"])
            yield (f"{sign} {row['field']:<24} {'  ->  '.join(filter(None, values))}", style)
    yield ("", "")
    counts = [
        sentence("configuration.counts", count=count, state=state) for state, count in found["counts"].items() if count
    ]
    yield ("; ".join(counts), STRONG)
    if found["keys_that_differ"]:
        yield (sentence("configuration.keys", names=found["keys_that_differ"]), STRONG)
