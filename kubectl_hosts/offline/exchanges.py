"""Bytes sent to a port of a pod and what came back, recorded and played.

A capture holds such an exchange as an exec without a container: argv is `port-forward PORT`, stdin
what was sent, stdout what came back. One with nothing sent holds why no connection was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError
from kubectl_hosts.probes.ports import CompletedExec
from kubectl_hosts.offline.capture import ExecKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.probes.ports import PodStream


def exchange_key(namespace: str, pod: str, port: int, sent: bytes) -> ExecKey:
    """The key of an exchange in a capture's execs."""
    argv = ("port-forward", str(port))
    return ExecKey(namespace=namespace, pod=pod, container="", argv=argv, stdin=sent)


class RecordedStream:
    """The stream given; RECORD gets what was sent and what came back when it is closed."""

    def __init__(
        self, stream: PodStream, record: Callable[[bytes, CompletedExec | HostsError], None]
    ) -> None:
        self._stream = stream
        self._record = record
        self._sent = bytearray()
        self._received = bytearray()
        self._error: HostsError | None = None

    def send(self, data: bytes) -> None:
        """As the recorded stream's `send`."""
        self._sent += data
        try:
            self._stream.send(data)
        except HostsError as error:
            self._error = error
            raise

    def recv(self, size: int) -> bytes:
        """As the recorded stream's `recv`."""
        try:
            piece = self._stream.recv(size)
        except HostsError as error:
            self._error = error
            raise
        self._received += piece
        return piece

    def close(self) -> None:
        """Close it, and record: an error only where nothing came back before it."""
        self._stream.close()
        done = CompletedExec(stdout=bytes(self._received), stderr=b"", exit_code=0)
        failed = None if self._received else self._error
        self._record(bytes(self._sent), failed or done)


class PlayedStream:
    """A stream that gives what FIND knows for all that was sent, and raises UNREAD for the rest."""

    def __init__(
        self, find: Callable[[bytes], CompletedExec | HostsError | None], unread: HostsError
    ) -> None:
        self._find = find
        self._unread = unread
        self._sent = bytearray()
        self._given = 0

    def send(self, data: bytes) -> None:
        """Take DATA as sent."""
        self._sent += data

    def recv(self, size: int) -> bytes:
        """The next bytes of the exchange, b"" at its end; raises its error, or UNREAD."""
        found = self._find(bytes(self._sent))
        if not isinstance(found, CompletedExec):
            raise found or self._unread
        piece = found.stdout[self._given : self._given + size]
        self._given += len(piece)
        return piece

    def close(self) -> None:
        """Nothing to drop."""
