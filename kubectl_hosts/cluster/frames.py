"""Websocket messages (RFC 6455) on a connection that HTTP has upgraded.

Client side, binary, no extensions: what Kubernetes' streaming protocols use. Our own, because
the first bytes of the stream may already stand in the connection's buffer, and because importing
websocket-client costs 18 ms of the 100 that a `show` has (client-cost.md).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kubectl_hosts.errors import ExecFailed

if TYPE_CHECKING:
    from kubectl_hosts.cluster.dial import Deadline
    from kubectl_hosts.cluster.http_requests import Upgraded

# RFC 6455 section 5.2 opcodes.
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_FINAL = 0x80
_MASKED = 0x80
_PIECE = 1 << 16
# No Kubernetes component sends frames beyond 32 KiB; more than this is no websocket stream.
_LARGEST = 1 << 26


def encode_frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """A final frame with its payload masked, as a client sends it (section 5.3)."""
    size = len(payload)
    if size < 126:
        head = bytes((_FINAL | opcode, _MASKED | size))
    elif size < 1 << 16:
        head = bytes((_FINAL | opcode, _MASKED | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((_FINAL | opcode, _MASKED | 127)) + size.to_bytes(8, "big")
    repeated = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + masked.to_bytes(size, "big")


class Frames:
    """Messages in both directions; `receive` answers pings by itself."""

    def __init__(self, upgraded: Upgraded) -> None:
        self._connection = upgraded.connection
        self._buffer = bytearray()

    def send(self, payload: bytes, deadline: Deadline) -> None:
        """Send one binary message. Raises OSError, TimeoutError after DEADLINE."""
        self._send(BINARY, payload, deadline)

    def receive(self, deadline: Deadline) -> bytes | None:
        """The next message, None when the stream has ended. Raises OSError, ExecFailed.

        TimeoutError after DEADLINE ends the stream: it cannot be read any more.
        """
        message = b""
        while True:
            frame = self._receive_frame(deadline)
            if frame is None:
                return None
            is_final, opcode, payload = frame
            if opcode == CLOSE:
                return None
            if opcode == PING:
                self._send(PONG, payload, deadline)
            if opcode in {PING, PONG}:
                continue
            message = message + payload if message else payload
            if is_final:
                return message

    def close(self) -> None:
        """Drop the connection; the server ends the command's streams."""
        self._connection.close()

    def _send(self, opcode: int, payload: bytes, deadline: Deadline) -> None:
        sock = self._connection.sock
        sock.settimeout(deadline.remaining())
        sock.sendall(encode_frame(opcode, payload, os.urandom(4)))

    def _receive_frame(self, deadline: Deadline) -> tuple[bool, int, bytes] | None:
        """(final, opcode, payload), or None where the connection ends between two frames."""
        head = self._take(2, deadline)
        if head is None:
            return None
        size = head[1] & 0x7F
        if head[0] & 0x70 or head[1] & _MASKED:
            raise _no_websocket("reserved bits or a mask are set")
        if size > 125:
            size = int.from_bytes(self._take(2 if size == 126 else 8, deadline) or b"", "big")
        if size > _LARGEST:
            raise _no_websocket(f"a frame of {size} bytes")
        payload = self._take(size, deadline)
        return None if payload is None else (bool(head[0] & _FINAL), head[0] & 0x0F, payload)

    def _take(self, size: int, deadline: Deadline) -> bytes | None:
        buffer = self._buffer
        while len(buffer) < size:
            piece = self._read_piece(deadline)
            if not piece:
                return None
            buffer += piece
        taken = bytes(memoryview(buffer)[:size])
        del buffer[:size]
        return taken

    def _read_piece(self, deadline: Deadline) -> bytes:
        if deadline.has_passed:
            raise TimeoutError
        self._connection.sock.settimeout(deadline.remaining())
        return self._connection.reader.read1(_PIECE)


def _no_websocket(why: str) -> ExecFailed:
    return ExecFailed(
        f"the server's stream is no websocket stream: {why}",
        hint="A proxy between here and the API server may break it: try --transport kubectl.",
    )
