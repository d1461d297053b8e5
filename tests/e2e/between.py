"""A proxy in front of the real API server that does one thing wrong to the requests it is told to.

The program speaks plain HTTP to it; it asks the server as the user of KUBECONFIG, a connection for
each request, and passes on what comes back: byte for byte, but for the fault.
"""

from __future__ import annotations

import base64
import json
import select
import socket
import ssl
import struct
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tests.e2e.world import kubectl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Fault(NamedTuple):
    """What goes wrong with the requests whose path and query `where` takes."""

    where: Callable[[str], bool]
    times: int = 1 << 30
    """How many of them; those that come later are passed on."""
    instead: bytes = b""
    """An answer of the proxy's own."""
    resets: bool = False
    """The connection is reset at once."""
    after: int | None = None
    """Bytes of the answer's body, or of a stream, after which the connection is cut."""
    seconds: float = 0.0
    """What each byte takes."""
    token: str = ""
    """A bearer token in place of the user."""


def refusal(status: str, *headers: str) -> bytes:
    """A Status of a server that is in trouble."""
    body = json.dumps({"kind": "Status", "status": "Failure", "message": "later"}).encode()
    lines = "".join(f"{each}\r\n" for each in (*headers, f"Content-Length: {len(body)}"))
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


class Between:
    """The running proxy; `url`, and how many requests met the fault."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        view = json.loads(kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json"))
        server = urlsplit(view["clusters"][0]["cluster"]["server"])
        self._server = (str(server.hostname), server.port or 443)
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE  # the test's own cluster
        user = view["users"][0]["user"]
        self._token = user.get("token", "")
        if "client-certificate-data" in user:
            self._load(user["client-certificate-data"], user["client-key-data"])
        self._lock = threading.Lock()
        self.met = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _load(self, certificate: str, key: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "both.pem")
            file.write_bytes(base64.b64decode(certificate) + base64.b64decode(key))
            self._context.load_cert_chain(file)

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head, _, rest = _read_head(client).partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            fault = self._fault if self._meets(first.split(" ")[1]) else Fault(lambda _: False)
            if fault.resets:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif fault.instead:
                client.sendall(fault.instead)
            else:
                self._pass_on(client, (first, lines, rest), fault)

    def _meets(self, target: str) -> bool:
        with self._lock:
            meets = self._fault.where(target) and self.met < self._fault.times
            self.met += meets
        return meets

    def _pass_on(
        self, client: socket.socket, asked: tuple[str, list[str], bytes], fault: Fault
    ) -> None:
        first, lines, rest = asked
        is_stream = any(each.lower().startswith("upgrade:") for each in lines)
        kept = [each for each in lines if not each.lower().startswith(("authorization:", "host:"))]
        kept += ["Host: kubernetes"] + ([] if is_stream else ["Connection: close"])
        token = fault.token or self._token
        kept += [f"Authorization: Bearer {token}"] if token else []
        with socket.create_connection(self._server, 10) as plain:
            anonymous = ssl.create_default_context()
            anonymous.check_hostname = False
            anonymous.verify_mode = ssl.CERT_NONE
            context = anonymous if fault.token else self._context
            with context.wrap_socket(plain, server_hostname="kubernetes") as server:
                server.settimeout(None)
                server.sendall("\r\n".join((first, *kept, "", "")).encode("latin-1") + rest)
                _tamper(server, client, fault)
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)


def _read_head(sock: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (piece := sock.recv(65536)):
        head += piece
    return head


def _tamper(server: ssl.SSLSocket, client: socket.socket, fault: Fault) -> None:
    """Pass on what SERVER says, as long and as fast as FAULT allows, and all that CLIENT says.

    One thread does both: OpenSSL allows a TLS connection one call at a time.
    """
    head, _, body = _read_head(server).partition(b"\r\n\r\n")
    client.sendall(head + b"\r\n\r\n")
    left = fault.after
    while True:
        body = body if left is None else body[:left]
        if fault.seconds:
            for at in range(len(body)):
                client.sendall(body[at : at + 1])
                time.sleep(fault.seconds)
        else:
            client.sendall(body)
        left = None if left is None else left - len(body)
        if left == 0 or not (body := _next(server, client)):
            return


def _next(server: ssl.SSLSocket, client: socket.socket) -> bytes:
    """What SERVER says next; until then, what CLIENT says goes to it."""
    heard = [server, client]
    while not server.pending() and server not in select.select(heard, [], [])[0]:
        if piece := client.recv(65536):
            server.sendall(piece)
        else:
            heard.remove(client)  # the rest of the answer may still come
    return server.recv(65536)


@contextmanager
def between(fault: Fault) -> Iterator[Between]:
    """A proxy with FAULT."""
    proxy = Between(fault)
    try:
        yield proxy
    finally:
        proxy.close()
