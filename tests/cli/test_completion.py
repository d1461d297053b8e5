"""`kubectl hosts completion`: what it writes and prints, asked by real shells."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kubectl_hosts.cli.completion import BY_SHELL, install, uninstall
from kubectl_hosts.errors import HostsError

PROGRAM = Path(sys.executable).with_name("kubectl-hosts")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts for POSIX shells")


@pytest.fixture
def script(tmp_path):
    return tmp_path / "kubectl_complete-hosts"


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_what_is_installed_asks_the_program(script):
    said = install(script, PROGRAM)
    assert said.startswith(f"wrote {script}; ")
    assert run(script, "vers") == "version\tPrint the version\n:36\n"


def test_it_says_where_kubectl_will_not_look(script, monkeypatch):
    assert install(script, PROGRAM).endswith(
        f"{script.parent} is not on PATH: kubectl will not find it there"
    )
    monkeypatch.setenv("PATH", str(script.parent), prepend=os.pathsep)
    assert "is not on PATH" not in install(script, PROGRAM)


def test_after_krew_took_the_program_away_nothing_is_completed(script):
    install(script, script.with_name("kubectl-hosts"))
    assert run(script, "show", "") == ":1\n"


def test_a_path_with_a_space_and_a_quote_is_asked_as_it_is(tmp_path, script):
    odd = tmp_path / "it's odd"
    odd.mkdir()
    (odd / "kubectl-hosts").symlink_to(PROGRAM)
    install(script, odd / "kubectl-hosts")
    assert run(script, "vers") == "version\tPrint the version\n:36\n"


def test_what_was_installed_is_removed(script):
    install(script, PROGRAM)
    assert uninstall(script) == f"removed {script}"
    assert not script.exists()
    assert uninstall(script) == f"there is no {script}"


def test_somebody_elses_file_is_left_alone(script):
    script.write_text("#!/bin/sh\n")
    assert install(script, PROGRAM) == f"{script} is there already; left as it is"
    assert uninstall(script).endswith("left as it is")
    assert script.read_text() == "#!/bin/sh\n"


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(HostsError, match=r"cannot write .*: no such file or directory"):
        install(tmp_path / "gone" / "kubectl_complete-hosts", PROGRAM)


# The line is typed, and what the shell's own functions are given is printed.
IN_SHELL = {
    "bash": """
source SCRIPT
COMP_LINE='kubectl-hosts TYPED'
COMP_POINT=${#COMP_LINE}
_kubectl_hosts
printf '%s\\n' "${COMPREPLY[@]}"
""",
    "zsh": """
compdef() { : }
compset() { : }
_files() { print -l FILES }
_describe() { print -l -- "${(@)${(@P)3}%%:*}" }
source SCRIPT
words=("${(@s: :):-kubectl-hosts TYPED}")
CURRENT=$#words
_kubectl_hosts
true
""",
    "fish": "source SCRIPT; complete --do-complete 'kubectl-hosts TYPED'",
}


def typed_in(shell, typed, tmp_path):
    """What the shell offers after TYPED."""
    file = tmp_path / f"script.{shell}"
    file.write_text(BY_SHELL[shell])
    program = IN_SHELL[shell].replace("SCRIPT", str(file)).replace("TYPED", typed)
    no_start_up = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *no_start_up, "-c", program],
        env=os.environ | {"PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return sorted(line.partition("\t")[0] for line in done.stdout.splitlines() if line)


@pytest.mark.parametrize(
    "shell",
    [
        pytest.param(each, marks=pytest.mark.skipif(not shutil.which(each), reason=f"no {each}"))
        for each in BY_SHELL
    ],
)
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param("ver", ["version"], id="a verb"),
        pytest.param("completion ", ["bash", "fish", "install", "uninstall", "zsh"], id="an argument"),
        pytest.param("show --color a", ["always", "auto"], id="a value"),
        pytest.param("show --all-p", ["--all-pods"], id="a flag"),
        pytest.param("nonsense ", [], id="nothing"),
        pytest.param("show -f /nonexistent x", [], id="nothing after an error"),
    ],
)  # fmt: skip
def test_a_shell_offers(shell, typed, offered, tmp_path):
    assert typed_in(shell, typed, tmp_path) == offered


# --- the same on a terminal: what Tab leaves on the command line ---------------------------------

NO_START_UP = {
    "bash": ("--norc", "--noprofile", "-i"),
    "zsh": ("-f", "-i"),
    "fish": ("--no-config", "-i"),
}
# In the place of the program a word that prints what it is given, each argument in <>.
SHOWN = {
    "bash": 'shown() { printf "<%s>" "$@"; echo "@""@"; }',
    "zsh": 'shown() { printf "<%s>" "$@"; echo "@""@"; }',
    "fish": 'function shown; printf "<%s>" $argv; echo "@""@"; end',
}
BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")
OWN = {
    "bash": "source <(kubectl-hosts completion bash)",
    "zsh": "autoload -Uz compinit && compinit -u -D; source <(kubectl-hosts completion zsh)",
    "fish": "kubectl-hosts completion fish | source",
}
KUBECTLS = {
    "bash": f"source {BASH_COMPLETION}; source <(kubectl completion bash)",
    "zsh": "autoload -Uz compinit && compinit -u -D; source <(kubectl completion zsh)",
    "fish": "kubectl completion fish | source",
}
KUBECONFIG = r"""
apiVersion: v1
kind: Config
contexts:
- {name: "arn:aws:eks:eu-west-1:123:cluster/prod"}
- {name: "with space"}
- {name: "it's"}
- {name: "star*"}
- {name: 'back\slash'}
- {name: "user@host.example"}
- {name: "runs;touch pwned"}
"""


def on_terminal(shell, lines, folder):
    """The arguments that LINES (each with a Tab behind it) come to in a shell on a terminal."""
    pty = pytest.importorskip("pty")
    environ = os.environ | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "KUBECONFIG": str(folder / "config"),
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe(shell, [shell, *NO_START_UP[shell]], environ)
    try:
        return [_typed(terminal, line) for line in lines]
    finally:
        os.close(terminal)
        with suppress(ProcessLookupError):
            os.kill(process, 9)
        os.waitpid(process, 0)


def _typed(terminal, line):
    os.write(terminal, line.encode())
    received, until = "", time.monotonic() + 30
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 1)
        received += os.read(terminal, 65536).decode("utf-8", "replace") if ready else ""
        if "\x1b[6n" in received:  # where is the cursor?
            received = received.replace("\x1b[6n", "")
            os.write(terminal, b"\x1b[1;1R")
        if shown := re.search(r"((?:<[^<>]*>)*)@@\r?\n", received):
            return re.findall("<([^<>]*)>", shown[1])
    raise AssertionError(received)


@pytest.fixture
def folder(tmp_path):
    """A folder of PATH with the program and what kubectl asks, a kubeconfig, and a file."""
    (tmp_path / "kubectl-hosts").symlink_to(PROGRAM)
    install(tmp_path / "kubectl_complete-hosts", tmp_path / "kubectl-hosts")
    (tmp_path / "config").write_text(KUBECONFIG)
    (tmp_path / "a pod.yaml").touch()
    return tmp_path


# A value that bash gets from kubectl's own script is inserted as it is: kubectl's words, not ours.
QUOTED = [
    pytest.param("show --context wi", ["show", "--context", "with space"], id="a blank"),
    pytest.param(r"show --context with\ sp", ["show", "--context", "with space"], id="a blank that was typed"),
    pytest.param("show --context it", ["show", "--context", "it's"], id="a quote"),
    pytest.param(r"show --context back\\", ["show", "--context", r"back\slash"], id="a backslash"),
]  # fmt: skip
PLAIN = [
    pytest.param("ver", ["version"], id="a verb"),
    pytest.param("show --context arn:aws", ["show", "--context", "arn:aws:eks:eu-west-1:123:cluster/prod"], id="colons"),
    pytest.param("show --context=us", ["show", "--context=user@host.example"], id="behind a ="),
    pytest.param("show --context st", ["show", "--context", "star*"], id="a pattern of file names"),
    pytest.param("show --context ru", ["show", "--context", "ru"], id="what a shell would run is not offered"),
    pytest.param("show -f a", ["show", "-f", "a pod.yaml"], id="a file"),
]  # fmt: skip


def completed(shell, typed, folder, *, by, word):
    """The arguments of WORD TYPED<tab>, where BY has loaded completion."""
    start = f"{by[shell]}; {SHOWN[shell]}; shown ready\r"
    # ^A: the start of the line. What is typed ahead is read when the completion has ended.
    ready, words = on_terminal(shell, [start, f"{word} {typed}\t\x01shown \r"], folder)
    assert ready == ["ready"]
    return words[len(word.split()) :]


def shells(*needed):
    """The shells, each skipped where it, or what it needs, is not here."""
    for shell in BY_SHELL:
        lacks = [each for each in (shell, *needed) if not shutil.which(each)]
        if shell == "bash" and needed and not BASH_COMPLETION.exists():
            lacks.append("bash-completion")
        reason = f"not installed: {', '.join(lacks)}"
        yield pytest.param(shell, marks=pytest.mark.skipif(bool(lacks), reason=reason))


@pytest.mark.parametrize("shell", list(shells()))
@pytest.mark.parametrize(("typed", "words"), [*PLAIN, *QUOTED])
def test_tab_completes_the_program(shell, typed, words, folder):
    assert completed(shell, typed, folder, by=OWN, word="kubectl-hosts") == words


@pytest.mark.parametrize("shell", list(shells("kubectl")))
@pytest.mark.parametrize(("typed", "words"), PLAIN)
def test_tab_completes_the_plugin(shell, typed, words, folder):
    assert completed(shell, typed, folder, by=KUBECTLS, word="kubectl hosts") == words
