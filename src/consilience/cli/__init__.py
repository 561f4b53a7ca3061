"""The command `consilience`: one file per verb, each thin.

`verbs` finds them without importing them and turns errors into exit statuses · `options` what several verbs take ·
`output` the only way to stdout and stderr · `progress` the bar · `rendering` an assessment as lines.
"""

from __future__ import annotations

import click

from consilience.cli.verbs import Verbs

__all__ = ["main"]


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="consilience", message="consilience %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """How two clusters of intrusion activity are related, at which level, how sure we are, and what would change it.

    Results go to standard output, everything else to standard error. Exit status: 0 done, 1 failed, 2 wrong use,
    3 done with some input refused or held.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)
