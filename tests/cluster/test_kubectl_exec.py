"""Exec through the kubectl executable: a script stands in for it and shows what it was given."""

from __future__ import annotations

import pytest
from fake_api_server import Reply, api_server

from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import (
    ContainerNotRunning,
    ExecFailed,
    ExecForbidden,
    ExecTimedOut,
    NoSuchExecutable,
    NotFound,
    Unreachable,
)
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget

TARGET = ExecTarget(namespace="n", pod="p", container="c")
PATH = "/api/v1/namespaces/n/pods/p/exec"
FORBIDDEN = 'pods "p" is forbidden: User "u" cannot get resource "pods/exec"'


@pytest.fixture
def kubectl(tmp_path, monkeypatch):
    """Makes KUBECTL_PATH a shell script with the given body."""

    def install(body):
        path = tmp_path / "kubectl"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        monkeypatch.setenv("KUBECTL_PATH", str(path))

    return install


def run(*argv, flags=None, target=TARGET, **options):
    live = connect(flags or ConnectionFlags(server="http://127.0.0.1:1", transport="kubectl"), {})
    try:
        return live.exec(target, argv or ("cat", "/etc/hosts"), **options)
    finally:
        live.close()


def test_words_arrive_apart_and_no_shell_reads_them(kubectl):
    kubectl("printf '%s\\n' \"$@\"")
    flags = ConnectionFlags(
        server="http://127.0.0.1:1",
        transport="kubectl",
        context="",
        as_user="jane doe",
        as_groups=("g1", "g2"),
        insecure_skip_tls_verify=True,
        namespace="of the flag, not of the pod",
    )
    completed = run("sh", "-c", "echo $HOME; `id`", flags=flags)
    assert completed.stdout.decode().splitlines() == [
        "--server=http://127.0.0.1:1",
        "--as=jane doe",
        "--as-group=g1",
        "--as-group=g2",
        "--insecure-skip-tls-verify=true",
        "--request-timeout=0",
        "exec",
        "pod/p",
        "--namespace=n",
        "--container=c",
        "--",
        "sh",
        "-c",
        "echo $HOME; `id`",
    ]


@pytest.mark.parametrize(
    ("body", "completed"),
    [
        pytest.param(
            "echo out; echo 'Defaulted container \"c\" out of: c, d' >&2; echo err >&2",
            CompletedExec(stdout=b"out\n", stderr=b"err\n", exit_code=0),
            id="kubectl's own note is not the command's",
        ),
        pytest.param(
            "echo out; echo err >&2; echo 'command terminated with exit code 3' >&2; exit 3",
            CompletedExec(stdout=b"out\n", stderr=b"err\n", exit_code=3),
            id="the command's exit status",
        ),
        pytest.param(
            "cat", CompletedExec(stdout=b"in\x00put", stderr=b"", exit_code=0), id="standard input"
        ),
    ],
)
def test_output_and_exit_status_are_the_commands(kubectl, body, completed):
    kubectl(body)
    assert run("cat", stdin=b"in\x00put" if body == "cat" else b"") == completed


def test_a_command_that_has_said_all_is_not_waited_for(kubectl):
    """A child of it holds the stream open; without last words it would be the deadline."""
    kubectl("echo all LAST; sleep 77")
    completed = run("sh", last=b"LAST", deadline=60.0)
    assert completed == CompletedExec(b"all LAST\n", b"", 0, truncated=True)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            'error: Internal error occurred: exec: "cat": executable file not found in $PATH: unknown',
            NoSuchExecutable,
        ),
        (
            'error: Internal error occurred: unable to upgrade connection: container not found ("c")',
            ContainerNotRunning,
        ),
        (
            "error: cannot exec into a container in a completed pod; current phase is Succeeded",
            ContainerNotRunning,
        ),
        ('Error from server (NotFound): pods "p" not found', NotFound),
        (f"Error from server (Forbidden): {FORBIDDEN}", ExecForbidden),
        (f"error: unable to upgrade connection: {FORBIDDEN}", ExecForbidden),
        ("error: unable to upgrade connection: pod is forbidden ground", ExecFailed),
        ("Error from server (BadRequest): container nope is not valid for pod p", ExecFailed),
        ("Unable to connect to the server: EOF", Unreachable),
        ("error: unknown flag: --as-user-extra", ExecFailed),
    ],
)
def test_kubectls_errors_are_ours(kubectl, line, kind):
    kubectl(f"echo noise >&2; printf '%s\\n' '{line}' >&2; exit 1")
    with pytest.raises((ExecFailed, NotFound, Unreachable)) as error:
        run()
    assert (type(error.value), error.value.message) == (kind, line.removeprefix("error: "))
    assert error.value.hint


def test_output_beyond_the_limit_stops_kubectl(kubectl):
    kubectl("exec yes")
    completed = run(limit=1000)
    assert completed.truncated
    assert completed.stdout == b"y\n" * 500


def test_a_kubectl_that_hangs_is_stopped_at_the_deadline(kubectl):
    kubectl("exec sleep 60")
    with pytest.raises(ExecTimedOut, match=r"did not end within 0\.2 s"):
        run(deadline=0.2)


def test_no_kubectl_is_an_error(monkeypatch):
    monkeypatch.delenv("KUBECTL_PATH", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ExecFailed, match="no kubectl executable on PATH"):
        run()


def forbidden(server):
    body = {
        "kind": "Status",
        "status": "Failure",
        "reason": "Forbidden",
        "code": 403,
        "message": FORBIDDEN,
    }
    server.routes[PATH] = [Reply(403, body)]


def test_auto_takes_kubectl_where_the_websocket_is_forbidden(kubectl):
    kubectl("echo by kubectl")
    with api_server() as server:
        forbidden(server)
        assert run(flags=ConnectionFlags(server=server.url)).stdout == b"by kubectl\n"


def test_api_never_takes_kubectl(kubectl):
    kubectl("echo by kubectl")
    with api_server() as server:
        forbidden(server)
        with pytest.raises(ExecForbidden):
            run(flags=ConnectionFlags(server=server.url, transport="api"))


def test_a_pod_that_is_gone_is_not_asked_for_again(kubectl):
    kubectl("echo by kubectl")
    with api_server() as server:
        body = {
            "kind": "Status",
            "reason": "NotFound",
            "code": 404,
            "message": 'pods "p" not found',
        }
        server.routes[PATH] = [Reply(404, body)]
        with pytest.raises(NotFound):
            run(flags=ConnectionFlags(server=server.url))


def test_when_both_are_forbidden_the_missing_rule_is_named(kubectl):
    line = f"Error from server (Forbidden): {FORBIDDEN.replace('get', 'create')}"
    kubectl(f"echo '{line}' >&2; exit 1")
    with api_server() as server:
        forbidden(server)
        with pytest.raises(ExecForbidden) as error:
            run(flags=ConnectionFlags(server=server.url))
    assert error.value.message == line
    assert error.value.hint == (
        'A rule is missing in namespace n: apiGroups: [""], resources: ["pods/exec"], '
        'verbs: ["get", "create"].'
    )
