"""A configuration that is wrong in any way is an error with words, in time, without a password."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from fake_api_server import CA, api_server
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts import waiting
from kubectl_hosts.cluster import credentials
from kubectl_hosts.cluster.access import choose_proxy, parse_server, without_password
from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.resources import Resource
from kubectl_hosts.probes.ports import ExecTarget

V1 = "client.authentication.k8s.io/v1"
LOADING = 'error loading config file "{path}": '


def config(user=None, server="https://127.0.0.1:1", **cluster):
    document = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [
            {
                "name": "c",
                "cluster": {"server": server, "certificate-authority": str(CA), **cluster},
            }
        ],
        "users": [{"name": "u", "user": {"token": "t"} if user is None else user}],
    }
    return json.dumps(document).encode()


def plugin(*argv, **more):
    command, *args = argv
    return {
        "exec": {
            "apiVersion": V1,
            "interactiveMode": "Never",
            "command": command,
            "args": args,
            **more,
        }
    }


@pytest.fixture
def no_kubectl(monkeypatch):
    """What we say ourselves: nobody else is asked."""
    monkeypatch.delenv("KUBECTL_PATH", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")


def error_of(path, environ=None, **flags):
    try:
        flagged = ConnectionFlags(**{"kubeconfig": str(path), "request_timeout": "1s", **flags})
        with closing(connect(flagged, environ or {})) as live:
            live.get(Resource("pods"), "p", namespace="n")
    except HostsError as error:
        return error.message
    return ""


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 8)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(b"\0\0\0", LOADING + "yaml: line 1: ", id="NULs"),
        pytest.param(b"\xff\xfe{", LOADING + "yaml: line 1: invalid UTF-8", id="no UTF-8"),
        pytest.param(b"a: b: c", LOADING + "yaml: line 1: ", id="broken YAML"),
        pytest.param(b"[" * 100_000, LOADING + "yaml: line 1: exceeded max depth", id="deep YAML"),
        pytest.param(
            b'{"a":' * 100_000, LOADING + "yaml: line 1: exceeded max depth", id="deep JSON"
        ),
        pytest.param(BOMB.encode(), LOADING + "yaml: line 6: document contains", id="a bomb"),
        pytest.param(b"a: &a [*a]", LOADING + "yaml: line 1: anchor 'a'", id="a loop"),
        pytest.param(b"a: *b", LOADING + "yaml: line 1: unknown anchor", id="no anchor"),
        pytest.param(b"7", LOADING + "couldn't get version/kind", id="a number"),
        pytest.param(b"- a", LOADING + "couldn't get version/kind", id="a list"),
        pytest.param(b"current-context: [a]", LOADING + "json: cannot unmarshal array", id="types"),
        pytest.param(b"kind: {a: b}", LOADING, id="a kind that is an object"),
        pytest.param(b"users: [[]]", LOADING + "json: cannot unmarshal array", id="an entry"),
        pytest.param(
            config({"client-key-data": "\u00e4"}), LOADING + "illegal base64", id="base64"
        ),
        pytest.param(config({"tokenFile": "a\0b"}), "open ", id="NUL in a path"),
        pytest.param(
            config({"client-certificate": "a\0", "client-key": "b\0"}),
            "Error in configuration",
            id="NUL in a certificate's path",
        ),
        pytest.param(
            config(**{"certificate-authority": "a\0b"}), "unable to read", id="NUL in a CA's path"
        ),
        pytest.param(config({"tokenFile": "/dev/zero"}), "", id="a token without end"),
        pytest.param(config(server="https://a\0b"), "Unable to connect", id="NUL in a host"),
        pytest.param(config(server="https://[::1"), "host must be a URL", id="half an address"),
        pytest.param(config(server="https://a:99999"), "host must be a URL", id="port 99999"),
        pytest.param(config(server="https://a:-1"), "host must be a URL", id="port -1"),
        pytest.param(config(server="https://a:http"), "host must be a URL", id="a port of letters"),
        pytest.param(config(server="https://" + "a" * 300), "Unable to connect", id="a long name"),
        pytest.param(config(server="https://a..b"), "Unable to connect", id="an empty label"),
        pytest.param(config(server="https://.a"), "Unable to connect", id="a leading dot"),
        pytest.param(config(server="https://ä\u2100"), "", id="a name that is no name"),
        pytest.param(
            config(**{"tls-server-name": "." + "a" * 300}), "The connection", id="a TLS name"
        ),
        pytest.param(
            config(plugin("sh", env=[{"name": "A=B", "value": "x"}])),
            "Unable to connect to the server: getting credentials: exec: ",
            id="A=B as a variable's name",
        ),
        pytest.param(
            config(plugin("sh", env=[{"name": "A\0", "value": "x"}])),
            "Unable to connect to the server: getting credentials: exec: ",
            id="NUL in a variable's name",
        ),
        pytest.param(
            config(plugin("sh", "a\0b")),
            "Unable to connect to the server: getting credentials: exec: ",
            id="NUL in an argument",
        ),
        pytest.param(
            config(plugin("s\0h")),
            "Unable to connect to the server: getting credentials: exec: ",
            id="NUL in a command",
        ),
        pytest.param(
            config(plugin("/")),
            "Unable to connect to the server: getting credentials: exec: fork/exec /: ",
            id="a folder as a command",
        ),
        pytest.param(
            config({"auth-provider": {"name": "oidc", "config": {"id-token": "a.b.c"}}}),
            "auth-provider is not supported",
            id="a token that is none",
        ),
    ],
)
def test_a_kubeconfig_that_is_wrong_is_an_error(tmp_path, no_kubectl, text, words):
    path = tmp_path / "config"
    path.write_bytes(text)
    began = time.process_time()
    message = error_of(path)
    assert message.startswith(words.replace("{path}", str(path)))
    assert message
    assert time.process_time() - began < 5


def test_a_device_or_a_pipe_as_a_kubeconfig_ends(tmp_path, no_kubectl):
    assert error_of("/dev/null").startswith("")
    assert error_of("/dev/zero") == 'error loading config file "/dev/zero": more than 16 MiB'
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for timeout in ("0", "60s"):
        threading.Thread(target=pipe.write_bytes, args=(config(),), daemon=True).start()
        said = error_of(pipe, request_timeout=timeout)
        assert said.startswith("The connection to the server 127.0.0.1:1 was refused")


@pytest.mark.parametrize("where", ["kubeconfig", "tokenFile", "certificate-authority"])
def test_a_pipe_that_nobody_writes_is_left_after_the_request_timeout(tmp_path, no_kubectl, where):
    pipe, path = tmp_path / "pipe", tmp_path / "config"
    os.mkfifo(pipe)
    user = {"tokenFile": str(pipe)} if where == "tokenFile" else None
    cluster = {where: str(pipe)} if where == "certificate-authority" else {}
    path.write_bytes(config(user, **cluster))
    message = error_of(pipe if where == "kubeconfig" else path, request_timeout="0.2s")
    assert message.endswith(f"open {pipe}: i/o timeout")


def test_who_waits_for_a_kubeconfig_is_told(tmp_path, monkeypatch, no_kubectl):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stderr, pipe = Terminal(), tmp_path / "pipe"
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(waiting, "QUIET_SECONDS", 0.01)
    os.mkfifo(pipe)

    def write():
        assert wait_for(lambda: "reading the kubeconfig" in stderr.getvalue())
        pipe.write_bytes(config())

    threading.Thread(target=write, daemon=True).start()
    said = error_of(pipe, request_timeout="60s")
    assert said.startswith("The connection to the server 127.0.0.1:1 was refused")
    assert "reading the kubeconfig" in stderr.getvalue()


@pytest.mark.parametrize("token", ["a\r\nX: y", "a\nb", "a\0", "a\n"])
def test_a_token_cannot_break_out_of_its_line(tmp_path, token):
    path = tmp_path / "config"
    with api_server(tls=True) as server:
        path.write_bytes(config({"token": token}, server=server.url))
        message = error_of(path)
        assert server.seen == []
    assert message == (
        'Unable to connect to the server: net/http: invalid header field value for "Authorization"'
    )


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "proxy-url"])
@pytest.mark.parametrize(
    "url",
    [
        "http://me:hunter2@127.0.0.1:1",
        "http://me:hunter2@127.0.0.1:99999",
        "http://me:hunter2@127.0.0.1:port",
        "http://me:hun/ter2@[::1",
        "http://me:hunter2@[::1",
        "http://me:hunter2@",
        "http://me:hunter2@\0",
        "me:hunter2@127.0.0.1:1",
        "ftp://me:hunter2@127.0.0.1:1",
        "socks5://me:hunter2@127.0.0.1:1",
        "https://me:hunter2@127.0.0.1:1",
        "//me:hunter2@127.0.0.1",
        "http://me:a@hunter2@127.0.0.1:1",
        "http://me:a://hunter2@127.0.0.1:x",
    ],
)
def test_a_proxys_password_is_never_printed(tmp_path, no_kubectl, url, variable):
    path = tmp_path / "config"
    server = "https://api.example.org"
    path.write_bytes(
        config(server=server, **({"proxy-url": url} if variable == "proxy-url" else {}))
    )
    message = error_of(path, {"HTTPS_PROXY": url} if variable == "HTTPS_PROXY" else {})
    assert message
    assert "hunter2" not in message
    assert "ter2" not in message


@given(st.text("/:@?#[]. ab1%\0é") | st.text())
def test_any_text_is_a_proxy_or_an_error(url):
    endpoint = parse_server("https://api.example.org")
    with suppress(HostsError):
        choose_proxy(endpoint, url or "x", {})


@given(st.text("abc:/@"), st.sampled_from(["http://", "socks5://", ""]))
def test_what_stands_before_the_last_at_is_never_printed(password, scheme):
    assert "S3CRET" not in without_password(f"{scheme}me:S3CRET{password}@host:1")


def runs_forever(**more):
    return config(plugin("sh", "-c", "sleep 97; exit 0", **more))


def test_a_plugin_that_never_ends_is_stopped_with_what_it_started(tmp_path):
    path = tmp_path / "config"
    path.write_bytes(runs_forever())
    began = time.monotonic()
    message = error_of(path, {"PATH": os.environ["PATH"]})
    assert message == (
        "Unable to connect to the server: getting credentials: exec: executable sh "
        "did not end within 1 s"
    )
    assert time.monotonic() - began < 20  # of 97
    assert wait_for(lambda: not sleeping("97"))


def test_without_a_request_timeout_a_plugin_has_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(credentials, "_PLUGIN_SECONDS", 0.3)
    path = tmp_path / "config"
    path.write_bytes(runs_forever())
    with (
        closing(connect(ConnectionFlags(kubeconfig=str(path)), dict(os.environ))) as live,
        pytest.raises(HostsError, match=r"did not end within 0\.3 s"),
    ):
        live.get(Resource("pods"), "p", namespace="n")


def test_a_plugin_that_writes_without_end_is_stopped(tmp_path):
    path = tmp_path / "config"
    path.write_bytes(config(plugin("sh", "-c", "exec yes")))
    assert "wrote more than 1048576 bytes" in error_of(path, {"PATH": os.environ["PATH"]})


def test_a_plugin_that_fails_is_run_once_for_all_threads(tmp_path):
    path = tmp_path / "config"
    path.write_bytes(config(plugin("sh", "-c", f"echo x >>{tmp_path}/runs; exit 3")))
    environ = {"PATH": os.environ["PATH"]}
    said = []
    with closing(connect(ConnectionFlags(kubeconfig=str(path)), environ)) as live:

        def work():
            try:
                live.exec(ExecTarget("n", "p", "c"), ("cat",))
            except HostsError as error:
                said.append(error.message)

        threads = [threading.Thread(target=work) for _ in range(16)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    failure = "getting credentials: exec: executable sh failed with exit code 3"
    assert said == [f"Unable to connect to the server: {failure}"] * 16
    assert tmp_path.joinpath("runs").read_text() == "x\n"


@pytest.mark.parametrize("streams", [">/dev/null 2>&1", "2>/dev/null", ""])
def test_what_a_plugin_leaves_in_the_background_is_left_alone(tmp_path, streams):
    answer = json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": {"token": "t"}})
    script = f"sleep 98.5 {streams} & echo $! >{tmp_path}/pid; echo '{answer}'"
    path = tmp_path / "config"
    path.write_bytes(config(plugin("sh", "-c", script)))
    said = error_of(path, {"PATH": os.environ["PATH"]}, request_timeout="60s")
    assert said.startswith("The connection to the server")
    helper = int(tmp_path.joinpath("pid").read_text())
    try:
        assert helper in sleeping("98.5")
    finally:
        os.kill(helper, signal.SIGKILL)


STARTS_AND_WAITS = """
import os, signal, sys
# nohup, and a shell that runs us in the background, have them ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from kubectl_hosts.cluster import programs
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.model.resources import Resource
from kubectl_hosts.probes.ports import ExecTarget
tell = programs._REAPER.clean_up
programs._REAPER.clean_up = lambda what: (tell(what), print("told", flush=True))
flags = ConnectionFlags(kubeconfig=sys.argv[1], transport="kubectl")
live = connect(flags)
if sys.argv[2] == "plugin":
    live.get(Resource("pods"), "p", namespace="n")
live.exec(ExecTarget("n", "p", "c"), ("cat",), deadline=60)
"""


def sleeping(seconds):
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if each.joinpath("cmdline").read_bytes() == b"sleep\0%s\0" % seconds.encode():
                found.append(int(each.name))
    return found


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to look into")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("what", ["plugin", "kubectl"])
def test_what_we_started_ends_with_us(tmp_path, what, end):
    # No other run of this test on the machine sleeps as long: all processes are looked through.
    seconds = f"{100 + end}.{len(what)}{os.getpid()}"
    path = tmp_path / "config"
    path.write_bytes(config(plugin("sh", "-c", f"sleep {seconds}; exit 0")))
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f"#!/bin/sh\nsleep {seconds}; exit 0\n")
    kubectl.chmod(0o755)
    program = subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS, str(path), what],
        env={**os.environ, "KUBECTL_PATH": str(kubectl), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with program:
        assert program.stdout.readline() == b"told\n"  # a signal before that would find nobody
        assert wait_for(lambda: sleeping(seconds))
        program.send_signal(end)
        program.wait(10)
    assert wait_for(lambda: not sleeping(seconds))


def test_many_programs_at_once_leave_nothing(tmp_path, monkeypatch):
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\nsleep 111 & echo out; wait\n")
    kubectl.chmod(0o755)
    monkeypatch.setenv("KUBECTL_PATH", str(kubectl))
    live = connect(ConnectionFlags(server="http://127.0.0.1:1", transport="kubectl"), {})

    def work():
        with suppress(HostsError):
            live.exec(ExecTarget("n", "p", "c"), ("cat",), deadline=1.0)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wait_for(lambda: not sleeping("111"))
