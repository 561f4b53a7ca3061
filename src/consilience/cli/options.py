"""What several verbs take: the case, the form of the output, the date."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Any

import click

from consilience.model.when import span

Command = Callable[..., Any]

ENVIRONMENT = "CONSILIENCE_CASE"


def a_date(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """The date as given, or empty when the option was left out; anything else is wrong use."""
    if value is None:
        return ""
    try:
        span(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}; write 2023, 2023-12 or 2023-12-11", ctx, param) from None
    return value.strip()


def some_text(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """The text without spaces around it; an empty one is wrong use."""
    if not value.strip():
        raise click.BadParameter("it is empty", ctx, param)
    return value.strip()


case_option = click.option(
    "--case",
    "location",
    metavar="PATH",
    envvar=ENVIRONMENT,
    show_envvar=True,
    default="./case",
    show_default=True,
    help="The case: a folder, made if absent, or the URL of a database.",
)

no_case_option = click.option(
    "--case", metavar="PATH", expose_value=False, help="Taken as by every verb; makes no difference here."
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document.")


def whoami() -> str:
    """The name under which this program runs, or empty where the system does not tell."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


by_option = click.option("--by", metavar="WHO", default=whoami, show_default="your login", help="Your name.")

as_of_option = click.option(
    "--as-of",
    metavar="DATE",
    callback=a_date,
    help="Count only what was public by this date (2023, 2023-12 or 2023-12-11).",
)


model_option = click.option(
    "--model",
    metavar="FILE",
    default="",
    show_default="the shipped model",
    help="A model that `consilience calibrate --fit` wrote.",
)


decoders_option = click.option(
    "--decoders",
    metavar="DIR",
    multiple=True,
    help="A folder of descriptions of decoders (.toml), beside those of the package and of the case.",
)


def pair(command: Command) -> Command:
    """The command with two arguments, the names of two subjects."""
    first = click.argument("a", metavar="A", callback=some_text)
    second = click.argument("b", metavar="B", callback=some_text)
    return first(second(command))
