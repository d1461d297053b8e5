"""`kubectl hosts completion`: install what kubectl asks, or print a shell's script."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from kubectl_hosts.cli.completion_scripts import BY_SHELL, MARK, script_for_kubectl
from kubectl_hosts.errors import BadInput, HostsError

PROGRAM = "kubectl-hosts"
SCRIPT = "kubectl_complete-hosts"


@click.command()
@click.argument("action", type=click.Choice(("install", "uninstall", *BY_SHELL)))
@click.argument("folder", type=click.Path(), required=False)
def completion(action: str, folder: str | None) -> None:
    """Install completion for kubectl, or print a script for a shell.

    \b
    kubectl completes plugins where its own completion is on: it runs
    kubectl_complete-hosts, which must stand on PATH. pip, pipx and uv install it;
    after krew, `install` writes it beside kubectl-hosts, or into FOLDER, and
    `uninstall` removes it again.
    bash, zsh and fish print a script for the bare executable, kubectl-hosts.

    \b
    Examples:
      # After krew: kubectl hosts show <tab>
      kubectl hosts completion install
      # Into another folder of PATH
      kubectl hosts completion install ~/.local/bin
      # kubectl-hosts show <tab>, in this shell
      source <(kubectl hosts completion bash)
    """
    if action in BY_SHELL:
        click.echo(BY_SHELL[action], nl=False)
        return
    program = program_path()
    script = Path(folder).expanduser() / SCRIPT if folder else program.with_name(SCRIPT)
    click.echo(install(script, program) if action == "install" else uninstall(script))


def program_path() -> Path:
    """The kubectl-hosts that was started, as a path that an upgrade leaves valid.

    It stays the link that krew or pipx made: what it leads to has a version in its path.
    """
    started = Path(sys.argv[0])
    named = started if started.is_file() and started.name.startswith(PROGRAM) else None
    found = named or shutil.which(PROGRAM)
    if found is None:
        raise HostsError(
            f"{PROGRAM} is not on PATH", hint="krew's bin folder belongs there: kubectl krew."
        )
    return Path(found).absolute()


def install(script: Path, program: Path) -> str:
    """Write SCRIPT, which asks PROGRAM; what was done, in a sentence or two.

    Raises BadInput where something else has that name, HostsError where it cannot be written.
    """
    if os.name == "nt":
        raise HostsError(
            "a script cannot be installed on Windows",
            hint="pipx install kubectl-hosts brings kubectl_complete-hosts.exe.",
        )
    if script.exists() and not _is_ours(script):
        return f"{script} is there already; left as it is"
    try:
        script.write_text(script_for_kubectl(os.fspath(program)), encoding="utf-8")
        script.chmod(0o755)
    except OSError as error:
        raise _cannot("write", script, error) from error
    wrote = f"wrote {script}; `kubectl hosts <tab>` asks it where kubectl's completion is on"
    if script.parent in map(Path, os.get_exec_path()):
        return wrote
    return f"{wrote}\n{script.parent} is not on PATH: kubectl will not find it there"


def uninstall(script: Path) -> str:
    """Remove what `install` wrote, and nothing else; what was done, in a sentence."""
    if not script.exists():
        return f"there is no {script}"
    if not _is_ours(script):
        return f"{script} was not written by `kubectl hosts completion install`; left as it is"
    try:
        script.unlink()
    except OSError as error:
        raise _cannot("remove", script, error) from error
    return f"removed {script}"


def _is_ours(script: Path) -> bool:
    try:
        return MARK in script.read_bytes()[:1000].decode("utf-8", "replace")
    except OSError as error:
        raise _cannot("read", script, error) from error


def _cannot(doing: str, script: Path, error: OSError) -> BadInput:
    return BadInput(
        f"cannot {doing} {script}: {(error.strerror or str(error)).lower()}",
        hint="Name another folder of PATH: kubectl hosts completion install FOLDER.",
    )
