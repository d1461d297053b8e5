"""Requests to the API server over a pool of keep-alive connections, authenticated and retried.

Sources: client-go rest/with_retry.go (Retry-After), transport/round_trippers.go (headers); Go
net/http Transport (a request on a kept connection that was dropped is sent once more).
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from kubectl_hosts.cluster.connection import (
    PREFIX,
    SWITCHING_PROTOCOLS,
    BadAnswer,
    Deadline,
    make_context,
    say_on_terminal,
    timed_out,
    unreachable,
)
from kubectl_hosts.errors import HostsError, Unreachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from http.client import HTTPResponse
    from typing import Protocol

    from kubectl_hosts.cluster.access import Endpoint
    from kubectl_hosts.cluster.connection import Connection
    from kubectl_hosts.cluster.credentials import Certificate, Credentials, Header
    from kubectl_hosts.model.fields import Json

    class Dials(Protocol):
        """What makes connections: `connection.Dialer`, or a `kubectl.KubectlProxy`."""

        relays: bool
        """Something in between answers where the API server cannot be asked."""

        def dial(self, context: ssl.SSLContext | None, deadline: Deadline) -> Connection:
            """A new connection. Raises Unreachable, or HostsError in kubectl's words."""
            ...

        def keep_session(self, connection: Connection) -> None:
            """CONNECTION has served: its TLS session may be used again."""
            ...

        def close(self) -> None:
            """Nothing will be asked of it any more."""
            ...


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
        dialer: Dials,
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
            connection, response = self._exchange(path, deadline, headers, tells=True)
            body = self._read(connection, response, deadline)
            self._release(connection, response)
            wait = _retry_after(response)
            if wait is None or deadline.has_passed:
                break
            if wait:
                say_on_terminal(f"the API server asks to wait for {wait:g} s")
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
            return Upgraded(connection, response.getheader("Sec-WebSocket-Protocol", ""))
        body = self._read(connection, response, deadline)
        self._release(connection, response)
        return Answer(response.status, body)

    def close(self) -> None:
        """Close every idle connection; the next request opens new ones."""
        self._drop_idle()
        self._dialer.close()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _exchange(
        self, path: str, deadline: Deadline, headers: Sequence[Header], *, tells: bool = False
    ) -> tuple[Connection, HTTPResponse]:
        """Send, and read the answer's head; a 401 is tried once more with renewed credentials."""
        connection, response = self._send(path, deadline, headers, tells=tells)
        if response.status == 401 and self._renew():
            self._read(connection, response, deadline)
            self._release(connection, response)
            self._drop_idle()
            connection, response = self._send(path, deadline, headers, tells=tells)
        return connection, response

    def _renew(self) -> bool:
        return self._credentials is not None and self._credentials.renew()

    def _send(
        self, path: str, deadline: Deadline, headers: Sequence[Header], *, tells: bool
    ) -> tuple[Connection, HTTPResponse]:
        host = ("Host", self._endpoint.authority)
        while True:
            connection = self._acquire(deadline)
            try:
                sent = (host, *self._authorization(), *self._headers, *headers)
                target = self._target_prefix + path
                return connection, connection.ask(target, sent, deadline, tells=tells)
            except ValueError as error:
                connection.close()
                raise HostsError(
                    f'{PREFIX}net/http: invalid header field value for "{error}"',
                    hint="A token, user or group with a line break in it cannot be sent.",
                ) from error
            except (BadAnswer, OSError) as error:
                connection.close()
                dropped = isinstance(error, ConnectionError)
                if dropped and connection.reused and not deadline.has_passed:
                    continue
                raise self._failed(error, deadline) from error
            except BaseException:
                connection.close()
                raise

    def _authorization(self) -> tuple[Header, ...]:
        value = self._credentials.authorization() if self._credentials else ""
        return (("Authorization", value),) if value else ()

    def _read(self, connection: Connection, response: HTTPResponse, deadline: Deadline) -> bytes:
        try:
            body = connection.read_body(response)
        except (BadAnswer, OSError) as error:
            connection.close()
            raise self._failed(error, deadline) from error
        if self._dialer.relays and response.status >= 500 and not response.getheader("Audit-Id"):
            # Not the API server's, which marks each of its answers: kubectl proxy could not ask it.
            connection.close()
            words = body[:2048].decode(errors="replace").strip()
            raise Unreachable(
                PREFIX + words, hint="kubectl proxy says so, which was asked for this."
            )
        return body

    def _failed(self, error: BadAnswer | OSError, deadline: Deadline) -> Unreachable:
        if isinstance(error, TimeoutError) and deadline.has_passed:
            return timed_out(awaiting_headers=False)
        if isinstance(error, BadAnswer):
            hint = (
                "A proxy in between may have answered; `kubectl cluster-info` takes the same way."
            )
            return Unreachable(f"{PREFIX}{error}", hint=hint)
        return unreachable(error, self._endpoint.authority, self._endpoint.host)

    def _acquire(self, deadline: Deadline) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._dialer.dial(self._tls_context(), deadline)

    def _release(self, connection: Connection, response: HTTPResponse) -> None:
        if not connection.reused:
            self._dialer.keep_session(connection)
            connection.reused = True
        if response.will_close:
            connection.close()
            return
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


def _retry_after(response: HTTPResponse) -> float | None:
    """Seconds to wait before the same request, or None when the answer stands."""
    asked = response.getheader("Retry-After", "")
    if asked.isdecimal() and len(asked) < 10 and (response.status == 429 or response.status >= 500):
        return min(float(asked), _LONGEST_WAIT)
    return None
