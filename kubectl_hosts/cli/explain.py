"""`kubectl hosts explain`: what a name resolves to in a pod, and why."""

from __future__ import annotations

from typing import Any

import click

from kubectl_hosts.cli.flags import (
    Verb,
    asked,
    check_format,
    check_target,
    color_option,
    connection_options,
    container_option,
    filename_option,
    files,
    no_headers_option,
    one_of,
    output_option,
)
from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.names import names_meant
from kubectl_hosts.model.resources import SERVICES, is_resource_name, resource_named

FORMATS = ("table", "wide", "tree", "mermaid", "short", "json", "yaml", "name")
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
@click.option("--all-pods", is_flag=True, help="Ask from every pod of --from, or of the namespace.")
@container_option
@click.option(
    "--type",
    "qtype",
    type=click.Choice(TYPES, case_sensitive=False),
    metavar="TYPE",
    shell_complete=one_of(TYPES),
    help=f"Record type: {', '.join(TYPES)}; without it the addresses of both families.",
)
@click.option(
    "--exit-code", is_flag=True, help="Exit with 1 when a name does not resolve, as getent does."
)
@click.option(
    "--with",
    "with_files",
    multiple=True,
    metavar="FILE",
    help="Explain again as if the manifests of FILE had been applied.",
    shell_complete=files,
)
@filename_option
@output_option(*FORMATS)
@color_option
@no_headers_option
@connection_options
def explain(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """Explain what a name resolves to in a pod, and why.

    \b
    The first line is the answer, and below it what would change it. Then what was
    observed, what was tried, what answered. -o wide has the whole way there, all
    findings, and what could not be checked.
    NAME is relative, absolute (with a final dot), _port._proto.service, an
    address (who owns it?), or a URL, which means its host.

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
      # What would change if this were applied?
      kubectl hosts explain redis --from deploy/web --with service.yaml
      # The path as a tree, as a picture; the answer alone, and a status for scripts
      kubectl hosts explain redis --from web-0 -o tree
      kubectl hosts explain redis --from web-0 -o mermaid
      kubectl hosts explain redis --from web-0 -o short --exit-code
    """
    from kubectl_hosts.cli.explanations import run_explain  # noqa: PLC0415

    given["names"] = _names_meant(given["names"])
    given["qtype"] = given["qtype"] or ""
    check_target(given["source"], f"kubectl hosts explain {given['names'][0]} --from")
    check_format(given["output"], FORMATS)
    return run_explain(given)


def _names_meant(typed: tuple[str, ...]) -> tuple[str, ...]:
    """The names in TYPED, each once. Raises BadInput for what is none."""
    from kubectl_hosts.cli.session import note  # noqa: PLC0415

    names: dict[str, None] = {}
    for each in typed:
        _check_is_no_object(each, [other for other in typed if other != each])
        meant = names_meant(each)
        if meant.note:
            note(meant.note)
        names |= dict.fromkeys(meant.names)
    return tuple(names)


def _check_is_no_object(typed: str, others: list[str]) -> None:
    """Raise BadInput for TYPE/NAME: it stands behind --from, or its name alone was meant."""
    kind, slash, name = typed.partition("/")
    if not slash or not name or not is_resource_name(kind):
        return
    asks = f"kubectl hosts explain {others[0] if others else 'NAME'} --from {typed}"
    if resource_named(kind) == SERVICES and not others:
        asks = f"kubectl hosts explain {name}; or all its names: kubectl hosts names {typed}"
    raise BadInput(
        f"{typed} is an object, not a name to look up", hint=f"Did you mean this? {asks}"
    )
