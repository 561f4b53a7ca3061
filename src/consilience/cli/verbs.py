"""The table of verbs, imported one at a time, and what an error becomes for the shell."""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from consilience.cli.output import complain
from consilience.model.errors import ConsilienceError, InputError

VERBS = {
    "demo": "Assess the published Sandman case, offline.",
    "read": "Read files into the case.",
    "config": "Show the configuration in a sample or a record, or compare two.",
    "show": "List the traits of a subject, rarest first, with their sources.",
    "kinds": "List the kinds of traits, and how much a shared one can weigh.",
    "names": "List the names of the case, who claims what of them, and conflicts.",
    "weigh": "Show the evidence on a pair, item by item.",
    "relate": "List the pairs of subjects worth a look, best first.",
    "assess": "Assess how two subjects are related, and what would change that.",
    "attribute": "Say which known cluster an activity belongs to, or none.",
    "why": "Follow a number down to the sentences of the sources that it rests on.",
    "judge": "Record your own judgement on a pair, beside the program's.",
    "calibrate": "Measure how right attribution is, and how honest its probabilities.",
    "doctor": "Check what protects this machine from the samples that it reads.",
    "audit": "Check that nobody changed the case, and list what was written last.",
    "share": "Write an assessment, or everything that may be shared, as a document.",
    "partner": "Manage partners: what they may know, and what they received.",
    "serve": "Serve partners over TAXII 2.1 what was published for them.",
    "marking": "List the markings of the case, and map what unmarked sources mean.",
    "declassify": "Change the marking of an observation or a source.",
    "feed": "Read collections of TAXII servers, each from where the last reading ended.",
    "retract": "Take back an observation or a source everywhere, and list who must be told.",
}
"""Each verb with its line in `consilience --help`; a test holds it equal to the first line of the verb's own help."""

DONE, FAILED, WRONG_USE, REFUSED = 0, 1, 2, 3


class Verbs(click.Group):
    """A group that imports the file of a verb when the verb is used, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which a newcomer needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb, or None when there is no such verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"consilience.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of verbs without importing any of them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command and leave with its exit status; an error is one line on standard error."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except (ConsilienceError, click.ClickException, click.Abort, OSError) as error:
            complain(_said(error))
            sys.exit(_status(error))
        sys.exit(status if isinstance(status, int) else DONE)


def _said(error: Exception) -> str:
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "consilience"
        return f"{error.format_message().rstrip('.')} (`{path} --help` shows the use)"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, click.Abort):
        return "interrupted"
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        remedy = " (make room, or write elsewhere)" if error.errno == errno.ENOSPC else ""
        return f"{place}{error.strerror}{remedy}"
    return str(error)


def _status(error: Exception) -> int:
    return WRONG_USE if isinstance(error, InputError | click.UsageError) else FAILED
