"""Exec over a websocket: recorded streams and faults, sent over a socket by a server of ours."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path

import pytest
import websocket
from fake_api_server import Reply, Stream, api_server, frame, raw_frame, status_frame

from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import (
    ContainerNotRunning,
    ExecFailed,
    ExecForbidden,
    ExecTimedOut,
    NoSuchExecutable,
    NotFound,
    ServerRefused,
)
from kubectl_hosts.model.resources import Resource
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget

RECORDED = json.loads(Path(__file__).parents[1].joinpath("cases/exec-streams.json").read_text())
STREAMS = {each["case"]: each for each in RECORDED["streams"]}
TARGET = ExecTarget(namespace="n", pod="p", container="c")
PATH = "/api/v1/namespaces/n/pods/p/exec"
V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"
SUCCESS = status_frame({"metadata": {}, "status": "Success"})


@pytest.fixture
def server():
    with api_server() as running:
        yield running


def cluster(server, **flags):
    return connect(ConnectionFlags(server=server.url, transport="api", **flags), {})


def run(server, reply, *argv, **options):
    server.routes[PATH] = [reply]
    live = cluster(server)
    try:
        return live.exec(TARGET, argv or ("cat", "/etc/hosts"), **options)
    finally:
        live.close()


def replay(server, case):
    recorded = STREAMS[case]
    stream = Stream(
        base64.b64decode(recorded["stream"]), "drop", subprotocol=recorded["subprotocol"]
    )
    return run(server, stream, *recorded["argv"])


@pytest.mark.parametrize("version", ["v5", "v4"])
@pytest.mark.parametrize(
    ("case", "stderr", "exit_code"),
    [
        ("a file", b"", 0),
        ("a file and an error", b"cat: /nope: No such file or directory\n", 1),
        ("an exit status", b"", 42),
        ("a signal", b"", 137),
        ("nothing written", b"", 0),
    ],
)
def test_a_recorded_command_ends_as_it_did(server, case, stderr, exit_code, version):
    completed = replay(server, f"{case}, {version}")
    assert (completed.stderr, completed.exit_code, completed.truncated) == (
        stderr,
        exit_code,
        False,
    )
    starts = b"# Kubernetes-managed hosts file.\n" if case.startswith("a file") else b""
    assert completed.stdout.startswith(starts)
    assert bool(completed.stdout) == case.startswith("a file")


@pytest.mark.parametrize("case", ["no such program, v5", "no such program, v4", "no such path, v5"])
def test_a_program_the_image_lacks_is_named(server, case):
    with pytest.raises(NoSuchExecutable, match=r'exec: "(cat|/bin/cat)"'):
        replay(server, case)


def test_a_container_that_does_not_run_is_said_to(server):
    with pytest.raises(ContainerNotRunning) as error:
        replay(server, "container not running, v5")
    assert error.value.message == (
        'Internal error occurred: unable to upgrade connection: container not found ("a")'
    )


def cut(data, size):
    """DATA as one message in frames of SIZE bytes, a ping between the first two."""
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    frames = [
        raw_frame(
            piece,
            websocket.ABNF.OPCODE_CONT if number else websocket.ABNF.OPCODE_BINARY,
            int(number == len(pieces) - 1),
        )
        for number, piece in enumerate(pieces)
    ]
    return (
        frames[0] + raw_frame(b"are you there", websocket.ABNF.OPCODE_PING) + b"".join(frames[1:])
    )


@pytest.mark.parametrize(
    ("sent", "stdout", "stderr"),
    [
        pytest.param(
            frame(1, b"a\xc3") + frame(2, b"!") + frame(1, b"\xa4\n") + SUCCESS,
            b"a\xc3\xa4\n",
            b"!",
            id="channels apart, a character cut in two",
        ),
        pytest.param(SUCCESS + frame(1, b"late"), b"late", b"", id="output after the status"),
        pytest.param(
            cut(b"\x01" + b"x" * 70000, 999) + SUCCESS, b"x" * 70000, b"", id="fragments and a ping"
        ),
        pytest.param(
            frame(1, b"") + frame(2, b"") + frame(1, b"y" * 65536) + SUCCESS,
            b"y" * 65536,
            b"",
            id="empty frames, a frame with an eight byte length",
        ),
        pytest.param(
            raw_frame(b"") + frame(0, b"?") + frame(9, b"?") + SUCCESS,
            b"",
            b"",
            id="channels nobody knows are left alone",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["close", "drop"])
def test_output_is_what_was_sent(server, sent, stdout, stderr, ending):
    assert run(server, Stream(sent, ending)) == CompletedExec(
        stdout=stdout, stderr=stderr, exit_code=0
    )


def failure(**fields):
    return status_frame({"status": "Failure", **fields})


@pytest.mark.parametrize(
    ("stream", "kind", "message"),
    [
        pytest.param(
            Stream(frame(1, b"half a fi")),
            ExecFailed,
            "the stream ended before the command's exit status arrived",
            id="closed without a status",
        ),
        pytest.param(
            Stream(frame(1, b"half a fi")[:-3], "drop"),
            ExecFailed,
            "the stream ended before the command's exit status arrived",
            id="dropped in the middle of a frame",
        ),
        pytest.param(
            Stream(frame(3, b"no json")),
            ExecFailed,
            'error stream protocol error: Expecting value: line 1 column 1 (char 0) in "no json"',
            id="a status that is no JSON",
        ),
        pytest.param(
            Stream(failure(reason="NonZeroExitCode")),
            ExecFailed,
            "error stream protocol error: no ExitCode cause given",
            id="an exit code that is missing",
        ),
        pytest.param(
            Stream(
                failure(
                    reason="NonZeroExitCode",
                    details={"causes": [{"reason": "ExitCode", "message": "many"}]},
                )
            ),
            ExecFailed,
            'error stream protocol error: invalid exit code value "many"',
            id="an exit code that is no number",
        ),
        pytest.param(
            Stream(status_frame({"status": "Maybe"})),
            ExecFailed,
            "error stream protocol error: unknown error",
            id="a status of another kind",
        ),
        pytest.param(
            Stream(failure(reason="InternalError", message="the runtime is on fire")),
            ExecFailed,
            "the runtime is on fire",
            id="an error nobody knows keeps its words",
        ),
        pytest.param(
            Stream(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            ExecFailed,
            "the server's stream is not a websocket stream",
            id="no websocket",
        ),
    ],
)
def test_a_stream_without_an_exit_status_is_an_error(server, stream, kind, message):
    with pytest.raises(kind) as error:
        run(server, stream)
    assert (type(error.value), error.value.message) == (kind, message)
    assert error.value.hint


@pytest.mark.parametrize(
    ("runtime", "message", "kind"),
    [
        (
            "crun",
            "executable file `cat` not found in $PATH: No such file or directory",
            NoSuchExecutable,
        ),
        ("cri-o", "container is not running", ContainerNotRunning),
        ("containerd", "cannot exec in a stopped state: unknown", ContainerNotRunning),
        ("kubelet", "unable to upgrade connection: pod does not exist", ContainerNotRunning),
        ("seccomp", "exec failed: operation not permitted", ExecFailed),
    ],
)
def test_each_runtimes_words_mean_the_same(server, runtime, message, kind):
    with pytest.raises(ExecFailed) as error:
        run(server, Stream(failure(reason="InternalError", message=message)))
    assert type(error.value) is kind


def api_status(code, reason, message):
    body = {
        "kind": "Status",
        "status": "Failure",
        "reason": reason,
        "message": message,
        "code": code,
    }
    return Reply(code, body)


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        pytest.param(
            api_status(403, "Forbidden", 'pods "p" is forbidden: User "u" cannot get …'),
            ExecForbidden,
            'Error from server (Forbidden): pods "p" is forbidden: User "u" cannot get …',
            id="forbidden",
        ),
        pytest.param(
            api_status(404, "NotFound", 'pods "p" not found'),
            NotFound,
            'Error from server (NotFound): pods "p" not found',
            id="no such pod",
        ),
        pytest.param(
            api_status(400, "BadRequest", "container nope is not valid for pod p"),
            ExecFailed,
            "Error from server (BadRequest): container nope is not valid for pod p",
            id="no such container",
        ),
        pytest.param(
            api_status(400, "BadRequest", "pod p does not have a host assigned"),
            ContainerNotRunning,
            "Error from server (BadRequest): pod p does not have a host assigned",
            id="not scheduled",
        ),
        pytest.param(
            api_status(401, "Unauthorized", "Unauthorized"),
            ServerRefused,
            "You must be logged in to the server (Unauthorized)",
            id="not logged in",
        ),
        pytest.param(
            Reply(500, b'container not found ("c")'),
            ContainerNotRunning,
            'Error from server (InternalError): an error on the server ("container not found '
            '("c")") has prevented the request from succeeding',
            id="a kubelet that refuses the upgrade",
        ),
        pytest.param(
            Reply(502, b"<html>Bad Gateway</html>"),
            ExecFailed,
            'Error from server (InternalError): an error on the server ("<html>Bad Gateway</html>")'
            " has prevented the request from succeeding",
            id="a proxy that knows no websockets",
        ),
    ],
)
def test_a_refused_handshake_keeps_the_servers_words(server, reply, kind, message):
    with pytest.raises((ExecFailed, ServerRefused)) as error:
        run(server, reply)
    assert (type(error.value), error.value.message) == (kind, message)
    assert error.value.hint


def test_output_beyond_the_limit_is_cut_and_the_rest_never_read(server):
    stream = Stream(frame(1, b"x" * 40000) * 100, "hang")
    completed = run(server, stream, limit=100_000)
    assert completed == CompletedExec(
        stdout=b"x" * 100_000, stderr=b"", exit_code=0, truncated=True
    )


def test_complaints_without_end_are_cut_sooner(server):
    stream = Stream(frame(1, b"a") + frame(2, b"x" * 32768) * 100, "hang")
    completed = run(server, stream, limit=1 << 20)
    assert completed == CompletedExec(stdout=b"a", stderr=b"x" * 65536, exit_code=0, truncated=True)


def test_output_of_exactly_the_limit_is_whole(server):
    completed = run(server, Stream(frame(1, b"x" * 1000) + SUCCESS), limit=1000)
    assert (len(completed.stdout), completed.truncated) == (1000, False)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Stream(frame(1, b"a"), "hang"), id="the command hangs"),
        pytest.param(Reply(delay=20), id="the handshake hangs"),
    ],
)
def test_a_command_that_does_not_end_is_left_at_the_deadline(server, reply):
    with pytest.raises(ExecTimedOut) as error:
        run(server, reply, deadline=0.2)
    assert error.value.message == "cat in n/p/c did not end within 0.2 s"


def test_stdin_arrives_whole_and_is_closed(server):
    stdin = bytes(range(256)) * 400
    completed = run(
        server, Stream(ending="stdin", after=frame(1, b"read") + SUCCESS), "cat", stdin=stdin
    )
    assert completed.stdout == b"read"
    assert server.messages[-1] == b"\xff\x00"
    assert {message[0] for message in server.messages[:-1]} == {0}
    assert b"".join(message[1:] for message in server.messages[:-1]) == stdin


def test_stdin_needs_v5(server):
    with pytest.raises(ExecFailed, match=r"v4\.channel\.k8s\.io, not v5"):
        run(server, Stream(SUCCESS, subprotocol=V4), "cat", stdin=b"x")


def test_the_words_of_the_command_travel_as_they_are(server):
    run(server, Stream(SUCCESS), "sh", "-c", "echo $1; a&b=c +%", "ä\n")
    assert server.seen[0].target == (
        PATH + "?container=c&command=sh&command=-c&command=echo+%241%3B+a%26b%3Dc+%2B%25"
        "&command=%C3%A4%0A&stdout=true&stderr=true"
    )


def _subprotocols(server):
    return [each.header("sec-websocket-protocol") for each in server.seen]


def test_a_command_without_stdin_asks_for_what_the_server_hands_on_as_it_is(server):
    run(server, Stream(SUCCESS, subprotocol=V4), "true")
    assert _subprotocols(server) == [V4]


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Reply(400, b"no such subprotocol"), id="its own words"),
        pytest.param(
            Reply(400, {"kind": "Status", "code": 400, "message": "no v4"}), id="a Status of 400"
        ),
        pytest.param(Reply(drop=True), id="a connection that is closed"),
    ],
)
def test_a_proxy_that_has_no_v4_is_asked_for_v5_and_known_from_then_on(server, refusal):
    server.routes[PATH] = [refusal, Stream(SUCCESS), Stream(SUCCESS)]
    live = cluster(server)
    for _ in range(2):
        assert live.exec(TARGET, ("true",)).exit_code == 0
    live.close()
    assert _subprotocols(server) == [V4, V5, V5]


def test_what_the_server_says_of_a_pod_is_asked_once(server):
    said = {"kind": "Status", "status": "Failure", "message": "container not found", "code": 500}
    server.routes[PATH] = [Reply(500, said)]
    live = cluster(server)
    with pytest.raises(ExecFailed):
        live.exec(TARGET, ("true",))
    live.close()
    assert _subprotocols(server) == [V4]


def test_a_proxy_that_has_neither_is_told_in_its_last_words(server):
    server.routes[PATH] = [Reply(502, b"not this"), Reply(502, b"nor that")]
    live = cluster(server)
    with pytest.raises(ExecFailed, match="nor that"):
        live.exec(TARGET, ("true",))
    live.close()
    assert _subprotocols(server) == [V4, V5]


def test_impersonation_reaches_exec():
    with api_server(tls=True) as server:
        server.routes[PATH] = [Stream(SUCCESS)]
        live = cluster(
            server, as_user="jane", as_groups=("g",), token="t", insecure_skip_tls_verify=True
        )
        live.get(Resource("pods"), "p", namespace="n")
        live.exec(TARGET, ("true",))
        live.close()
        headers = [
            [
                each.header(name)
                for name in ("authorization", "impersonate-user", "impersonate-group")
            ]
            for each in server.seen
        ]
        assert headers == [["Bearer t", "jane", "g"]] * 2
        assert [each.connection for each in server.seen] == [0, 0], (
            "exec reuses the connection of the read"
        )


def test_many_threads_may_exec_at_once(server):
    server.routes[PATH] = [Stream(frame(1, b"z" * 5000) + SUCCESS)]
    live = cluster(server)
    results = []

    def work():
        results.extend(live.exec(TARGET, ("cat",)).stdout for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    live.close()
    assert results == [b"z" * 5000] * 160
