"""`kubectl hosts completion`: install what kubectl asks, or print a shell's script.

All scripts ask the program, by the protocol of `cli/complete.py`; click's own scripts have another
protocol, and kubectl would not read it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from kubectl_hosts.cli.flags import Verb
from kubectl_hosts.errors import BadInput, HostsError, system_words

PROGRAM = "kubectl-hosts"
SCRIPT = "kubectl_complete-hosts"
MARK = "# Written by `kubectl hosts completion install`."

# kubectl takes file names for an answer where the script fails, so it never does: cobra's 1.
_FOR_KUBECTL = """\
#!/bin/sh
{mark} kubectl runs it to complete `kubectl hosts`.
program={program}
if [ -x "$program" ]; then exec "$program" __complete "$@"; fi
echo :1
"""

# bash 3.2 (macOS) has neither compopt nor ${words[-1]}. Readline breaks words at : and =, so what
# stands before the last of them is not part of a completion. It inserts what it is given: a value
# has to be quoted here, and a file name by `compopt -o filenames`.
BASH = r"""# bash completion for kubectl-hosts: source <(kubectl-hosts completion bash)
_kubectl_hosts() {
    local typed=${COMP_LINE:0:COMP_POINT} words current answer directive line value
    read -a words <<<"$typed"
    [[ $typed == *[[:space:]] && $typed != *\\[[:space:]] ]] && words+=("")
    current=${words[${#words[@]} - 1]}
    COMPREPLY=()
    answer=$("${words[0]}" __complete "${words[@]:1}" 2>/dev/null) || return
    directive=${answer##*:}
    ((directive & 1)) && return
    [[ $current == --*=* ]] && current=${current#*=}
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        [[ $value && $value != :* ]] || continue
        [[ $COMP_WORDBREAKS == *:* ]] && value=${value#"${current%"${current##*:}"}"}
        COMPREPLY+=("$(printf %q "$value")")
    done <<<"$answer"
    if ((directive & 2)) && type compopt >/dev/null 2>&1; then compopt -o nospace; fi
    if ! ((directive & 4)) && [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
        if type compopt >/dev/null 2>&1; then compopt -o filenames; fi
    fi
}
complete -F _kubectl_hosts kubectl-hosts
"""

ZSH = r"""#compdef kubectl-hosts
# zsh completion for kubectl-hosts: source <(kubectl-hosts completion zsh)
_kubectl_hosts() {
    local -a lines described suffix
    local line directive value
    lines=("${(@f)$("${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    directive=${lines[-1]#:}
    ((directive & 1)) && return 1
    for line in "${(@)lines[1,-2]}"; do
        value=${${${line%%$'\t'*}//\\/\\\\}//:/\\:}
        [[ $line == *$'\t'* ]] && described+=("$value:${line#*$'\t'}") || described+=("$value")
    done
    [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='
    if ((${#described} == 0)); then
        ((directive & 4)) || _files
        return
    fi
    ((directive & 2)) && suffix=(-S '')
    _describe -V 'kubectl-hosts' described "${suffix[@]}"
}
compdef _kubectl_hosts kubectl-hosts
"""

FISH = r"""# fish completion for kubectl-hosts: kubectl-hosts completion fish | source
function __kubectl_hosts
    set -l words (commandline -opc)
    set -l current (string unescape -- (commandline -ct); or commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    set -l directive (string replace ':' '' -- $lines[-1])
    test (math "$directive % 2") = 1; and return
    set -l prefix (string match -r -- '^--[^=]*=' "$current")
    if test (count $lines) -gt 1
        string replace -r -- '^' "$prefix" $lines[1..-2]
    else if test (math "floor($directive / 4) % 2") = 0
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
    end
end
complete --command kubectl-hosts --no-files --keep-order --arguments '(__kubectl_hosts)'
"""

BY_SHELL = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def script_for_kubectl(program: str) -> str:
    """`kubectl_complete-hosts`, which asks PROGRAM (an absolute path)."""
    return _FOR_KUBECTL.format(mark=MARK, program=shlex.quote(program))


@click.command(cls=Verb)
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
        f"cannot {doing} {script}: {system_words(error)}",
        hint="Name another folder of PATH: kubectl hosts completion install FOLDER.",
    )
