"""`kubectl hosts completion`: what it writes and prints, asked by real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
