"""`kubectl hosts show`: each line of the hosts file, and where it comes from."""

from __future__ import annotations

from typing import Any

import click

from kubectl_hosts.cli.flags import (
    Verb,
    check_target,
    color_option,
    connection_options,
    no_headers_option,
    output_option,
    target_options,
)

FORMATS = ("table", "wide", "json", "yaml", "name", "hosts")


@click.command(cls=Verb)
@target_options
@click.option("--expected", is_flag=True, help="The predicted file alone: no exec.")
@output_option(*FORMATS)
@color_option
@no_headers_option
@connection_options
@click.pass_obj
def show(outer: dict[str, Any], /, **given: Any) -> int:  # noqa: ANN401  click's parameters
    """Show each line of a pod's hosts file, and where it comes from.

    \b
    The first line is the verdict: does the file match the spec, and if not, what
    is wrong and what to do. One pod shows its lines, many pods a row each.

    \b
    Examples:
      # The hosts file of a pod, line by line
      kubectl hosts show web-0
      # One pod of a Deployment; every pod of it
      kubectl hosts show deploy/web
      kubectl hosts show deploy/web --all-pods
      # All pods of the namespace; all with a label, in every namespace
      kubectl hosts show
      kubectl hosts show -A -l app=web
      # The file as it is, bytes untouched; the file as the kubelet would write it
      kubectl hosts show web-0 -o hosts
      kubectl hosts show web-0 -o hosts --expected
      # Before it is deployed: what will its pods see?
      kubectl hosts show -f deployment.yaml
    """
    from kubectl_hosts.cli.hosts import run_show  # noqa: PLC0415

    for each in given["targets"]:
        check_target(each, "kubectl hosts show")

    return run_show(given, outer)
