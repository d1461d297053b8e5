"""`kubectl hosts check`: which names lead nowhere, without knowing one in advance."""

from __future__ import annotations

from typing import Any

import click

from kubectl_hosts.cli.flags import (
    Verb,
    check_format,
    check_target,
    color_option,
    connection_options,
    filename_option,
    files,
    no_headers_option,
    one_of,
    output_option,
    targets_argument,
)

FORMATS = ("table", "wide", "json", "yaml", "sarif", "junit", "html")
LEVELS = ("error", "warning")


@click.command(cls=Verb)
@targets_argument
@click.option("-l", "--selector", default="", help="Workloads and pods with these labels.")
@click.option("-A", "--all-namespaces", is_flag=True, help="Every namespace; beats -n.")
@filename_option
@click.option(
    "--with",
    "changed",
    multiple=True,
    metavar="FILE",
    help="Manifests laid over what is there: the cluster as it would be.",
    shell_complete=files,
)
@click.option("--no-exec", is_flag=True, help="Look into no container: predict.")
@click.option(
    "--configmaps", is_flag=True, help="The data of ConfigMaps that pods mount as well; on for -f."
)
@click.option(
    "--fail-on",
    type=click.Choice(LEVELS),
    default="error",
    metavar="LEVEL",
    help="The least that makes the exit status 1: error (default) or warning.",
    shell_complete=one_of(LEVELS),
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="REASON[=OBJECT]",
    help="Pass over problems of a reason, of one object: KIND/NAME, a namespace before it or not.",
)
@output_option(*FORMATS)
@color_option
@no_headers_option
@connection_options
def check(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """Find every name that workloads mention, and which of them leads nowhere.

    \b
    Names come from environment values, commands, probes, ConfigMaps,
    ExternalNames, Ingresses and webhooks. Each is looked up in its workload's own
    pod, or on paper.
    Services without endpoints, hosts files, and the Corefile are looked at, too.
    One row is one problem. 0 nothing is wrong, 1 there are problems, 2 trouble.

    \b
    Examples:
      # Before a deploy: which names will lead nowhere?
      kubectl hosts check -f manifests/
      # The namespace as it is; one workload; every namespace without exec
      kubectl hosts check -n shop
      kubectl hosts check deploy/web
      kubectl hosts check -A --no-exec
      # The cluster as it would be with these manifests
      kubectl hosts check --with release.yaml
      # In a pipeline: SARIF for code scanning, JUnit, a page to read
      kubectl hosts check -f manifests/ -o sarif
      kubectl hosts check -A -o html
    """
    from kubectl_hosts.cli.checking import run_check  # noqa: PLC0415

    check_format(given["output"], FORMATS)
    for each in given["targets"]:
        check_target(each, "check")
    return run_check(given)
