"""Exec over a websocket: the channels of v5.channel.k8s.io and v4.channel.k8s.io.

Sources: apimachinery pkg/util/remotecommand/constants.go (channel numbers, v5's close signal);
client-go tools/remotecommand/websocket.go; apiserver pkg/util/proxy/streamtranslator.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.cluster.dial import Deadline
from kubectl_hosts.cluster.exec_status import exit_code, no_status, timed_out
from kubectl_hosts.cluster.frames import Frames
from kubectl_hosts.cluster.http_requests import Upgraded
from kubectl_hosts.cluster.refusals import Refusal, parse_refusal
from kubectl_hosts.errors import Unreachable
from kubectl_hosts.probes.ports import CompletedExec

if TYPE_CHECKING:
    from kubectl_hosts.cluster.exec_command import ExecCommand
    from kubectl_hosts.cluster.http_requests import Requests

STDIN, STDOUT, STDERR, ERROR, CLOSE_SIGNAL = 0, 1, 2, 3, 255
_V5 = "v5.channel.k8s.io"
PROTOCOLS = f"{_V5}, v4.channel.k8s.io"
_STDIN_PIECE = 1 << 15
# After the Status only frames that it overtook can come; the server closes at once.
_AFTER_STATUS_SECONDS = 1.0


class HandshakeRefused(Exception):
    """The server did not open the stream; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def run_over_websocket(requests: Requests, command: ExecCommand) -> CompletedExec:
    """Run COMMAND. Raises HandshakeRefused, a child of ExecFailed, or Unreachable."""
    deadline = Deadline(command.deadline)
    try:
        opened = requests.upgrade(command.path, PROTOCOLS, deadline)
    except Unreachable as error:
        if deadline.has_passed:
            raise timed_out(command) from error
        raise
    if not isinstance(opened, Upgraded):
        raise HandshakeRefused(parse_refusal(opened.status, opened.body))
    frames = Frames(opened)
    try:
        if command.stdin:
            _send_stdin(frames, opened.subprotocol, command.stdin, deadline)
        return _collect(frames, command.limit, deadline)
    except TimeoutError as error:
        raise timed_out(command) from error
    except OSError as error:
        raise no_status() from error
    finally:
        frames.close()


def _send_stdin(frames: Frames, subprotocol: str, stdin: bytes, deadline: Deadline) -> None:
    if subprotocol != _V5:
        # v4 cannot end stdin: a command that reads to the end would wait for ever.
        raise HandshakeRefused(
            Refusal(101, "", f"the server speaks {subprotocol or 'no subprotocol'}, not {_V5}")
        )
    for start in range(0, len(stdin), _STDIN_PIECE):
        frames.send(bytes((STDIN,)) + stdin[start : start + _STDIN_PIECE], deadline)
    frames.send(bytes((CLOSE_SIGNAL, STDIN)), deadline)


def _collect(frames: Frames, limit: int, deadline: Deadline) -> CompletedExec:
    """Read to the end of the stream; a command cut at LIMIT has no status and counts as 0.

    stdout and stderr are capped apart, each at LIMIT.
    """
    channels = {STDOUT: bytearray(), STDERR: bytearray(), ERROR: bytearray()}
    while (message := _next_message(frames, deadline, ended=bool(channels[ERROR]))) is not None:
        if not message or message[0] not in channels:
            continue
        channel = channels[message[0]]
        channel += memoryview(message)[1:]
        if channel is not channels[ERROR] and len(channel) > limit:
            return _completed(channels, 0, limit)
    if not channels[ERROR]:
        raise no_status()
    return _completed(channels, exit_code(bytes(channels[ERROR])), limit)


def _next_message(frames: Frames, deadline: Deadline, *, ended: bool) -> bytes | None:
    if not ended:
        return frames.receive(deadline)
    try:
        return frames.receive(Deadline(deadline.remaining(_AFTER_STATUS_SECONDS)))
    except OSError:
        return None


def _completed(channels: dict[int, bytearray], code: int, limit: int) -> CompletedExec:
    return CompletedExec(
        stdout=bytes(channels[STDOUT][:limit]),
        stderr=bytes(channels[STDERR][:limit]),
        exit_code=code,
        truncated=max(len(channels[STDOUT]), len(channels[STDERR])) > limit,
    )
