"""The real program in a process of its own: terminals, pipes, signals, locales."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.tour import tour
from tests.cluster.fake_api_server import Reply, Stream, api_server
from tests.fakes import FakeCluster, a_node, a_pod, capture_of, container_files, hosts_text

pty, fcntl, termios = map(pytest.importorskip, ("pty", "fcntl", "termios"))  # POSIX's
ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "kubectl_hosts")
COLOURS = re.compile(r"\x1b\[[0-9]*m")
PLAIN = {"TERM": "xterm", "HOME": "/nonexistent", "PATH": os.environ["PATH"]}


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    return capture_of(tour(), tmp_path_factory.mktemp("tour"))


def start(*argv, stdout, stderr, **environ):
    return subprocess.Popen(
        [*PROGRAM, *argv],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env={**PLAIN, **environ},
    )


def on_terminal(*argv, columns=80, stderr=None, **environ):
    """(exit status, what a terminal of that width got); stderr goes there too unless given."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = start(*argv, stdout=theirs, stderr=stderr or theirs, **environ)
    os.close(theirs)
    received = b""
    with suppress(OSError):  # EIO: the last writer has gone
        while True:
            received += os.read(ours, 65536)
    os.close(ours)
    return process.wait(30), received.decode().replace("\r\n", "\n")


def piped(*argv, **environ):
    """(exit status, stdout, stderr) with pipes on both."""
    process = start(*argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **environ)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize("columns", [80, 200])
def test_a_fleet_fits_the_terminal(capture, golden, columns):
    status, out = on_terminal(
        "show", "-f", capture, columns=columns, stderr=subprocess.DEVNULL, NO_COLOR="1"
    )
    assert out == golden(f"show/many-{columns}-columns.txt", out)
    assert status == 0
    table = out.split("\n\n")[1].splitlines()
    assert max(map(len, table)) <= columns


def test_where_a_line_comes_from_is_visible_in_80_columns(capture):
    _, out = on_terminal("show", "edited", "-f", capture, NO_COLOR="1")
    rows = [each for each in out.splitlines() if re.match(r"(LINE|\d+) ", each)]
    assert max(map(len, rows)) <= 80
    assert rows[-1].endswith("manual edit")
    assert any(each.endswith("hostAliases[1]") for each in rows)


@pytest.mark.parametrize(
    ("argv", "environ", "coloured"),
    [
        pytest.param((), {}, True, id="a terminal"),
        pytest.param((), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param((), {"NO_COLOR": ""}, True, id="an empty NO_COLOR says nothing"),
        pytest.param((), {"TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param(("--color=always",), {"NO_COLOR": "1"}, True, id="always"),
        pytest.param(("--color=never",), {}, False, id="never"),
    ],
)
def test_colours_are_for_terminals_that_want_them(capture, argv, environ, coloured):
    _, out = on_terminal("show", "edited", "-f", capture, *argv, **environ)
    assert bool(COLOURS.search(out)) == coloured
    assert "\x1b" not in COLOURS.sub("", out)


def test_a_pipe_gets_no_colour_and_no_progress(capture):
    status, out, err = piped("show", "-f", capture)
    assert (status, err) == (0, b"")
    assert b"\x1b" not in out


def test_escapes_of_a_hosts_file_never_reach_the_terminal(capture):
    for argv in (("diff", "escapes"), ("show",)):
        _, out = on_terminal(*argv, "-f", capture, "--color=never", stderr=subprocess.DEVNULL)
        assert "^[[31mred^[[0m" in out
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", out)


def test_progress_is_wiped_from_a_terminals_stderr(capture):
    _, both = on_terminal("show", "-f", capture, "--color=never")
    progress, _, rest = both.rpartition("\r\x1b[K")
    counted = progress.split("\r\x1b[K")
    assert counted == ["", *(f"read {number} of 13 pods" for number in range(1, 14))]
    assert rest.startswith("4 of 13 pods match")


def test_one_pod_needs_no_progress(capture):
    _, both = on_terminal("show", "holds", "-f", capture, "--color=never")
    assert both.startswith("pod shop/holds: ")


@pytest.mark.parametrize("output", ["table", "json", "hosts"])
def test_a_reader_that_has_seen_enough_is_no_error(capture, output):
    name = ("holds",) if output == "hosts" else ()
    ours, theirs = os.pipe()
    os.close(ours)
    process = start(
        "show", *name, "-f", capture, "-o", output, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, id="ASCII"),
        pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="C"),
        pytest.param({"PYTHONIOENCODING": "latin-1"}, id="Latin 1"),
        pytest.param({"LC_ALL": "de_DE.nowhere"}, id="a locale that is not there"),
    ],
)
def test_no_locale_is_too_poor(capture, environ):
    for argv in (("show",), ("diff",)):
        status, out, err = piped(*argv, "-f", capture, **environ)
        assert status == (2 if argv == ("diff",) else 0)
        assert b"metrics.example.net" in out
        assert b"Traceback" not in err


def test_on_a_poor_terminal_what_is_cut_is_marked_in_ascii(capture):
    _, out = on_terminal("show", "-f", capture, PYTHONIOENCODING="ascii", NO_COLOR="1")
    assert out.isascii()
    assert "~" in out


@pytest.fixture
def hanging_server():
    """Two pods: one is finished, the exec in the other never ends."""
    with api_server() as server:
        finished = a_pod("finished", namespace="default", status={"phase": "Succeeded"})
        hangs = a_pod("hangs", namespace="default")
        server.routes = {
            "/api/v1/namespaces/default/pods": [Reply(200, {"items": [finished, hangs]})],
            "/api/v1/namespaces/default/pods/hangs": [Reply(200, hangs)],
            "/api/v1/nodes/node-1": [Reply(200, a_node())],
            "/api/v1/namespaces/default/pods/hangs/exec": [Stream(ending="hang")],
        }
        yield server


def test_a_file_is_raw_in_a_pipe_and_never_on_a_terminal(tmp_path):
    pod = a_pod("web")
    text = hosts_text(pod, extra="192.0.2.9\ta\u202eb\x9b31m\x1b[2J\n")
    cluster = FakeCluster([pod, a_node()], {("web", "main"): container_files(text)})
    argv = ("show", "web", "-o", "hosts", "-f", capture_of(cluster, tmp_path))
    status, shown = on_terminal(*argv)
    assert (status, shown.splitlines()[-1]) == (0, r"192.0.2.9	a\u202eb\u009b31m^[[2J")
    status, out, _ = piped(*argv)
    assert (status, out.encode() if isinstance(out, str) else out) == (0, text)
    line = "jsonpath={.containers[0].lines[-1].text}"
    status, shown = on_terminal("show", "web", "-o", line, "-f", argv[-1])
    assert (status, shown.strip()) == (0, r"192.0.2.9	a\u202eb\u009b31m^[[2J")


def interrupted(server, *argv, shown="", by=signal.SIGINT):
    """(exit status, stdout, what a terminal got as stderr) of a program that gets the signal BY.

    While its exec hangs, and once the terminal has SHOWN.
    """
    ours, theirs = pty.openpty()
    process = start(
        *argv,
        "--server",
        server.url,
        "--transport=api",
        stdout=subprocess.PIPE,
        stderr=theirs,
        KUBECONFIG="/nonexistent",
    )
    os.close(theirs)
    received = ""
    while shown not in received:
        received += os.read(ours, 65536).decode()
    deadline = time.monotonic() + 60
    while not any("/exec" in each.target for each in server.seen):
        assert time.monotonic() < deadline, "the program never came that far"
        time.sleep(0.02)
    process.send_signal(by)
    out, _ = process.communicate(timeout=60)
    with suppress(OSError):  # EIO: the last writer has gone
        received += os.read(ours, 65536).decode()
    os.close(ours)
    return process.returncode, out.decode(), received.rpartition("\x1b[K")[2]


def test_an_interrupt_prints_what_is_known(hanging_server):
    status, out, err = interrupted(hanging_server, "show", shown="read 1 of 2 pods")
    assert status == 130
    assert err == "interrupted: 1 of 2 pods were read\r\n"
    assert out.startswith("0 of 1 pod matches its spec; 1 could not be read\n")
    assert "finished" in out
    assert "hangs" not in out


def test_a_program_that_is_ended_leaves_no_line_on_the_terminal(hanging_server):
    status, out, err = interrupted(
        hanging_server, "show", shown="read 1 of 2 pods", by=signal.SIGTERM
    )
    assert (status, out, err) == (-signal.SIGTERM, "", "")


NOBODY_CATCHES_IT = """
class Dies:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
Dies()
"""
WRAPPED_BY_PYTHON = """
class Named:
    def __set_name__(self, owner, name):
        signal.raise_signal(signal.SIGINT)
class Owner:
    named = Named()
"""


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(NOBODY_CATCHES_IT, id="in a finalizer, as in an import's callback"),
        pytest.param(WRAPPED_BY_PYTHON, id="in __set_name__, which an Enum has"),
    ],
)
@pytest.mark.parametrize("place", ["while modules load", "in a verb"])
def test_an_interrupt_is_not_lost(moment, place):
    waits = f"def waits(*_):\n{textwrap.indent(moment, ' ')}\n time.sleep(20)\n"
    patched = {
        "while modules load": "import kubectl_hosts.cli.main as m; m.run = waits",
        "in a verb": "import kubectl_hosts.cli.main as m; m._run_verb = waits",
    }[place]
    program = f"import signal, sys, time\n{waits}\n{patched}\n"
    program += "sys.argv[1:] = ['version']\nfrom kubectl_hosts.__main__ import main\nmain()\n"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_interrupt_of_one_pod_leaves_nothing_to_say(hanging_server):
    status, out, err = interrupted(hanging_server, "show", "hangs")
    assert (status, out, err.strip()) == (130, "", "")


def test_an_exec_that_hangs_ends_at_the_deadline(hanging_server):
    status, out, _ = piped(
        "show",
        "--server",
        hanging_server.url,
        "--transport=api",
        "--request-timeout=1s",
        KUBECONFIG="/nonexistent",
    )
    assert status == 0
    assert b"did not end within 1 s" in out
