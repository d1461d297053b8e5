"""`kubectl hosts capture`: what the other commands would read, in one file for a ticket."""

from __future__ import annotations

from typing import Any

import click

from kubectl_hosts.cli.flags import Verb, asked, connection_options, filename_option, files


@click.command(cls=Verb)
@click.argument(
    "words",
    nargs=-1,
    metavar="[POD | TYPE/NAME ...] [NAME ...]",
    shell_complete=asked("targets"),
)
@click.option("-l", "--selector", default="", help="Label selector: -l app=web.")
@click.option("--field-selector", default="", help="Field selector, as kubectl get.")
@click.option("-A", "--all-namespaces", is_flag=True, help="Pods of every namespace; beats -n.")
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="Where it is written; standard output without it.",
    shell_complete=files,
)
@click.option("--dry-run", is_flag=True, help="Only list what would be read.")
@click.option(
    "--redact", is_flag=True, help="Replace names and addresses, each by the same other one."
)
@filename_option
@connection_options
def capture(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """Write what the other commands would read into one file, for a ticket.

    \b
    Words with a slash, and words that are pods of the namespace, choose pods (all of
    the namespace without them); all others are names to explain. Every command
    answers from the file with -f as it did from the cluster.
    It holds no Secret, no command line, no value of an environment variable but
    those of the resolver, and no annotation but those that bear on names.

    \b
    Examples:
      # Why does redis not resolve in these pods? The file has what answers that
      kubectl hosts capture deploy/web redis -o ticket.json
      # The hosts files of the namespace
      kubectl hosts capture -n shop -o shop.json
      # What would be in it; the same with other names and addresses
      kubectl hosts capture deploy/web redis --dry-run
      kubectl hosts capture deploy/web redis --redact -o ticket.json
      # Read it
      kubectl hosts explain redis --from deploy/web -f ticket.json
    """
    from kubectl_hosts.cli.capturing import run_capture  # noqa: PLC0415

    return run_capture(given)
