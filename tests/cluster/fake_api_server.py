"""An API server of ours on a local port: records what it is sent, replies what a test says.

Replies are HTTP answers, or websocket streams as bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import select
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import websocket

CERTS = Path(__file__).parent / "certs"
CA = CERTS / "ca.crt"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; a dict body is sent as JSON, None is the object that the path names.

    `drop` closes the connection instead.
    """

    status: int = 200
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()
    drop: bool = False
    delay: float = 0.0


@dataclass(frozen=True)
class Tunnel:
    """The answer to a CONNECT that succeeds: what follows goes to a local port and back."""

    port: int


@dataclass(frozen=True)
class Stream:
    """A websocket: bytes that go out with the handshake, then what ends it.

    ending: `close` sends a close frame, `drop` closes the connection, `hang` does nothing until
    the client goes away, `stdin` reads messages until v5's close signal, then sends `after`;
    `answer` sends it after the first message.
    """

    sent: bytes = b""
    ending: str = "close"
    subprotocol: str = "v5.channel.k8s.io"
    after: bytes = b""


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; header names in lower case, values in order."""

    method: str
    target: str
    headers: dict[str, list[str]]
    certificate: str
    connection: int
    """Which connection carried it, counted from 0."""

    def header(self, name):
        return ", ".join(self.headers.get(name, ()))


def frame(channel, payload, opcode=websocket.ABNF.OPCODE_BINARY, fin=1):
    """One server frame, unmasked, of a channel message."""
    return raw_frame(bytes((channel,)) + payload, opcode, fin)


def raw_frame(payload, opcode=websocket.ABNF.OPCODE_BINARY, fin=1):
    return websocket.ABNF(fin, 0, 0, 0, opcode, 0, payload).format()


def status_frame(status):
    return frame(3, json.dumps(status).encode())


class FakeApiServer:
    """`routes` maps a target (no query) to replies that are used up in order; the last one stays."""

    def __init__(self, http, scheme):
        self._http = http
        self.url = f"{scheme}://127.0.0.1:{http.server_port}"
        self.port = http.server_port
        self.seen: list[Seen] = []
        self.messages: list[bytes] = []
        self.resumed: list[bool] = []
        """Of each TLS connection: whether it took up an earlier session."""
        self.routes: dict[str, list[Reply | Stream | Tunnel]] = {}
        self.connections = 0
        self.lock = threading.Lock()

    def reply_to(self, target):
        with self.lock:
            replies = self.routes.get(target.partition("?")[0]) or [Reply()]
            return replies.pop(0) if len(replies) > 1 else replies[0]


def thing_at(target):
    """The object that an API path names."""
    *_, above, namespace, _, name = ["", "", "", *target.partition("?")[0].split("/")]
    place = {"namespace": namespace} if above == "namespaces" else {}
    return {"metadata": {"name": unquote(name), **place}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def setup(self):
        super().setup()
        fake = self.server.fake
        with fake.lock:
            self.number = fake.connections
            fake.connections += 1

    def do_GET(self):
        fake = self.server.fake
        fake.seen.append(self._seen())
        if isinstance(self.connection, ssl.SSLSocket) and len(fake.resumed) <= self.number:
            fake.resumed.append(self.connection.session_reused)
        reply = fake.reply_to(self.path)
        if isinstance(reply, Stream):
            self._stream(reply)
            return
        if isinstance(reply, Tunnel):
            self._tunnel(reply)
            return
        if reply.delay:
            self.server.stopping.wait(reply.delay)
        if reply.drop:
            self.close_connection = True
            return
        body = thing_at(self.path) if reply.body is None else reply.body
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_CONNECT = do_GET  # noqa: N815  the name is http.server's

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def _seen(self):
        headers: dict[str, list[str]] = {}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        peer = self.connection.getpeercert() if hasattr(self.connection, "getpeercert") else None
        names = dict(pair[0] for pair in (peer or {}).get("subject", ()))
        return Seen(self.command, self.path, headers, names.get("commonName", ""), self.number)

    def _stream(self, stream):
        key = self.headers.get("Sec-WebSocket-Key", "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        head = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n"
            f"Sec-WebSocket-Protocol: {stream.subprotocol}\r\n\r\n"
        )
        self.close_connection = True
        with suppress(OSError):
            self.wfile.write(head.encode() + stream.sent)
            if stream.ending in {"stdin", "answer"}:
                self._read_messages(b"\xff" if stream.ending == "stdin" else b"")
                self.wfile.write(stream.after)
            if stream.ending not in {"drop", "hang"}:
                self.wfile.write(raw_frame(b"\x03\xe8", websocket.ABNF.OPCODE_CLOSE))
            if stream.ending == "hang":
                self.rfile.read()

    def _tunnel(self, tunnel):
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
        with socket.create_connection(("127.0.0.1", tunnel.port)) as far:
            relay(self.connection, far)

    def _read_messages(self, last):
        reader = websocket._abnf.frame_buffer(self.rfile.read, skip_utf8_validation=True)
        while True:
            message = reader.recv_frame()
            assert message.mask, "RFC 6455 5.1: a client masks every frame"
            self.server.fake.messages.append(message.data)
            if message.data.startswith(last):
                return

    def log_message(self, *_):
        pass


def relay(near, far):
    """Both directions in one thread: OpenSSL allows a TLS connection one call at a time, and until
    Python 3.13.1 nothing keeps a `sendall` out of another thread's `recv`.
    """
    onward = {near: far, far: near}
    with suppress(OSError):
        while True:
            # What TLS has already decrypted, no select sees.
            held = [one for one in onward if isinstance(one, ssl.SSLSocket) and one.pending()]
            for source in held or select.select(list(onward), [], [])[0]:
                if not (data := source.recv(65536)):
                    return
                onward[source].sendall(data)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that goes away is what many tests are about."""


@contextmanager
def api_server(*, tls=False, client_certificates=False):
    """A running FakeApiServer."""
    http = _Http(("127.0.0.1", 0), _Handler, bind_and_activate=True)
    http.stopping = threading.Event()
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / "server.crt", CERTS / "server.key")
        if client_certificates:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(CA)
        http.socket = context.wrap_socket(
            http.socket, server_side=True, do_handshake_on_connect=False
        )
    http.fake = FakeApiServer(http, "https" if tls else "http")
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield http.fake
    finally:
        http.stopping.set()
        http.shutdown()
        http.server_close()
        thread.join(5)
