"""Channels over a websocket: what `pods/exec` and `pods/portforward` speak (v4, v5.channel.k8s.io).

A message is one byte that names the channel, then data. wsproto reads the frames (RFC 6455) as they
arrive, piece by piece: no frame is ever held whole, however large it says it is. It is imported
while the server works.

Sources: apimachinery pkg/util/remotecommand/constants.go; kubelet
pkg/cri/streaming/portforward/websocket.go (for port i data on channel 2i and errors on 2i+1, each
of which begins with the port, 2 bytes little endian). A websocket needs the verb `get` on the
subresource, from 1.35 also `create`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kubectl_hosts.cluster.connection import Deadline
from kubectl_hosts.cluster.http_requests import Upgraded
from kubectl_hosts.cluster.reads import parse_refusal, refused
from kubectl_hosts.errors import ExecFailed, Unreachable

if TYPE_CHECKING:
    from wsproto.events import Event, Message

    from kubectl_hosts.cluster.http_requests import Requests

Piece = tuple[int, bytes]
"""A channel, and the next bytes on it."""

_DATA, _ERROR = 0, 1
_PORTFORWARD = "v4.channel.k8s.io"
_PORT_BYTES = 2
_LONGEST_ERROR = 1 << 16
_HINT = "Is anything listening on that port of the pod? `kubectl port-forward` takes the same way."


class Channels:
    """Messages in both directions on an upgraded connection; pings are answered."""

    def __init__(self, upgraded: Upgraded) -> None:
        from wsproto.connection import Connection, ConnectionType  # noqa: PLC0415

        self._connection = upgraded.connection
        self._websocket = Connection(ConnectionType.CLIENT)
        self._channel: int | None = None
        """The channel of the message whose end has not come."""

    def send(self, channel: int, data: bytes, deadline: Deadline) -> None:
        """Send one message. Raises OSError, TimeoutError after DEADLINE."""
        from wsproto.events import BytesMessage  # noqa: PLC0415

        self._send(BytesMessage(bytes((channel,)) + data), deadline)

    def receive(self, deadline: Deadline) -> Piece | None:
        """What comes next on a channel, None when the stream has ended. Raises OSError, ExecFailed.

        TimeoutError after DEADLINE ends the stream: it cannot be read any more.
        """
        from wsproto.events import CloseConnection, Message, Ping  # noqa: PLC0415

        while True:
            match next(self._websocket.events(), None):
                case None:
                    self._websocket.receive_data(self._connection.stream(deadline) or None)
                case CloseConnection():
                    self._refuse_what_is_no_frame()
                    return None
                case Ping() as ping:
                    self._send(ping.response(), deadline)
                case Message() as part if part.data or part.message_finished:
                    piece = self._piece(part)
                    if piece is not None:
                        return piece

    def close(self) -> None:
        """Drop the connection; the server ends what runs on it."""
        self._connection.close()

    def _piece(self, part: Message[Any]) -> Piece | None:
        data = part.data.encode() if isinstance(part.data, str) else bytes(part.data)
        channel = self._channel
        if channel is None and data:
            channel, data = data[0], data[1:]
        self._channel = None if part.message_finished else channel
        return None if channel is None else (channel, data)

    def _refuse_what_is_no_frame(self) -> None:
        """Where wsproto cannot go on it closes by itself: the state is then not the server's."""
        from wsproto.connection import ConnectionState  # noqa: PLC0415

        if self._websocket.state is ConnectionState.OPEN:
            raise ExecFailed(
                "the server's stream is no websocket stream",
                hint="A proxy between here and the API server may break it: "
                "try --transport kubectl.",
            )

    def _send(self, event: Event, deadline: Deadline) -> None:
        sock = self._connection.sock
        sock.settimeout(deadline.remaining())
        sock.sendall(self._websocket.send(event))


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
    path = (
        f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}"
        f"/portforward?ports={port}"
    )
    opened = requests.upgrade(path, _PORTFORWARD, deadline)
    if not isinstance(opened, Upgraded):
        raise refused(parse_refusal(opened.status, opened.body))
    return PodConnection(Channels(opened), where, deadline)
