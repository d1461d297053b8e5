"""What makes <tab> work: a script a shell for `kubectl-hosts`, and one that kubectl runs.

All of them ask the program, by the protocol of `cli/complete.py`; click's own machinery has another
protocol, and kubectl would not read it.
"""

from __future__ import annotations

import shlex

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
# stands before the last of them is not part of a completion.
BASH = r"""# bash completion for kubectl-hosts: source <(kubectl-hosts completion bash)
_kubectl_hosts() {
    local typed=${COMP_LINE:0:COMP_POINT} words current answer directive line value
    read -ra words <<<"$typed"
    [[ $typed == *[[:space:]] ]] && words+=("")
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
        COMPREPLY+=("$value")
    done <<<"$answer"
    if ((directive & 2)) && type compopt >/dev/null 2>&1; then compopt -o nospace; fi
    if ! ((directive & 4)) && [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    fi
}
complete -F _kubectl_hosts kubectl-hosts
"""

ZSH = r"""#compdef kubectl-hosts
# zsh completion for kubectl-hosts: source <(kubectl-hosts completion zsh)
_kubectl_hosts() {
    local -a lines described suffix
    local line directive value
    lines=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    directive=${lines[-1]#:}
    ((directive & 1)) && return 1
    for line in "${(@)lines[1,-2]}"; do
        value=${line%%$'\t'*}
        [[ $line == *$'\t'* ]] && described+=("${value//:/\\:}:${line#*$'\t'}") ||
            described+=("${value//:/\\:}")
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
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    set -l directive (string replace ':' '' -- $lines[-1])
    test (math "$directive % 2") = 1; and return
    set -l prefix (string match -r -- '^--[^=]*=' "$current")
    if test (count $lines) -gt 1
        string replace -r '^' "$prefix" -- $lines[1..-2]
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
