"""`kubectl hosts version`: what a report of a bug needs to say about the programs involved."""

from __future__ import annotations

import sys
from typing import Any

import click

from kubectl_hosts import __version__
from kubectl_hosts.cli.flags import Verb, connection_options, take_connection_flags


@click.command(cls=Verb)
@click.option("--client", is_flag=True, help="This program alone; no kubectl, no server.")
@click.option("-o", "--output", type=click.Choice(("json", "yaml")), help="json or yaml.")
@connection_options
def version(client: bool, output: str | None, **given: Any) -> None:  # noqa: ANN401, FBT001  click's parameters
    """Print the version, with those of Python, kubectl and the server.

    \b
    Examples:
      # What a report of a bug needs
      kubectl hosts version
      kubectl hosts version --client -o json
    """
    known = {"version": f"v{__version__}", "commit": commit(), "python": _python()}
    if not client:
        from kubectl_hosts.cluster.kubectl import kubectl_versions  # noqa: PLC0415

        asked = kubectl_versions(take_connection_flags(given))
        known |= {"kubectl": asked.kubectl, "server": asked.server}
    if output is None:
        _print(known)
        return
    from kubectl_hosts.report.json_documents import print_document  # noqa: PLC0415

    document = {"apiVersion": "kubectl-hosts/v1", "kind": "Version", **known}
    click.echo(print_document(document, output), nl=False)


def _print(known: dict[str, str]) -> None:
    from kubectl_hosts.report.terminal import escape  # noqa: PLC0415

    built = f" (commit {known['commit']})" if known["commit"] else ""
    click.echo(f"kubectl-hosts {known['version']}{built}")
    for name in ("python", "kubectl", "server"):
        if name in known:
            click.echo(f"{name:13} {escape(known[name])}")


def _python() -> str:
    release = ".".join(map(str, sys.version_info[:3]))
    return f"{release} ({sys.implementation.name}, {sys.platform})"


def commit() -> str:
    """The commit that this was built from (`kubectl_hosts/COMMIT`) or checked out at, "" for none.

    A checkout is read as git-worktree(1) and gitrepository-layout(5) describe it, without git.
    """
    import os  # noqa: PLC0415
    import re  # noqa: PLC0415

    def text(*parts: str) -> str:
        try:
            with open(os.path.join(*parts), encoding="ascii") as file:  # noqa: PTH118, PTH123
                return file.read(1 << 20).strip()
        except (OSError, UnicodeDecodeError):
            return ""

    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    found = text(package, "COMMIT")
    git = os.path.join(package, os.pardir, ".git")  # noqa: PTH118
    linked = text(git).partition("gitdir: ")[2] or git
    head = text(linked, "HEAD")
    if not found and head.startswith("ref: "):
        name = head.removeprefix("ref: ")
        shared = os.path.join(linked, text(linked, "commondir"))  # noqa: PTH118
        packed = re.search(
            rf"^([0-9a-f]+) {re.escape(name)}$", text(shared, "packed-refs"), re.MULTILINE
        )
        head = text(shared, name) or (packed[1] if packed else "")
    hexadecimal = re.fullmatch(r"[0-9a-f]{7,64}", found or head)
    return hexadecimal[0][:12] if hexadecimal else ""
