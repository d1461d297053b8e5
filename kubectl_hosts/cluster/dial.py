"""One connection to the API server: TCP, perhaps through an HTTP proxy, perhaps TLS."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

from kubectl_hosts.cluster.dial_errors import PREFIX, timed_out, unreachable
from kubectl_hosts.cluster.http_wire import BadAnswer, Connection, read_head
from kubectl_hosts.errors import Unreachable

if TYPE_CHECKING:
    from kubectl_hosts.cluster.endpoint import Endpoint, Proxy

# Go net/http.DefaultTransport as client-go configures it (transport/cache.go, apimachinery
# util/net SetTransportDefaults): dial 30 s, TLS handshake 10 s.
DIAL_SECONDS = 30.0
HANDSHAKE_SECONDS = 10.0


class Deadline:
    """A point in time after which nothing is waited for; without seconds it never comes."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def remaining(self, at_most: float | None = None) -> float | None:
        """Seconds left, never below a millisecond, which a socket takes as its timeout."""
        if self._end is None:
            return at_most
        left = max(self._end - time.monotonic(), 0.001)
        return left if at_most is None else min(left, at_most)

    @property
    def has_passed(self) -> bool:
        """True from the deadline on."""
        return self._end is not None and time.monotonic() >= self._end


class Dialer:
    """Makes connections to one endpoint; TLS sessions are resumed. Safe for several threads."""

    def __init__(self, endpoint: Endpoint, proxy: Proxy | None, *, server_name: str = "") -> None:
        self._endpoint = endpoint
        self._proxy = proxy
        self._server_name = server_name or endpoint.host
        self._session: tuple[ssl.SSLContext, ssl.SSLSession] | None = None

    def dial(self, context: ssl.SSLContext | None, deadline: Deadline) -> Connection:
        """A new connection; CONTEXT is None for http. Raises Unreachable in kubectl's words."""
        try:
            sock = self._connect(deadline)
            return Connection(sock if context is None else self._secure(sock, context, deadline))
        except OSError as error:
            if deadline.has_passed:
                raise timed_out(awaiting_headers=True) from error
            raise unreachable(error, self._endpoint.authority, self._server_name) from error

    def keep_session(self, connection: Connection) -> None:
        """Remember the TLS session, which TLS 1.3 sends after the first answer.

        A server takes a ticket more than once, and to copy a session costs as much as all else that
        the client does for an exec: one that served is kept.
        """
        sock = connection.sock
        if not isinstance(sock, ssl.SSLSocket) or sock.session_reused:
            return
        session = sock.session
        if session is not None:
            self._session = (sock.context, session)

    def _connect(self, deadline: Deadline) -> socket.socket:
        target = self._proxy or self._endpoint
        where: Any = (_encoded(target.host), target.port)
        sock = socket.create_connection(where, timeout=deadline.remaining(DIAL_SECONDS))
        try:
            _keep_alive(sock)
            if self._proxy and self._endpoint.scheme == "https":
                self._open_tunnel(sock, self._proxy)
        except BaseException:
            sock.close()
            raise
        return sock

    def _open_tunnel(self, sock: socket.socket, proxy: Proxy) -> None:
        """RFC 9110 section 9.3.6 CONNECT; the answer's headers end at the empty line."""
        host = f"[{self._endpoint.host}]" if ":" in self._endpoint.host else self._endpoint.host
        where = f"{host}:{self._endpoint.port}"
        extra = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
        sock.sendall(f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n{extra}\r\n".encode())
        try:
            with sock.makefile("rb") as reader:
                answer = read_head(reader)
        except BadAnswer as error:
            raise Unreachable(f"{PREFIX}malformed HTTP response from proxy") from error
        if answer.status != 200:
            raise Unreachable(
                f"{PREFIX}{answer.reason}", hint="The HTTP proxy refused to connect there."
            )

    def _secure(
        self, sock: socket.socket, context: ssl.SSLContext, deadline: Deadline
    ) -> ssl.SSLSocket:
        sock.settimeout(deadline.remaining(HANDSHAKE_SECONDS))
        known = self._session
        try:
            return context.wrap_socket(
                sock,
                server_hostname=_encoded(self._server_name),
                session=known[1] if known and known[0] is context else None,
            )
        except TimeoutError as error:
            sock.close()
            if deadline.has_passed:
                raise
            raise Unreachable(f"{PREFIX}net/http: TLS handshake timeout") from error
        except BaseException:
            sock.close()
            raise


def _encoded(host: str) -> str | bytes:
    """A host name for the socket module, which would import IDNA's tables (2 ms) for any text."""
    return host.encode() if host.isascii() else host


def _keep_alive(sock: socket.socket) -> None:
    """Notice a server that vanished: net.Dialer's KeepAlive of 30 s, and 45 s for unsent data."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_USER_TIMEOUT", 45000)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
