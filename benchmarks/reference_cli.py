"""Writes docs/reference/cli.md from the help texts; `--check` only says whether it is current."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from consilience.cli import main
from consilience.cli.verbs import VERBS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"
WIDTH = 100

OPENING = """# The command line

Made from the help texts by `python benchmarks/reference_cli.py`; a test holds it current.

Results go to standard output, and with `--json` they are exactly one JSON document in UTF-8 with sorted keys.
Everything else (progress, notes, refusals, errors) goes to standard error. An error is one line.

| exit status | |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong use: an option, a date, a name or a file that cannot be used |
| 3 | done, with some input refused or held |

Verbs on a case take `--case PATH`, else the environment variable `CONSILIENCE_CASE`, else `./case`. On a terminal the
output is coloured, unless `NO_COLOR` is set.
"""


def reference() -> str:
    """The whole page: the opening, the table of verbs, and the help of each verb."""
    table = "\n".join(f"| [`{verb}`](#consilience-{verb}) | {line} |" for verb, line in VERBS.items())
    sections = "\n".join(_section(verb) for verb in VERBS)
    return f"{OPENING}\n| verb | |\n|---|---|\n{table}\n\n{sections}"


def _section(verb: str) -> str:
    parent = click.Context(main, info_name="consilience", **main.context_settings)
    command = main.get_command(parent, verb)
    context = click.Context(command, info_name=verb, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH)
    return f"## consilience {verb}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def run() -> None:
    page = reference()
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page else f"{PAGE.name} is not current")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run()
