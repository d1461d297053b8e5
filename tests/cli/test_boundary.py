"""Where every error ends: one line and one hint on stderr, a status, and never a traceback unasked."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kubectl_hosts.cli.diff import diff
from kubectl_hosts.cli.main import main
from kubectl_hosts.cli.show import show
from kubectl_hosts.errors import HostsError

ROOT = Path(__file__).parents[2]
REPORT = "hint: This is a bug: report it with the output of `kubectl hosts version`, and with -v=6."
MEMORY = (
    "hint: `ulimit -a` shows what limits memory (-v) and threads (-u); kubectl needs more of both."
)
WHERE = "hint: -v=6 shows where it failed."


def failing(monkeypatch, error):
    """`show` and `diff` raise ERROR."""

    def fail(*_, **__):
        raise error

    for each in (show, diff):
        monkeypatch.setattr(each, "callback", fail)


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        pytest.param(KeyError("spec"), ["error: unexpected KeyError: 'spec'", REPORT], id="a bug"),
        pytest.param(
            ValueError("two\nlines \x1b[2J"),
            ["error: unexpected ValueError: two lines ^[[2J", REPORT],
            id="a bug with words of others",
        ),
        pytest.param(
            HostsError("x" * 9999, hint="y" * 9999),
            [f"error: {'x' * 1992}\u2026", f"hint: {'y' * 1993}\u2026"],
            id="words without end",
        ),
        pytest.param(
            RecursionError("too deep"),
            ["error: unexpected RecursionError: too deep", REPORT],
            id="a bug of depth",
        ),
        pytest.param(MemoryError(), ["error: not enough memory", MEMORY], id="no memory"),
        pytest.param(
            RuntimeError("can't start new thread"),
            ["error: can't start new thread", MEMORY],
            id="no thread",
        ),
        pytest.param(
            OSError(errno.ENOSPC, "No space left on device"),
            ["error: no space left on device", WHERE],
            id="a full disk",
        ),
        pytest.param(
            OSError(errno.EMFILE, "Too many open files", "/etc/hosts"),
            ["error: /etc/hosts: too many open files", WHERE],
            id="no more descriptors",
        ),
    ],
)
@pytest.mark.parametrize(("verb", "status"), [("show", 1), ("diff", 2)])
def test_what_nobody_expected_is_one_error_and_one_hint(
    capfd, monkeypatch, error, lines, verb, status
):
    monkeypatch.delenv("KUBECTL_HOSTS_TRACEBACK", raising=False)
    failing(monkeypatch, error)
    assert main([verb, "web"]) == status
    assert capfd.readouterr().err.splitlines() == lines


@pytest.mark.parametrize(
    ("words", "environ", "is_printed"),
    [
        pytest.param(["-v=6"], "", True, id="-v=6"),
        pytest.param(["-v6"], "", True, id="-v6"),
        pytest.param(["-v", "9"], "", True, id="-v 9"),
        pytest.param(["--v=10"], "", True, id="--v=10"),
        pytest.param([], "1", True, id="KUBECTL_HOSTS_TRACEBACK"),
        pytest.param(["-v=5"], "", False, id="-v=5"),
        pytest.param(["-l", "app=v6"], "", False, id="a label"),
        pytest.param([], "", False, id="neither"),
    ],
)
def test_a_traceback_comes_only_where_it_is_asked_for(
    capfd, monkeypatch, words, environ, is_printed
):
    monkeypatch.setenv("KUBECTL_HOSTS_TRACEBACK", environ)
    failing(monkeypatch, KeyError("spec"))
    assert main(["show", *words]) == 1
    err = capfd.readouterr().err
    assert err.startswith("Traceback") is is_printed
    assert err.splitlines()[-2:] == ["error: unexpected KeyError: 'spec'", REPORT]


def test_an_interrupt_is_130(capfd, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    assert main(["diff"]) == 130


def in_a_shell(words):
    """(status, stderr) of the program with the shell's redirections in WORDS."""
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m kubectl_hosts {words}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return done.returncode, done.stderr.splitlines()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(("verb", "status"), [("version --client", 1), ("options", 1)])
def test_a_full_disk_is_one_error(verb, status):
    assert in_a_shell(f"{verb} >/dev/full") == (status, ["error: no space left on device", WHERE])


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_a_closed_stdout_is_one_error():
    assert in_a_shell("version --client >&-") == (
        1,
        ["error: standard output is closed", "hint: Leave it open: >/dev/null is quiet, too."],
    )


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_a_closed_stderr_loses_the_message_and_keeps_the_status():
    assert in_a_shell("diff --foo 2>&-") == (2, [])


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_a_closed_stdin_has_nothing_in_it():
    status, said = in_a_shell("show -f - <&-")
    assert (status, "unexpected" in said[0]) == (1, False)
    assert in_a_shell("show -f examples/manifests <&- >/dev/null")[0] == 0


def test_a_reader_that_has_seen_enough_is_no_error():
    assert in_a_shell("options | head -1 >/dev/null") == (0, [])
