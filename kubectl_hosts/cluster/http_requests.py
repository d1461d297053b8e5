"""Requests to the API server over a pool of keep-alive connections, authenticated and retried.

Sources: client-go rest/with_retry.go (Retry-After), transport/round_trippers.go (headers); Go
net/http Transport (a request on a kept connection that was dropped is sent once more).
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from kubectl_hosts.cluster.dial import Deadline
from kubectl_hosts.cluster.dial_errors import PREFIX, timed_out, unreachable
from kubectl_hosts.cluster.http_wire import SWITCHING_PROTOCOLS, BadAnswer, NoAnswer
from kubectl_hosts.cluster.tls import make_context
from kubectl_hosts.errors import HostsError, Unreachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from kubectl_hosts.cluster.credentials import Certificate, Credentials, Header
    from kubectl_hosts.cluster.dial import Dialer
    from kubectl_hosts.cluster.endpoint import Endpoint
    from kubectl_hosts.cluster.http_wire import Connection, Response
    from kubectl_hosts.model.fields import Json

# with_retry.go: 429 and 5xx that carry Retry-After, at most ten times.
_RETRIES = 10
_LONGEST_WAIT = 30.0


class Answer(NamedTuple):
    """An HTTP answer, its body read whole."""

    status: int
    body: bytes


class Upgraded(NamedTuple):
    """A connection that now speaks the protocol that `subprotocol` names."""

    connection: Connection
    subprotocol: str


class Requests:
    """Sends requests as one user to one endpoint. Safe for several threads at once."""

    def __init__(
        self,
        endpoint: Endpoint,
        dialer: Dialer,
        credentials: Credentials | None,
        *,
        cluster: Json,
        headers: Sequence[Header] = (),
        target_prefix: str = "",
    ) -> None:
        self._endpoint = endpoint
        self._dialer = dialer
        self._credentials = credentials
        self._cluster = cluster
        self._headers = tuple(headers)
        self._target_prefix = quote(target_prefix + endpoint.prefix, safe="/:[]%")
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._tls: tuple[Certificate | None, ssl.SSLContext] | None = None

    def get(
        self, path: str, *, seconds: float | None = None, headers: Sequence[Header] = ()
    ) -> Answer:
        """GET; every status but 401 and a wanted retry is an answer. Raises Unreachable."""
        deadline = Deadline(seconds)
        for _ in range(_RETRIES):
            connection, response = self._exchange(path, deadline, headers)
            body = self._read(connection, response, deadline)
            self._release(connection, response)
            wait = _retry_after(response)
            if wait is None or deadline.has_passed:
                break
            time.sleep(deadline.remaining(wait) or 0.0)
        return Answer(response.status, body)

    def upgrade(self, path: str, protocols: str, deadline: Deadline) -> Upgraded | Answer:
        """Ask for a websocket (RFC 6455 section 4.1); an Answer is a no. Raises Unreachable."""
        import base64  # noqa: PLC0415
        import os  # noqa: PLC0415

        headers = (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", base64.b64encode(os.urandom(16)).decode()),
            ("Sec-WebSocket-Protocol", protocols),
        )
        connection, response = self._exchange(path, deadline, headers)
        if response.status == SWITCHING_PROTOCOLS:
            self._dialer.keep_session(connection)
            chosen = response.headers.get("sec-websocket-protocol", "")
            return Upgraded(connection, chosen)
        body = self._read(connection, response, deadline)
        self._release(connection, response)
        return Answer(response.status, body)

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _exchange(
        self, path: str, deadline: Deadline, headers: Sequence[Header]
    ) -> tuple[Connection, Response]:
        """Send, and read the answer's head; a 401 is tried once more with renewed credentials."""
        connection, response = self._send(path, deadline, headers)
        if response.status == 401 and self._renew():
            self._read(connection, response, deadline)
            self._release(connection, response)
            self.close()
            connection, response = self._send(path, deadline, headers)
        return connection, response

    def _renew(self) -> bool:
        return self._credentials is not None and self._credentials.renew()

    def _send(
        self, path: str, deadline: Deadline, headers: Sequence[Header]
    ) -> tuple[Connection, Response]:
        while True:
            connection = self._acquire(deadline)
            try:
                return connection, self._send_on(connection, path, deadline, headers)
            except (BadAnswer, OSError) as error:
                connection.close()
                dropped = isinstance(error, ConnectionError)
                if dropped and connection.reused and not deadline.has_passed:
                    continue
                raise self._failed(error, deadline) from error
            except BaseException:
                connection.close()
                raise

    def _send_on(
        self, connection: Connection, path: str, deadline: Deadline, headers: Sequence[Header]
    ) -> Response:
        host = ("Host", self._endpoint.authority)
        connection.sock.settimeout(deadline.remaining())
        try:
            connection.send(
                self._target_prefix + path,
                (host, *self._authorization(), *self._headers, *headers),
            )
        except ValueError as error:
            raise HostsError(
                f'{PREFIX}net/http: invalid header field value for "{error}"',
                hint="A token, user or group with a line break in it cannot be sent.",
            ) from error
        return connection.receive()

    def _authorization(self) -> tuple[Header, ...]:
        value = self._credentials.authorization() if self._credentials else ""
        return (("Authorization", value),) if value else ()

    def _read(self, connection: Connection, response: Response, deadline: Deadline) -> bytes:
        try:
            body = response.read()
            if response.headers.get("content-encoding") == "gzip":
                import gzip  # noqa: PLC0415  lists only

                body = gzip.decompress(body)
        except (BadAnswer, OSError, EOFError) as error:
            connection.close()
            raise self._failed(error, deadline) from error
        return body

    def _failed(self, error: Exception, deadline: Deadline) -> Unreachable:
        if isinstance(error, TimeoutError) and deadline.has_passed:
            return timed_out(awaiting_headers=False)
        if isinstance(error, NoAnswer) or not isinstance(error, OSError):
            why = "EOF" if isinstance(error, NoAnswer) else str(error)
            return Unreachable(PREFIX + why, hint="The server closed the connection; try again.")
        return unreachable(error, self._endpoint.authority, self._endpoint.host)

    def _acquire(self, deadline: Deadline) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._dialer.dial(self._tls_context(), deadline)

    def _release(self, connection: Connection, response: Response) -> None:
        if response.will_close:
            connection.close()
            return
        if not connection.reused:
            self._dialer.keep_session(connection)
            connection.reused = True
        with self._lock:
            self._idle.append(connection)

    def _tls_context(self) -> ssl.SSLContext | None:
        """One context for all threads, made anew where a plugin rotated the certificate."""
        if self._endpoint.scheme != "https":
            return None
        certificate = self._credentials.certificate() if self._credentials else None
        with self._lock:
            if self._tls is None or self._tls[0] != certificate:
                self._tls = (certificate, make_context(self._cluster, certificate))
            return self._tls[1]


def _retry_after(response: Response) -> float | None:
    """Seconds to wait before the same request, or None when the answer stands."""
    asked = response.headers.get("retry-after", "")
    if asked.isdecimal() and (response.status == 429 or response.status >= 500):
        return min(float(asked), _LONGEST_WAIT)
    return None
