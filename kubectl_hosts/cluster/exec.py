"""A command in a container: how it is asked for, what it wrote, how it ended, in whose words.

The API server's websocket runs it, or the kubectl executable: kubectl falls back from a websocket
to SPDY when the handshake fails, 403 included, because the two need different rights: a websocket
is a GET (verb `get` on pods/exec, from 1.35 also `create`, kubernetes/kubernetes#134577), SPDY a
POST (`create`). No Python client speaks SPDY, so kubectl itself is the second transport.

Sources: core/v1 PodExecOptions; client-go tools/remotecommand/v4.go errorDecoderV4, websocket.go;
apiserver pkg/util/proxy/streamtranslator.go, translatinghandler.go; hosts-file.md section 10
(measured on kubelet 1.34 and containerd); the other runtimes' words from their sources as noted.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from kubectl_hosts.cluster.connection import PREFIX, Deadline
from kubectl_hosts.cluster.http_requests import (
    Refusal,
    Upgraded,
    hint_for,
    parse_json,
    parse_refusal,
    quoted,
    refused,
    words,
)
from kubectl_hosts.errors import (
    ContainerNotRunning,
    ExecFailed,
    ExecForbidden,
    ExecTimedOut,
    HostsError,
    NoSuchExecutable,
    NotFound,
    Unreachable,
)
from kubectl_hosts.probes.ports import CompletedExec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.cluster.connection_flags import ConnectionFlags
    from kubectl_hosts.cluster.http_requests import Requests
    from kubectl_hosts.cluster.programs import Completed
    from kubectl_hosts.cluster.streams import Channels
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.probes.ports import ExecTarget

STDIN, STDOUT, STDERR, ERROR, CLOSE_SIGNAL = 0, 1, 2, 3, 255
# v5 is v4 and a signal that ends stdin. The API server translates v5 into SPDY for the kubelet and
# hands v4 on as it is (translatinghandler.go, IsWebSocketRequestWithStreamCloseProtocol): an exec
# of v4 costs it a third less [measured, 300 pods], and the kubelet too.
_V4, _V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"
_STDIN_PIECE = 1 << 15
# A Status has some hundred bytes; what a program that reads files complains of, a few lines.
_LONGEST_STATUS = 1 << 18
_LONGEST_STDERR = 1 << 16
# After the Status only frames that it overtook can come; the server closes at once.
_AFTER_STATUS_SECONDS = 1.0
# k8s.io/client-go util/exec CodeExitError: how kubectl reports the command's own exit status.
_EXITED = rb"command terminated with exit code (\d+)\n?\Z"
_DEFAULTED = rb"\ADefaulted container [^\n]*\n"
_CONTAINER_HINT = "-c names one of the pod's containers; `kubectl get pod -o wide` shows the pod."
_PROXY_HINT = "A proxy between here and the API server may block websockets."
_ANY_FAILURE_HINT = "`kubectl exec` in the same container shows whether exec works there at all."

# Words in the message -> what they mean, what would help. The first that is found counts.
# Compiled when there is a message: most execs have none.
_MEANINGS: tuple[tuple[str, type[ExecFailed], str], ...] = (
    (
        # runc "executable file not found in $PATH" and `stat /bin/cat: no such file or directory`;
        # crun "executable file `cat` not found"; gVisor "no such file or directory".
        (
            r"executable file .*not found|exec: \"[^\"]*\": stat [^:]*: no such file or directory"
            r"|error finding executable|no such file or directory: unknown"
        ),
        NoSuchExecutable,
        "The image has no such program; another container of the pod may have it (-c).",
    ),
    (
        # kubelet server.go getExec/containerNotFound; cri-o "container is not running";
        # containerd "cannot exec in a stopped state"; kubelet "pod does not exist".
        (
            r"container not found \(|completed pod|does not have a host assigned"
            r"|pod does not exist|is not running|not in running state|in CONTAINER_EXITED state"
            r"|cannot exec in a (deleted|stopped|paused)|ContainerNotRunning"
        ),
        ContainerNotRunning,
        "Only a running container can be read; `kubectl describe pod` says why it is not.",
    ),
)


class ExecCommand(NamedTuple):
    """One command: where, what, its input, the most output in bytes, the most time in seconds."""

    target: ExecTarget
    argv: tuple[str, ...]
    stdin: bytes
    limit: int
    deadline: float
    last: bytes = b""
    """What it writes at the end of its output; a child may hold the stream open behind it."""

    @property
    def path(self) -> str:
        """The API path and query of `pods/exec` (core/v1 PodExecOptions)."""
        namespace, pod, container = self.target.namespace, self.target.pod, self.target.container
        query = [("container", container)] if container else []
        query += [("command", word) for word in self.argv]
        query += [("stdin", "true")] if self.stdin else []
        query += [("stdout", "true"), ("stderr", "true")]
        where = f"/api/v1/namespaces/{quoted(namespace)}/pods/{quoted(pod)}/exec"
        return f"{where}?{urlencode(query, errors='surrogateescape')}"


def run_exec(requests: Requests, flags: ConnectionFlags, command: ExecCommand) -> CompletedExec:
    """Run COMMAND over the transport that FLAGS choose; `auto` is api, then kubectl.

    Raises NotFound for a pod that is gone, a child of ExecFailed, or Unreachable.
    """
    if flags.transport == "kubectl":
        return _run_with_kubectl(flags, command)
    try:
        return run_over_websocket(requests, command)
    except HandshakeRefused as handshake:
        error = _refusal_error(handshake.refusal, command)
        if flags.transport == "api" or _is_final(handshake.refusal, error):
            raise error from handshake
        return _run_second(flags, command, error)


def _run_second(flags: ConnectionFlags, command: ExecCommand, first: HostsError) -> CompletedExec:
    from kubectl_hosts.cluster.kubectl import find_kubectl  # noqa: PLC0415

    if not find_kubectl():
        raise first
    try:
        return _run_with_kubectl(flags, command)
    except HostsError as second:
        raise second from first


def _run_with_kubectl(flags: ConnectionFlags, command: ExecCommand) -> CompletedExec:
    try:
        return run_with_kubectl(flags, command)
    except ExecForbidden as error:
        error.hint = _missing_rule(command)
        raise


def _is_final(refusal: Refusal, error: HostsError) -> bool:
    """The server's own answer about this pod: another transport would get the same."""
    is_answer = refusal.is_status and refusal.code in {400, 401, 404}
    return is_answer or isinstance(error, ContainerNotRunning)


def _refusal_error(refusal: Refusal, command: ExecCommand) -> HostsError:
    if refusal.code == 403:
        return ExecForbidden(words(refusal), hint=_missing_rule(command))
    if refusal.code in {401, 404}:
        return refused(refusal)
    error = exec_error(words(refusal))
    if type(error) is ExecFailed:
        unasked = _CONTAINER_HINT if refusal.is_status else _PROXY_HINT
        error.hint = (refusal.is_status and hint_for(refusal.code)) or unasked
    return error


def _missing_rule(command: ExecCommand) -> str:
    """Both verbs, whichever the server named: a websocket needs both from 1.35 on."""
    return (
        f"A rule is missing in namespace {command.target.namespace}: "
        'apiGroups: [""], resources: ["pods/exec"], verbs: ["get", "create"].'
    )


class HandshakeRefused(Exception):
    """The server did not open the stream; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def run_over_websocket(requests: Requests, command: ExecCommand) -> CompletedExec:
    """Run COMMAND. Raises HandshakeRefused, a child of ExecFailed, or Unreachable."""
    deadline = Deadline(command.deadline)
    try:
        opened = _open(requests, command, deadline)
    except Unreachable as error:
        if deadline.has_passed:
            raise timed_out(command) from error
        raise
    # The command is under way: what reads its output is imported meanwhile.
    from kubectl_hosts.cluster.streams import Channels  # noqa: PLC0415

    channels = Channels(opened)
    try:
        if command.stdin:
            _send_stdin(channels, opened.subprotocol, command.stdin, deadline)
        return _collect(channels, command, deadline)
    except TimeoutError as error:
        raise timed_out(command) from error
    except OSError as error:
        raise no_status() from error
    finally:
        channels.close()


def _open(requests: Requests, command: ExecCommand, deadline: Deadline) -> Upgraded:
    """The websocket: v4 where there is no stdin to end, v5 where a proxy on the way has no v4.

    Such a proxy answers in its own words (kubernetes-client/python#2355: 400), or in a Status of
    400, or not at all. What else the API server says of a pod it would say again.
    """
    if not (command.stdin or requests.has_no_v4):
        try:
            opened = requests.upgrade(command.path, _V4, deadline)
        except Unreachable as error:
            if not isinstance(error.__cause__, ConnectionResetError):
                raise
        else:
            if isinstance(opened, Upgraded):
                return opened
            refusal = parse_refusal(opened.status, opened.body)
            if refusal.is_status and refusal.code != 400:
                raise HandshakeRefused(refusal)
    opened = requests.upgrade(command.path, _V5, deadline)
    if isinstance(opened, Upgraded):
        requests.has_no_v4 = requests.has_no_v4 or not command.stdin
        return opened
    raise HandshakeRefused(parse_refusal(opened.status, opened.body))


def _send_stdin(channels: Channels, subprotocol: str, stdin: bytes, deadline: Deadline) -> None:
    if subprotocol != _V5:
        # v4 cannot end stdin: a command that reads to the end would wait for ever.
        raise HandshakeRefused(
            Refusal(101, "", f"the server speaks {subprotocol or 'no subprotocol'}, not {_V5}")
        )
    for start in range(0, len(stdin), _STDIN_PIECE):
        channels.send(STDIN, stdin[start : start + _STDIN_PIECE], deadline)
    channels.send(CLOSE_SIGNAL, bytes((STDIN,)), deadline)


def _collect(channels: Channels, command: ExecCommand, deadline: Deadline) -> CompletedExec:
    """Read to the end of the stream; a command that is cut has no status and counts as 0.

    stdout and stderr are capped apart. The stream of one that has written its last words stays open
    while a child of it lives; the status comes with the stream's end.
    """
    read = {STDOUT: bytearray(), STDERR: bytearray(), ERROR: bytearray()}
    most = {STDOUT: command.limit, STDERR: min(command.limit, _LONGEST_STDERR)}
    ended = False
    while (piece := _next_piece(channels, deadline, ended=ended)) is not None:
        channel, data = piece
        if channel not in read:
            continue
        read[channel] += data
        if channel in most and len(read[channel]) > most[channel]:
            return _completed(read, 0, most)
        if not ended and (channel == ERROR or _is_last(command.last, read[STDOUT], data)):
            ended, deadline = True, Deadline(deadline.remaining(_AFTER_STATUS_SECONDS))
        if len(read[ERROR]) > _LONGEST_STATUS:
            raise exec_error("error stream protocol error: a status without end")
    if not read[ERROR]:
        if ended:
            return _completed(read, 0, most)
        raise no_status()
    return _completed(read, exit_code(bytes(read[ERROR])), most)


def _is_last(last: bytes, stdout: bytearray, piece: bytes) -> bool:
    """Whether LAST has come with PIECE, the end of STDOUT."""
    return bool(last) and last in stdout[-len(piece) - len(last) :]


def _next_piece(channels: Channels, deadline: Deadline, *, ended: bool) -> tuple[int, bytes] | None:
    try:
        return channels.receive(deadline)
    except OSError:
        if ended:
            return None
        raise


def _completed(channels: dict[int, bytearray], code: int, most: Mapping[int, int]) -> CompletedExec:
    return CompletedExec(
        stdout=bytes(channels[STDOUT][: most[STDOUT]]),
        stderr=bytes(channels[STDERR][: most[STDERR]]),
        exit_code=code,
        truncated=any(len(channels[each]) > most[each] for each in most),
    )


def exec_error(message: str) -> ExecFailed:
    """The child of ExecFailed that MESSAGE, the server's or kubectl's words, stands for."""
    for pattern, kind, hint in _MEANINGS:
        if re.search(pattern, message):
            return kind(message, hint=hint)
    return ExecFailed(message, hint=_ANY_FAILURE_HINT)


def timed_out(command: ExecCommand) -> ExecTimedOut:
    """The deadline passed before the exit status arrived."""
    target = command.target
    where = f"{target.namespace}/{target.pod}" + (
        f"/{target.container}" if target.container else ""
    )
    return ExecTimedOut(
        f"{command.argv[0]} in {where} did not end within {command.deadline:g} s",
        hint="The container or its node may be stuck; `kubectl exec` would wait for ever.",
    )


def exit_code(status: bytes) -> int:
    """The exit code in the Status of the error channel. Raises ExecFailed where there is none."""
    try:
        parsed = parse_json(status)
    except ValueError as error:
        words = status[:500].decode(errors="replace")
        raise exec_error(f"error stream protocol error: {error} in {json.dumps(words)}") from error
    match parsed:
        case {"status": "Success"}:
            return 0
        case {"status": "Failure", "reason": "NonZeroExitCode"}:
            return _cause_exit_code(parsed)
        case {"status": "Failure"}:
            raise exec_error(_text(parsed.get("message")) or "the command could not be run")
    raise exec_error("error stream protocol error: unknown error")


def _cause_exit_code(status: Json) -> int:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    for cause in causes if isinstance(causes, list) else ():
        if isinstance(cause, dict) and cause.get("reason") == "ExitCode":
            code = str(cause.get("message"))
            if code.isdecimal() and len(code) < 4 and int(code) < 256:
                return int(code)
            raise exec_error(f'error stream protocol error: invalid exit code value "{code}"')
    raise exec_error("error stream protocol error: no ExitCode cause given")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def no_status() -> HostsError:
    """The stream ended without a Status: what was read cannot be trusted."""
    return ExecFailed(
        "the stream ended before the command's exit status arrived",
        hint="The pod was deleted, its node lost the connection, or a proxy cut it: try again.",
    )


def run_with_kubectl(flags: ConnectionFlags, command: ExecCommand) -> CompletedExec:
    """Run COMMAND with `kubectl exec`. Raises as the websocket transport does."""
    from kubectl_hosts.cluster.kubectl import start_kubectl  # noqa: PLC0415
    from kubectl_hosts.cluster.programs import run_program  # noqa: PLC0415

    deadline = Deadline(command.deadline)
    program = start_kubectl(flags, exec_arguments(command), command.stdin)
    try:
        ended = run_program(program, limit=command.limit, deadline=deadline, last=command.last)
    except TimeoutError as error:
        raise timed_out(command) from error
    return _completed_by_kubectl(ended)


def exec_arguments(command: ExecCommand) -> list[str]:
    """`exec POD -n NAMESPACE -c CONTAINER [-i] -- ARGV`; the pod's name never reads as a flag."""
    target = command.target
    return [
        "exec",
        f"pod/{target.pod}",
        f"--namespace={target.namespace}",
        *([f"--container={target.container}"] if target.container else []),
        *(["--stdin"] if command.stdin else []),
        "--",
        *command.argv,
    ]


def _completed_by_kubectl(ended: Completed) -> CompletedExec:
    status, stdout, stderr = ended
    if status is None:
        return CompletedExec(stdout=stdout, stderr=stderr, exit_code=0, truncated=True)
    stderr = re.sub(_DEFAULTED, b"", stderr)
    exited = re.search(_EXITED, stderr)
    if status and not (exited and exited[1] == b"%d" % status):
        said = stderr.decode(errors="replace").strip()
        raise _kubectl_failed(said or f"kubectl ended with {status}")
    if exited:
        stderr = stderr[: exited.start()]
    return CompletedExec(stdout=stdout, stderr=stderr, exit_code=status)


# The second is kubectl 1.37's, of an upgrade that was refused.
_IS_FORBIDDEN = re.compile(
    r"Error from server \(Forbidden\)|unable to upgrade connection: pods \S+ is forbidden"
)


def _kubectl_failed(said: str) -> HostsError:
    """The error line of kubectl as the error that the other transport would raise."""
    last = said.splitlines()[-1].removeprefix("error: ")
    if last.startswith("Error from server (NotFound)"):
        return NotFound(
            last, status=404, reason="NotFound", hint="Check the name and -n NAMESPACE."
        )
    if _IS_FORBIDDEN.match(last):
        return ExecForbidden(last)
    if last.startswith((PREFIX, "The connection to the server")):
        return Unreachable(last, hint="kubectl itself could not connect.")
    return exec_error(last)
