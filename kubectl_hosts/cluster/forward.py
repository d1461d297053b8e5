"""A TCP connection to a port of a pod, through the API server: `pods/portforward`.

Sources: kubelet pkg/cri/streaming/portforward/websocket.go (v4.channel.k8s.io: for port i data on
channel 2i and errors on 2i+1, each of which begins with the port, 2 bytes little endian). A
websocket needs the verb `get` on pods/portforward, from 1.35 also `create`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from kubectl_hosts.cluster.dial import Deadline
from kubectl_hosts.cluster.frames import Frames
from kubectl_hosts.cluster.http_requests import Upgraded
from kubectl_hosts.cluster.refusals import parse_refusal, refused
from kubectl_hosts.errors import Unreachable

if TYPE_CHECKING:
    from kubectl_hosts.cluster.http_requests import Requests

_DATA, _ERROR = 0, 1
_PROTOCOL = "v4.channel.k8s.io"
_PORT_BYTES = 2
_HINT = "Is anything listening on that port of the pod? `kubectl port-forward` takes the same way."


class PodConnection:
    """A stream of bytes to and from a pod's TCP port, until its deadline; close it when done."""

    def __init__(self, frames: Frames, where: str, deadline: Deadline) -> None:
        self._frames = frames
        self._where = where
        self._deadline = deadline
        self._received = bytearray()
        self._skip = {_DATA: _PORT_BYTES, _ERROR: _PORT_BYTES}
        self._ended = False

    def send(self, data: bytes) -> None:
        """Send all of DATA. Raises Unreachable."""
        try:
            self._frames.send(bytes((_DATA,)) + data, self._deadline)
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
        self._frames.close()

    def _receive(self) -> None:
        try:
            message = self._frames.receive(self._deadline)
        except OSError as error:
            raise self._broken(error) from error
        if message is None:
            self._ended = True
            return
        channel, data = (message[0], message[1:]) if message else (None, b"")
        if channel not in self._skip:
            return
        skipped = min(self._skip[channel], len(data))
        self._skip[channel] -= skipped
        data = data[skipped:]
        if channel == _ERROR and data:
            words = data.decode(errors="replace").strip()
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
    opened = requests.upgrade(path, _PROTOCOL, deadline)
    if not isinstance(opened, Upgraded):
        raise refused(parse_refusal(opened.status, opened.body))
    return PodConnection(Frames(opened), where, deadline)
