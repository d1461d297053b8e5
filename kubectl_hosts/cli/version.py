"""`kubectl hosts version`."""

from __future__ import annotations

import click

from kubectl_hosts import __version__
from kubectl_hosts.cli.flags import Verb


@click.command(cls=Verb)
@click.option("-o", "--output", type=click.Choice(("json", "yaml")), help="json or yaml.")
def version(output: str | None) -> None:
    """Print the version.

    \b
    Examples:
      kubectl hosts version
      kubectl hosts version -o json
    """
    if output is None:
        click.echo(f"kubectl-hosts v{__version__}")
        return
    from kubectl_hosts.report.structured import print_document  # noqa: PLC0415

    document = {"apiVersion": "kubectl-hosts/v1", "kind": "Version", "version": f"v{__version__}"}
    click.echo(print_document(document, output), nl=False)
