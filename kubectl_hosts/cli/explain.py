"""`kubectl hosts explain`: what a name resolves to in a pod, and why."""

from __future__ import annotations

from typing import Any

import click

from kubectl_hosts.cli.flags import (
    Verb,
    asked,
    color_option,
    connection_options,
    container_option,
    filename_option,
    output_option,
)

TYPES = ("A", "AAAA", "SRV", "PTR", "CNAME", "TXT")


@click.command(cls=Verb)
@click.argument(
    "names", nargs=-1, required=True, metavar="NAME ...", shell_complete=asked("services")
)
@click.option(
    "--from",
    "source",
    default="",
    metavar="POD|TYPE/NAME",
    help="The pod that asks.",
    shell_complete=asked("sources"),
)
@click.option("-l", "--selector", default="", help="Ask from every pod with these labels.")
@click.option("--field-selector", default="", help="Field selector, as kubectl get.")
@click.option("-A", "--all-namespaces", is_flag=True, help="Ask from pods of every namespace.")
@click.option("--all-pods", is_flag=True, help="Ask from every pod of --from, not one.")
@container_option
@click.option("--type", "qtype", default="", type=click.Choice(("", *TYPES)), help="Record type.")
@filename_option
@output_option("table", "wide", "tree", "json", "yaml", "name")
@color_option
@connection_options
@click.pass_obj
def explain(outer: dict[str, Any], /, **given: Any) -> int:  # noqa: ANN401  click's parameters
    """Explain what a name resolves to in a pod, and why.

    \b
    The first line is the answer. Then the way there: the hosts file, each
    candidate name, the server asked, the record, the object behind it. Then
    what is wrong, each with a fix, and what could not be checked.
    NAME is relative, absolute (with a final dot), _port._proto.service, or an
    address (who owns it?).

    \b
    Examples:
      # Why does redis resolve to that, in a pod of this Deployment?
      kubectl hosts explain redis --from deploy/web
      # Several names share the reads
      kubectl hosts explain redis db.prod www.example.com --from web-0
      # Do all pods get the same answer, and which one does not?
      kubectl hosts explain redis -l app=web
      # Ports of a Service; who owns an address?
      kubectl hosts explain _http._tcp.web --from web-0
      kubectl hosts explain 10.96.0.10
      # The path as a tree
      kubectl hosts explain redis --from web-0 -o tree
    """
    from kubectl_hosts.cli.names import run_explain  # noqa: PLC0415

    return run_explain(given, outer)
