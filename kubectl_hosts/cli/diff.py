"""`kubectl hosts diff`: expected against observed, as a unified diff."""

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


@click.command(cls=Verb)
@target_options
@output_option("diff", "json", "yaml")
@color_option
@no_headers_option
@connection_options
@click.pass_obj
def diff(outer: dict[str, Any], /, **given: Any) -> int:  # noqa: ANN401  click's parameters
    """Show where a pod's hosts file does not match its spec.

    \b
    Exit status, as kubectl diff: 0 no differences, 1 differences, 2 trouble (a
    container that could not be read is trouble). KUBECTL_EXTERNAL_DIFF names
    another program for the comparison.

    \b
    Examples:
      # What somebody changed in the container
      kubectl hosts diff web-0
      # Does any pod of the namespace differ?
      kubectl hosts diff && echo "all match their specs"
      # Side by side
      KUBECTL_EXTERNAL_DIFF="diff -y" kubectl hosts diff web-0
    """
    from kubectl_hosts.cli.hosts import run_diff  # noqa: PLC0415

    given.pop("no_headers")  # there are none
    for each in given["targets"]:
        check_target(each, "kubectl hosts diff")

    return run_diff(given, outer)
