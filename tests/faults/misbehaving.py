"""A server that does one thing wrong: bytes of the test's own, on a TLS or plain socket, in its time.

A fault is a function that is given the connection when a request's head has been read (or, where
`before` is set, when TCP has connected); what it sends, and when, is all that the client gets.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import websocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CERTS = Path(__file__).parents[1] / "cluster" / "certs"
OK = b"HTTP/1.1 200 OK\r\n"
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n"
)


class Peer(NamedTuple):
    """The connection to a client, and the request it sent; `stopping` is set at the test's end."""

    sock: socket.socket
    request: str
    number: int
    """How many requests there were before it, on any connection."""
    stopping: threading.Event

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.sock.sendall(piece)

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """A byte at a time."""
        for at in range(len(data)):
            self.sock.sendall(data[at : at + 1])
            if self.stopping.wait(seconds):
                return

    def flood(self, piece: bytes, most: int = 1 << 40) -> None:
        """The same bytes until the client goes away."""
        sent = 0
        while sent < most and not self.stopping.is_set():
            self.sock.sendall(piece)
            sent += len(piece)

    def wait(self) -> None:
        self.stopping.wait(30)


Fault = "Callable[[Peer], None]"


def says(*pieces: bytes) -> Fault:
    """Send it and close."""
    return lambda peer: peer.send(*pieces)


def then_waits(*pieces: bytes) -> Fault:
    """Send it, and then nothing."""

    def fault(peer: Peer) -> None:
        peer.send(*pieces)
        peer.wait()

    return fault


def drips(head: bytes, rest: bytes, seconds: float = 0.05) -> Fault:
    """Send HEAD at once and REST a byte at a time."""

    def fault(peer: Peer) -> None:
        peer.send(head)
        peer.drip(rest, seconds)

    return fault


def floods(head: bytes, piece: bytes) -> Fault:
    """Send HEAD and then PIECE for ever."""

    def fault(peer: Peer) -> None:
        peer.send(head)
        peer.flood(piece)

    return fault


def resets(*pieces: bytes) -> Fault:
    """Send it and reset the connection (RST)."""

    def fault(peer: Peer) -> None:
        peer.send(*pieces)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return fault


def answers(body: bytes | object, status: str = "200 OK", *headers: str) -> Fault:
    """A well-framed answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = "".join(f"{each}\r\n" for each in headers)
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\n{lines}\r\n"
    return says(head.encode() + data)


def frame(data: bytes, opcode: int = websocket.ABNF.OPCODE_BINARY, fin: int = 1) -> bytes:
    """A server's frame."""
    return bytes(websocket.ABNF(fin, 0, 0, 0, opcode, 0, data).format())


def status_frame(status: object) -> bytes:
    """A message on the error channel."""
    return frame(b"\x03" + json.dumps(status).encode())


def _read_head(sock: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head and (piece := sock.recv(65536)):
        head += piece
    return head.decode("latin-1")


class Misbehaving:
    """A running server; `url`, and how many requests have come."""

    def __init__(self, fault: Fault, *, tls: bool, before: bool) -> None:
        self._fault, self._before = fault, before
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._context:
            self._context.load_cert_chain(CERTS / "server.crt", CERTS / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.requests = 0
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, ValueError):
            try:
                if self._before:
                    self._fault(Peer(sock, "", 0, self.stopping))
                    return
                if self._context:
                    sock = self._context.wrap_socket(sock, server_side=True)
                while head := _read_head(sock):
                    with self._lock:
                        number, self.requests = self.requests, self.requests + 1
                    self._fault(Peer(sock, head.partition("\r\n")[0], number, self.stopping))
                    if not _keeps_open(self._fault):
                        return
            finally:
                sock.close()

    def close(self) -> None:
        """Stop every connection."""
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def _keeps_open(fault: Fault) -> bool:
    return getattr(fault, "keeps_open", False)


def pages(answer: Callable[[Peer], Iterable[bytes]]) -> Fault:
    """An answer made from each request, on a connection that stays."""

    def fault(peer: Peer) -> None:
        for body in answer(peer):
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    fault.keeps_open = True  # type: ignore[attr-defined]
    return fault


@contextmanager
def misbehaving(fault: Fault, *, tls: bool = False, before: bool = False) -> Iterator[Misbehaving]:
    """A server with FAULT."""
    server = Misbehaving(fault, tls=tls, before=before)
    try:
        yield server
    finally:
        server.close()
