"""`kubectl hosts options`: the flags that every command takes, as `kubectl options` lists them."""

from __future__ import annotations

import click

from kubectl_hosts.cli.flags import GLOBAL_FLAGS, Verb


@click.command(cls=Verb)
def options() -> None:
    """Print the flags that every command takes.

    \b
    Examples:
      kubectl hosts options
    """
    click.echo("The following options can be passed to any command:\n")
    for each in GLOBAL_FLAGS:
        value = "" if each.is_switch else f"={each.default}"
        click.echo(f"    {', '.join(each.names)}{value}:\n\t{each.text}\n")
