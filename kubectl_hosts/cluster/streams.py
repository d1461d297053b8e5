"""Channels over a websocket: what `pods/exec` and `pods/portforward` speak (v4, v5.channel.k8s.io).

A message is one byte that names the channel, then data. websocket-client reads and writes the
frames (RFC 6455); it is imported while the server works. A message of several frames is passed on
frame by frame, and no frame is larger than any that Kubernetes sends.

Sources: apimachinery pkg/util/remotecommand/constants.go; kubelet
pkg/cri/streaming/portforward/websocket.go (for port i data on channel 2i and errors on 2i+1, each
of which begins with the port, 2 bytes little endian). A websocket needs the verb `get` on the
subresource, from 1.35 also `create`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.cluster.connection import Deadline
from kubectl_hosts.cluster.http_requests import Upgraded, parse_refusal, quoted, refused
from kubectl_hosts.errors import ExecFailed, Unreachable

if TYPE_CHECKING:
    from kubectl_hosts.cluster.http_requests import Requests

ChannelBytes = tuple[int, bytes]
"""A channel, and the next bytes on it."""

_DATA, _ERROR = 0, 1
_PORTFORWARD = "v4.channel.k8s.io"
_PORT_BYTES = 2
_LONGEST_ERROR = 1 << 16
# Kubernetes' components write 32 KiB at a time.
_LARGEST_FRAME = 1 << 20
_HINT = "Is anything listening on that port of the pod? `kubectl port-forward` takes the same way."


class Channels:
    """Messages in both directions on an upgraded connection; pings are answered."""

    def __init__(self, upgraded: Upgraded) -> None:
        import websocket  # noqa: PLC0415

        self._abnf = websocket.ABNF
        self._connection = upgraded.connection
        self._frames = websocket.frame_buffer(self._arriving, skip_utf8_validation=True)
        self._deadline = Deadline(None)
        self._channel: int | None = None
        """The channel of the message whose end has not come."""

    def send(self, channel: int, data: bytes, deadline: Deadline) -> None:
        """Send one message. Raises OSError, TimeoutError after DEADLINE."""
        self._send(bytes((channel,)) + data, self._abnf.OPCODE_BINARY, deadline)

    def receive(self, deadline: Deadline) -> ChannelBytes | None:
        """What comes next on a channel, None when the stream has ended. Raises OSError, ExecFailed.

        TimeoutError after DEADLINE ends the stream: it cannot be read any more.
        """
        from websocket import WebSocketException  # noqa: PLC0415

        self._deadline = deadline
        # One read may bring thousands of frames, and each ping costs an answer.
        while not deadline.has_passed:
            try:
                frame = self._frames.recv_frame()
            except EOFError:
                self._refuse_what_is_no_frame()
                return None
            except WebSocketException as error:
                raise _no_websocket() from error
            assert isinstance(frame.data, bytes)
            if frame.opcode == self._abnf.OPCODE_CLOSE:
                return None
            if frame.opcode == self._abnf.OPCODE_PING:
                self._send(frame.data, self._abnf.OPCODE_PONG, deadline)
            elif frame.opcode != self._abnf.OPCODE_PONG:
                piece = self._piece(frame.data, is_last=bool(frame.fin))
                if piece is not None:
                    return piece
        raise TimeoutError

    def close(self) -> None:
        """Drop the connection; the server ends what runs on it."""
        self._connection.close()

    def _arriving(self, size: int) -> bytes:
        """What the library asks for: at most SIZE bytes, and at least one."""
        if (self._frames.length or 0) > _LARGEST_FRAME:
            raise _no_websocket()
        data = self._connection.stream(size, self._deadline)
        if not data:
            raise EOFError
        return data

    def _piece(self, data: bytes, *, is_last: bool) -> ChannelBytes | None:
        channel = self._channel
        if channel is None and data:
            channel, data = data[0], data[1:]
        self._channel = None if is_last else channel
        return None if channel is None else (channel, data)

    def _refuse_what_is_no_frame(self) -> None:
        """The library would refuse reserved bits when the frame is whole, which it never was."""
        if self._frames.header and any(self._frames.header[1:4]):
            raise _no_websocket()

    def _send(self, data: bytes, opcode: int, deadline: Deadline) -> None:
        sock = self._connection.sock
        sock.settimeout(deadline.remaining())
        sock.sendall(self._abnf.create_frame(data, opcode).format())


def _no_websocket() -> ExecFailed:
    return ExecFailed(
        "the server's stream is not a websocket stream",
        hint="A proxy between here and the API server may break it: try --transport kubectl.",
    )


class PodConnection:
    """A stream of bytes to and from a pod's TCP port, until its deadline; close it when done."""

    def __init__(self, channels: Channels, where: str, deadline: Deadline) -> None:
        self._channels = channels
        self._where = where
        self._deadline = deadline
        self._received = bytearray()
        self._skip = {_DATA: _PORT_BYTES, _ERROR: _PORT_BYTES}
        self._ended = False

    def send(self, data: bytes) -> None:
        """Send all of DATA. Raises Unreachable."""
        try:
            self._channels.send(_DATA, data, self._deadline)
        except OSError as error:
            raise self._broken(error) from error

    def recv(self, size: int) -> bytes:
        """At least one byte and at most SIZE, b"" at the end. Raises Unreachable."""
        while not (self._received or self._ended):
            self._receive()
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def close(self) -> None:
        """Drop the connection."""
        self._channels.close()

    def _receive(self) -> None:
        try:
            piece = self._channels.receive(self._deadline)
        except OSError as error:
            raise self._broken(error) from error
        except ExecFailed as error:
            raise Unreachable(error.message, hint=error.hint) from error
        self._ended = piece is None
        channel, data = piece or (_DATA, b"")
        if channel not in self._skip:
            return
        skipped = min(self._skip[channel], len(data))
        self._skip[channel] -= skipped
        data = data[skipped:]
        if channel == _ERROR and data:
            words = data[:_LONGEST_ERROR].decode(errors="replace").strip()
            raise Unreachable(f"error forwarding to {self._where}: {words}", hint=_HINT)
        self._received += data

    def _broken(self, error: OSError) -> Unreachable:
        if isinstance(error, TimeoutError):
            return Unreachable(f"no answer from {self._where} in time", hint=_HINT)
        return Unreachable(f"lost connection to {self._where}", hint=_HINT)


def forward(
    requests: Requests, namespace: str, pod: str, port: int, seconds: float
) -> PodConnection:
    """Connect to TCP PORT of a pod; everything must be done within SECONDS.

    Raises NotFound, Forbidden, another ServerRefused, or Unreachable. Whether anything listens
    there shows at the first `recv`.
    """
    deadline = Deadline(seconds)
    where = f"port {port} of pod {namespace}/{pod}"
    path = f"/api/v1/namespaces/{quoted(namespace)}/pods/{quoted(pod)}/portforward?ports={port}"
    opened = requests.upgrade(path, _PORTFORWARD, deadline)
    if not isinstance(opened, Upgraded):
        raise refused(parse_refusal(opened.status, opened.body))
    return PodConnection(Channels(opened), where, deadline)
